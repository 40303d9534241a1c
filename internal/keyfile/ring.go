package keyfile

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrMissing says that there is no file of keys where one must be.
var ErrMissing = errors.New("the key file is missing")

// RingKey is a secret of 32 bytes with the id by which it is told from others. A ring has the newest first.
type RingKey struct {
	ID     string
	Secret []byte
}

const secretSize = 32

// NewSecret returns 32 random bytes.
func NewSecret() []byte {
	secret := make([]byte, secretSize)
	rand.Read(secret) // never fails
	return secret
}

// IDOf is the id of a secret that has no other: the first 4 bytes of its SHA-256, hexadecimal.
func IDOf(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:4])
}

// FormatRing returns a file's text: a line for each key, its id and base64 of the secret, the newest first.
func FormatRing(keys []RingKey) string {
	lines := make([]string, len(keys))
	for i, k := range keys {
		lines[i] = k.ID + " " + base64.StdEncoding.EncodeToString(k.Secret)
	}
	return strings.Join(lines, "\n")
}

// ParseRing reads a file's text. A line with nothing but base64, as `openssl rand -base64 32` prints it, gets the id that idOf gives it.
// Errors never quote a secret.
func ParseRing(text string, idOf func(secret []byte) string) (keys []RingKey, err error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) > 2 {
			return nil, fmt.Errorf("line %d has %d words, want an id and a key", len(keys)+1, len(words))
		}
		secret, err := base64.StdEncoding.DecodeString(words[len(words)-1])
		if err != nil {
			return nil, fmt.Errorf("the key in line %d is not base64", len(keys)+1)
		}
		if len(secret) != secretSize {
			return nil, fmt.Errorf("the key in line %d has %d bytes, want %d", len(keys)+1, len(secret), secretSize)
		}
		k := RingKey{Secret: secret}
		if len(words) == 2 {
			k.ID = words[0]
		} else {
			k.ID = idOf(secret)
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("it holds no key")
	}
	return keys, nil
}
