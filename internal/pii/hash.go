package pii

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"sync"

	"github.com/google/uuid"
)

// Hash stands for a value of a person wherever values are only compared: HMAC-SHA-256 under the organisation's key, cut to
// 128 bits (RFC 2104 section 5). Equal in one organisation for equal values, unrelated across organisations, and of no
// use to who lacks the key. It outlives the erasure of the person, so that a suppression stays.
// As text and in JSON it is 32 lower-case hexadecimal digits.
type Hash [16]byte

// String returns the text form.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, h[:]), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(h) {
		return fmt.Errorf("read hash: %d characters, want 32", len(text))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return fmt.Errorf("read hash: %w", err)
	}
	return nil
}

// Hasher makes the keyed hashes of one organisation. It may be used by several goroutines.
type Hasher struct {
	key  []byte
	macs sync.Pool // of *keyedHash: a MAC that is reset doesn't take in the key again
}

// keyedHash is a MAC under a key, and room for what it is given and gives.
type keyedHash struct {
	mac hash.Hash
	in  []byte
	out [sha256.Size]byte
}

// AddressHash takes a normalised address.
func (h *Hasher) AddressHash(address string) Hash {
	sum := h.hashOf("address", []byte(address))
	return Hash(sum[:16])
}

// DomainHash takes a normalised domain.
func (h *Hasher) DomainHash(domain string) Hash {
	sum := h.hashOf("domain", []byte(domain))
	return Hash(sum[:16])
}

// LeadID is the id that a lead of this address gets: the same however often it is imported, a UUIDv8 (RFC 9562).
func (h *Hasher) LeadID(address string) uuid.UUID {
	sum := h.hashOf("lead", []byte(address))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Fingerprint reports whether data changed, without keeping or revealing it.
func (h *Hasher) Fingerprint(data []byte) uint64 {
	sum := h.hashOf("fingerprint", data)
	return binary.BigEndian.Uint64(sum[:])
}

// hashOf separates the kinds, so that a domain's hash says nothing about an address of the same text.
func (h *Hasher) hashOf(kind string, value []byte) [sha256.Size]byte {
	k, ok := h.macs.Get().(*keyedHash)
	if !ok {
		k = &keyedHash{mac: hmac.New(sha256.New, h.key)}
	}
	defer h.macs.Put(k)
	k.mac.Reset()
	k.in = append(append(append(k.in[:0], kind...), 0), value...)
	k.mac.Write(k.in)
	clear(k.in)
	k.mac.Sum(k.out[:0])
	return k.out
}
