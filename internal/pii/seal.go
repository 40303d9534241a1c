package pii

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// ErrUnreadable: a ciphertext was changed, or belongs to another organisation, subject or field.
var ErrUnreadable = errors.New("ciphertext does not belong here or was changed")

// Names of the fields that seals are bound to, for who writes and who reads them.
const (
	ProfileField     = "profile"     // of a lead
	SuppressionField = "suppression" // of a suppression; the subject is its id
	OriginField      = "origin"      // of a request: the address it came from; the subject is the actor
)

// KeyID tells the keys that one person has had apart. It is random and below 2^52, so every JSON reader keeps it exact.
type KeyID int64

// Ref names a person's key. After an erasure the same person gets a new KeyID, and the old Ref finds nothing for ever.
type Ref struct {
	Org, Subject uuid.UUID
	ID           KeyID
}

// Key is a person's data key. It lives in memory only.
type Key struct {
	Ref
	secret [keySize]byte
}

// Sealed is an encrypted value: AES-256-GCM, nonce || ciphertext || tag. It has the fields of events.Sealed, so that each converts
// to the other; the events import nothing from here.
type Sealed struct {
	K int64  `json:"k"` // the key's id
	C []byte `json:"c"` // base64 in JSON
}

// IsZero reports that nothing was sealed; `omitzero` in JSON tags uses it.
func (s Sealed) IsZero() bool { return s.K == 0 && len(s.C) == 0 }

// Seal encrypts plaintext and binds it to the key's organisation and subject and to field. One Sealed usually carries all
// fields of a person as one JSON object.
func (k Key) Seal(field string, plaintext []byte) (Sealed, error) {
	aead, err := subtle.NewAESGCM(k.secret[:])
	if err != nil {
		return Sealed{}, fmt.Errorf("seal %s: %w", field, err)
	}
	c, err := aead.Encrypt(plaintext, authenticatedData(k.Org, k.Subject, field))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal %s: %w", field, err)
	}
	return Sealed{K: int64(k.ID), C: c}, nil
}

// Open decrypts what Seal made with the same field. It fails with ErrUnreadable.
func (k Key) Open(field string, s Sealed) ([]byte, error) {
	if KeyID(s.K) != k.ID {
		return nil, fmt.Errorf("open %s: sealed with key %d, not %d: %w", field, s.K, k.ID, ErrUnreadable)
	}
	aead, err := subtle.NewAESGCM(k.secret[:])
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", field, err)
	}
	plaintext, err := aead.Decrypt(s.C, authenticatedData(k.Org, k.Subject, field))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", field, ErrUnreadable)
	}
	return plaintext, nil
}

// authenticatedData is the data that a ciphertext is authenticated with. Two ids of fixed length come first, so no two triples collide.
func authenticatedData(org, subject uuid.UUID, field string) []byte {
	b := make([]byte, 0, 32+len(field))
	b = append(b, org[:]...)
	b = append(b, subject[:]...)
	return append(b, field...)
}
