package aggregates

import (
	"crypto/sha256"
	"encoding/hex"

	"outrider/internal/es"
)

// Hash is a keyed hash of 128 bits.
type Hash [16]byte

// ParseHash reads 32 lower-case hex digits, the only form in events, so that equal hashes are equal text.
func ParseHash(s string) (h Hash, ok bool) {
	if len(s) != 2*len(h) {
		return h, false
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'F' {
			return h, false
		}
	}
	_, err := hex.Decode(h[:], []byte(s))
	return h, err == nil
}

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// hashOf is ParseHash for events, which Decide has checked.
func hashOf(s string) Hash {
	h, _ := ParseHash(s)
	return h
}

// digestOf returns what is kept of a value that is only ever compared.
func digestOf(v any) (d [sha256.Size]byte) {
	b, err := es.Marshal(v)
	if err != nil {
		return d
	}
	return sha256.Sum256(b)
}
