package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// label identifies what a snapshot was taken of.
type label struct {
	Code      string `json:"code"`     // version of the code that its state is of
	Topic     string `json:"topic"`    // of events
	TopicID   string `json:"topic_id"` // Kafka's: a topic that was recreated has another
	Partition int32  `json:"partition"`
	Anchor    Anchor `json:"anchor"`
}

// Anchor is the last record that a snapshot includes. If another record is at its offset, it is another log.
type Anchor struct {
	Offset int64  `json:"offset"` // -1 = none: nothing was read
	Sum    string `json:"sum"`    // SHA-256 of its content, hexadecimal
}

// AnchorAt returns the anchor of a record.
func AnchorAt(r *kgo.Record) Anchor {
	h := sha256.New()
	part := func(b []byte) {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
		h.Write(b)
	}
	part(r.Key)
	part(r.Value)
	for _, x := range r.Headers {
		part([]byte(x.Key))
		part(x.Value)
	}
	return Anchor{r.Offset, hex.EncodeToString(h.Sum(nil))}
}

// Check returns an error unless the record is the anchor.
func (a Anchor) Check(r *kgo.Record) error {
	if got := AnchorAt(r); got != a {
		return fmt.Errorf("the log has another record at offset %d than the snapshot rests on (found at %d)", a.Offset, r.Offset)
	}
	return nil
}
