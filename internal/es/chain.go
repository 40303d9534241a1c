package es

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// ChainHash is a link of an organisation's chain.
type ChainHash [sha256.Size]byte

func (h ChainHash) String() string { return base64.RawStdEncoding.EncodeToString(h[:]) }

var hashText = base64.RawStdEncoding.Strict() //nolint:gochecknoglobals // one text for one hash

// ParseHash reads what String wrote.
func ParseHash(s []byte) (h ChainHash, err error) {
	if len(s) != base64.RawStdEncoding.EncodedLen(len(h)) {
		return h, fmt.Errorf("chain hash of %d characters", len(s))
	}
	n, err := hashText.Decode(h[:], s)
	if err == nil && n != len(h) { // line breaks are skipped by the decoder
		err = fmt.Errorf("chain hash of %d bytes", n)
	}
	return h, err
}

// Link is SHA-256 over the previous link and, each with its length before it (uint32, big endian): id, type,
// organisation, subject, oseq, time (µs), actor kind and id, command id, correlation id, causation id, stored data, and then the
// origin if there is one (older events have none; without it the link is as before).
// Epoch, pseq and offset stay out: they change when a log is copied to another topic. buf is scratch and may be nil.
func Link(prev ChainHash, e *Event, buf []byte) (ChainHash, []byte) {
	b := append(buf[:0], prev[:]...)
	b = appendSized(b, e.ID[:])
	b = appendSized(b, []byte(e.Type))
	b = appendSized(b, e.Org[:])
	b = appendSized(b, []byte(e.Subject))
	b = binary.BigEndian.AppendUint32(b, 8)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Oseq))
	b = binary.BigEndian.AppendUint32(b, 8)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time.UnixMicro()))
	b = appendSized(b, []byte(e.Actor.Kind))
	b = appendSized(b, []byte(e.Actor.ID))
	b = appendSized(b, e.CommandID[:])
	b = appendSized(b, e.CorrelationID[:])
	b = appendSized(b, e.CausationID[:])
	b = appendSized(b, e.Data)
	if e.Origin != "" { // unambiguous: one more field, after the last
		b = appendSized(b, []byte(e.Origin))
	}
	return sha256.Sum256(b), b
}

func appendSized(b, v []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
}
