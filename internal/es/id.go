package es

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/fnv"

	"github.com/google/uuid"
)

// SystemOrg is the reserved organisation that instance-wide facts (plans, flags) belong to.
var SystemOrg = uuid.MustParse("00000000-0000-8000-8000-000000000001") //nolint:gochecknoglobals // a constant

// NewID returns a UUIDv7 (RFC 9562), for ids that are made at the edge.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// DeriveID returns the UUIDv8 (RFC 9562) of SHA-256 over the parent id and the length-prefixed parts, for ids that are made
// inside Decide: a replay gives the same ids.
func DeriveID(parent uuid.UUID, parts ...string) uuid.UUID {
	h := sha256.New()
	h.Write(parent[:])
	var n [4]byte
	for _, p := range parts {
		binary.BigEndian.PutUint32(n[:], uint32(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	var sum [sha256.Size]byte
	return V8(h.Sum(sum[:0]))
}

// V8 makes a UUIDv8 of the first 16 bytes of a hash.
func V8(hash []byte) uuid.UUID {
	var id uuid.UUID
	copy(id[:], hash)
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// PartitionOf is the explicit partitioner of commands and events: FNV-1a (32 bit) of the organisation's 16 bytes, modulo n.
func PartitionOf(org uuid.UUID, n int32) int32 {
	h := fnv.New32a()
	h.Write(org[:])
	return int32(h.Sum32() % uint32(n))
}
