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
	Chain    es.ChainHash
	Time     time.Time // of signing, µs
	Previous int64
	Signature
}

// Sign signs it with the ring's newest key.
func (c *Checkpoint) Sign(k *Keyring) {
	c.Time = c.Time.UTC().Truncate(time.Microsecond)
	c.Key = k.current.ID
	c.Bytes = k.signMessage(c.signedMessage())
}

// Verify returns an error unless one of keys has signed it.
func (c *Checkpoint) Verify(keys TrustedKeys) error {
	return keys.verifySignature(c.Key, c.signedMessage(), c.Bytes)
}

func (c *Checkpoint) signedMessage() []byte {
	return newMessage(domainCheckpoint).addBytes(c.Org[:]).addInt(c.Oseq).addBytes(c.Chain[:]).addTime(c.Time).addInt(c.Previous).addText(c.Key)
}

// Start is the first line of an export: it starts after the event After, where the chain was Chain.
type Start struct {
	Org   uuid.UUID
	After int64
	Chain es.ChainHash
	Time  time.Time
	Signature
}

func (s *Start) signedMessage() []byte {
	return newMessage(domainStart).addBytes(s.Org[:]).addInt(s.After).addBytes(s.Chain[:]).addTime(s.Time).addText(s.Key)
}

// Head is the last line of an export: what it holds, signed when it was complete.
type Head struct {
	Org         uuid.UUID
	First, Last int64 // oseq of the first and the last event; Last = First - 1 when there is none
	Events      int64
	Checkpoints int64
	Chain       es.ChainHash // at Last
	Digest      es.ChainHash // SHA-256 of all lines before
	Time        time.Time
	Signature
}

func (h *Head) signedMessage() []byte {
	return newMessage(domainHead).addBytes(h.Org[:]).addInt(h.First).addInt(h.Last).addInt(h.Events).addInt(h.Checkpoints).addBytes(h.Chain[:]).addBytes(h.Digest[:]).addTime(h.Time).addText(h.Key)
}

// messageBuilder builds what is signed: each part with its length before it (uint32, big endian), as in the chain.
type messageBuilder []byte

func newMessage(domain string) messageBuilder { return messageBuilder(nil).addText(domain) }

func (s messageBuilder) addBytes(b []byte) messageBuilder {
	return append(binary.BigEndian.AppendUint32(s, uint32(len(b))), b...)
}
func (s messageBuilder) addText(t string) messageBuilder { return s.addBytes([]byte(t)) }
func (s messageBuilder) addInt(n int64) messageBuilder {
	return s.addBytes(binary.BigEndian.AppendUint64(nil, uint64(n)))
}
func (s messageBuilder) addTime(t time.Time) messageBuilder { return s.addInt(t.UnixMicro()) }
