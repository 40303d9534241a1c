package pii

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"outrider/internal/keyfile"
)

// keySize is that of AES-256, for every key of this package.
const keySize = 32

// Wrapper encrypts the root keys of organisations: a local master key, or a key management service. It is asked once for
// an organisation and process, so it may be slow. bound is authenticated, not stored.
type Wrapper interface {
	Wrap(ctx context.Context, key, bound []byte) ([]byte, error)
	Unwrap(ctx context.Context, wrapped, bound []byte) ([]byte, error)
}

// Master is a Wrapper that holds its key in memory.
type Master struct{ aead *subtle.AESGCM }

// NewMaster takes a random key of 32 bytes.
func NewMaster(key []byte) (*Master, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("use master key: it has %d bytes, want %d", len(key), keySize)
	}
	aead, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("use master key: %w", err)
	}
	return &Master{aead: aead}, nil
}

// ParseMaster reads a master key as `openssl rand -base64 32` prints it.
func ParseMaster(text string) (*Master, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("read master key: it is not base64") // without err, which quotes the key
	}
	return NewMaster(key)
}

// LoadMaster reads the master key at path. A missing file is created with a new key, readable by its owner only. Losing the
// file loses every person's data, so it belongs in the backup, apart from that of the database.
func LoadMaster(path string) (*Master, error) {
	text, err := keyfile.LoadOrCreate(path, func() (string, error) {
		key := make([]byte, keySize)
		rand.Read(key) // never fails
		return base64.StdEncoding.EncodeToString(key), nil
	})
	if err != nil {
		return nil, fmt.Errorf("load master key: %w", err)
	}
	return ParseMaster(text)
}

// Wrap implements Wrapper.
func (m *Master) Wrap(_ context.Context, key, bound []byte) ([]byte, error) {
	return m.aead.Encrypt(key, bound)
}

// Unwrap implements Wrapper.
func (m *Master) Unwrap(_ context.Context, wrapped, bound []byte) ([]byte, error) {
	return m.aead.Decrypt(wrapped, bound)
}
