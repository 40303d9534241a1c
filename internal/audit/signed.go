package audit

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// What is signed begins with what it is, so that no signature can be taken for one of another kind.
const (
	domainCheckpoint = "outrider.audit.checkpoint.v1"
	domainStart      = "outrider.audit.start.v1"
	domainHead       = "outrider.audit.head.v1"
)

// Signature says which key has signed.
type Signature struct {
	Key   string // id
	Bytes []byte
}

// Checkpoint says, signed, what an organisation's chain was at one of its events. Previous is the oseq of the checkpoint
// before, 0 at first: none can be left out without a trace.
type Checkpoint struct {
	Org      uuid.UUID
	Oseq     int64
	Chain    es.Hash
	Time     time.Time // of signing, µs
	Previous int64
	Signature
}

// Sign signs it with the ring's newest key.
func (c *Checkpoint) Sign(k *Keyring) {
	c.Time = c.Time.UTC().Truncate(time.Microsecond)
	c.Key = k.current.ID
	c.Bytes = k.sign(c.message())
}

// Verify says whether one of keys has signed it.
func (c *Checkpoint) Verify(keys Keys) error { return keys.verify(c.Key, c.message(), c.Bytes) }

func (c *Checkpoint) message() []byte {
	return message(domainCheckpoint).bytes(c.Org[:]).int(c.Oseq).bytes(c.Chain[:]).time(c.Time).int(c.Previous).text(c.Key)
}

// Start is the first line of an export: it begins behind the event After, where the chain was Chain.
type Start struct {
	Org   uuid.UUID
	After int64
	Chain es.Hash
	Time  time.Time
	Signature
}

func (s *Start) message() []byte {
	return message(domainStart).bytes(s.Org[:]).int(s.After).bytes(s.Chain[:]).time(s.Time).text(s.Key)
}

// Head is the last line of an export: what it holds, signed when it was complete.
type Head struct {
	Org         uuid.UUID
	First, Last int64 // oseq of the first and the last event; Last = First - 1 when there is none
	Events      int64
	Checkpoints int64
	Chain       es.Hash // at Last
	Digest      es.Hash // SHA-256 of all lines before
	Time        time.Time
	Signature
}

func (h *Head) message() []byte {
	return message(domainHead).bytes(h.Org[:]).int(h.First).int(h.Last).int(h.Events).int(h.Checkpoints).bytes(h.Chain[:]).bytes(h.Digest[:]).time(h.Time).text(h.Key)
}

// signing builds what is signed: each part with its length before it (uint32, big endian), as in the chain.
type signing []byte

func message(domain string) signing { return signing(nil).text(domain) }

func (s signing) bytes(b []byte) signing {
	return append(binary.BigEndian.AppendUint32(s, uint32(len(b))), b...)
}
func (s signing) text(t string) signing    { return s.bytes([]byte(t)) }
func (s signing) int(n int64) signing      { return s.bytes(binary.BigEndian.AppendUint64(nil, uint64(n))) }
func (s signing) time(t time.Time) signing { return s.int(t.UnixMicro()) }
