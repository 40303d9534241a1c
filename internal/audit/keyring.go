// Package audit signs what the log says of an organisation, and verifies it anywhere with the public keys alone.
package audit

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"outrider/internal/keyfile"
)

// PublicKey verifies what one key has signed. ID follows from the key: the first 8 bytes of its SHA-256, hexadecimal.
type PublicKey struct {
	ID  string
	Key ed25519.PublicKey
}

func publicKey(key ed25519.PublicKey) PublicKey {
	sum := sha256.Sum256(key)
	return PublicKey{hex.EncodeToString(sum[:8]), key}
}

// String returns base64 of the key's 32 bytes, as keys are passed around.
func (k PublicKey) String() string { return base64.StdEncoding.EncodeToString(k.Key) }

// TrustedKeys are those that a verifier trusts.
type TrustedKeys []PublicKey

// ParseKeys reads public keys, one in a line, base64; what stands before the last word of a line (an id, say) is for
// people. Lines that begin with # are skipped.
func ParseKeys(text string) (keys TrustedKeys, err error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(words[len(words)-1])
		if err != nil || len(raw) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("%.80q is no public key: want base64 of 32 bytes, as `outrider audit key` prints it", words[len(words)-1])
		}
		keys = append(keys, publicKey(raw))
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no public key")
	}
	return keys, nil
}

// errUnknownKey means that a signature can't be checked.
var errUnknownKey = errors.New("its key is not among those given")

func (k TrustedKeys) verifySignature(id string, message, signature []byte) error {
	for _, key := range k {
		if key.ID == id {
			if ed25519.Verify(key.Key, message, signature) {
				return nil
			}
			return errors.New("the signature doesn't fit")
		}
	}
	return fmt.Errorf("signed with key %.32q: %w", id, errUnknownKey)
}

// Keyring signs with its newest key, and knows the public ones of those before.
type Keyring struct {
	secret  ed25519.PrivateKey
	current PublicKey
	retired TrustedKeys
}

// Words of the key file: one key in a line, the secret one first, then what is left of older ones.
const (
	wordSecret  = "ed25519"
	wordRetired = "retired"
)

// LoadKeyring reads the keys at path; a missing file is created with a new one, readable by its owner only.
func LoadKeyring(path string) (*Keyring, error) {
	text, err := keyfile.LoadOrCreate(path, func() (string, error) {
		k, err := NewKeyring()
		if err != nil {
			return "", err
		}
		return k.formatKeys(), nil
	})
	if err != nil {
		return nil, fmt.Errorf("load audit key: %w", err)
	}
	k, err := parseKeyring(text)
	if err != nil {
		return nil, fmt.Errorf("load audit key: %s: %w", path, err) // err never quotes a secret
	}
	return k, nil
}

// NewKeyring makes a key that is not stored.
func NewKeyring() (*Keyring, error) {
	_, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make audit key: %w", err)
	}
	return newKeyring(secret, nil), nil
}

// RotateKeyring replaces the key at path by a new one. The old secret is gone; its public key is kept for what it signed.
func RotateKeyring(path string) (*Keyring, error) {
	old, err := LoadKeyring(path)
	if err != nil {
		return nil, err
	}
	k, err := NewKeyring()
	if err != nil {
		return nil, err
	}
	k.retired = old.Public()
	return k, keyfile.Replace(path, k.formatKeys())
}

// Public returns the public keys, the one that signs now first.
func (k *Keyring) Public() TrustedKeys { return append(TrustedKeys{k.current}, k.retired...) }

func (k *Keyring) signMessage(message []byte) []byte { return ed25519.Sign(k.secret, message) }

func newKeyring(secret ed25519.PrivateKey, retired TrustedKeys) *Keyring {
	public, _ := secret.Public().(ed25519.PublicKey)
	return &Keyring{secret, publicKey(public), retired}
}

func (k *Keyring) formatKeys() string {
	text := wordSecret + " " + base64.StdEncoding.EncodeToString(k.secret.Seed())
	for _, r := range k.retired {
		text += "\n" + wordRetired + " " + r.String()
	}
	return text
}

func parseKeyring(text string) (*Keyring, error) {
	first, rest, _ := strings.Cut(text, "\n")
	word, seed, _ := strings.Cut(first, " ")
	raw, err := base64.StdEncoding.DecodeString(seed)
	if word != wordSecret || err != nil || len(raw) != ed25519.SeedSize {
		return nil, errors.New("the first line is not what this program wrote")
	}
	k := newKeyring(ed25519.NewKeyFromSeed(raw), nil)
	if rest == "" {
		return k, nil
	}
	k.retired, err = ParseKeys(rest)
	return k, err
}
