package es

import (
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	valSpec    = []byte("1.0")              //nolint:gochecknoglobals // constant
	valContent = []byte("application/json") //nolint:gochecknoglobals // constant
	valTrue    = []byte("1")                //nolint:gochecknoglobals // constant
	valFence   = []byte(FenceType)          //nolint:gochecknoglobals // constant
	valSource  = []byte("/outrider")        //nolint:gochecknoglobals // constant
)

// headers builds header values in one buffer.
type headers struct {
	buf []byte
	out []kgo.RecordHeader
}

func (h *headers) addHeader(k string, v []byte) {
	h.out = append(h.out, kgo.RecordHeader{Key: k, Value: v})
}

func (h *headers) addBuffered(k string, at int) { h.addHeader(k, h.buf[at:len(h.buf):len(h.buf)]) }

func (h *headers) addText(k, v string) {
	at := len(h.buf)
	h.buf = append(h.buf, v...)
	h.addBuffered(k, at)
}

func (h *headers) addInt(k string, v int64) {
	at := len(h.buf)
	h.buf = strconv.AppendInt(h.buf, v, 10)
	h.addBuffered(k, at)
}

func (h *headers) addUUID(k string, id uuid.UUID) {
	at := len(h.buf)
	h.buf = appendUUID(h.buf, id)
	h.addBuffered(k, at)
}

func (h *headers) addTime(k string, t time.Time) {
	at := len(h.buf)
	h.buf = t.UTC().AppendFormat(h.buf, timeLayout)
	h.addBuffered(k, at)
}

func (h *headers) addFingerprint(v uint64) {
	if v != 0 {
		at := len(h.buf)
		h.buf = strconv.AppendUint(h.buf, v, 16)
		h.addBuffered(hFingerprint, at)
	}
}

func appendUUID(b []byte, id uuid.UUID) []byte {
	const digits = "0123456789abcdef"
	for i, x := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[x>>4], digits[x&15])
	}
	return b
}

// FenceRecord is the record that claims a partition.
func FenceRecord(partition int32, epoch int64, nonce uuid.UUID, at time.Time) *kgo.Record {
	h := headers{buf: make([]byte, 0, 96), out: make([]kgo.RecordHeader, 0, 7)}
	h.addHeader(hSpec, valSpec)
	h.addUUID(hID, nonce)
	h.addHeader(hType, valFence)
	h.addHeader(hSource, valSource)
	h.addTime(hTime, at)
	h.addInt(hEpoch, epoch)
	return &kgo.Record{Partition: partition, Headers: h.out}
}

// EventRecord is the record of an event.
func EventRecord(partition int32, e *Event) *kgo.Record {
	h := headers{buf: make([]byte, 0, 512), out: make([]kgo.RecordHeader, 0, 22)}
	h.addHeader(hSpec, valSpec)
	h.addUUID(hID, e.ID)
	h.addText(hType, e.Type)
	h.addHeader(hSource, valSource)
	h.addText(hSubject, e.Subject)
	h.addTime(hTime, e.Time)
	h.addHeader(hContent, valContent)
	h.addUUID(hOrg, e.Org)
	key := h.out[len(h.out)-1].Value
	h.addText(hActorKind, e.Actor.Kind)
	h.addText(hActorID, e.Actor.ID)
	h.addUUID(hCommand, e.CommandID)
	h.addInt(hOffset, e.CommandOffset)
	h.addFingerprint(e.Fingerprint)
	h.addUUID(hCorrelation, e.CorrelationID)
	h.addUUID(hCausation, e.CausationID)
	if e.TraceParent != "" {
		h.addText(hTrace, e.TraceParent)
	}
	if e.Origin != "" {
		h.addText(hOrigin, e.Origin)
	}
	h.addInt(hEpoch, e.Epoch)
	h.addInt(hPseq, e.Pseq)
	h.addInt(hOseq, e.Oseq)
	h.addText(hChain, e.Chain.String())
	if e.Last {
		h.addHeader(hLast, valTrue)
	}
	return &kgo.Record{Partition: partition, Key: key, Value: e.Data, Headers: h.out}
}

// CommandRecord is the record of a command.
func CommandRecord(partition int32, c *Command) *kgo.Record {
	h := headers{buf: make([]byte, 0, 384), out: make([]kgo.RecordHeader, 0, 16)}
	h.addHeader(hSpec, valSpec)
	h.addUUID(hID, c.ID)
	h.addText(hType, c.Type)
	h.addHeader(hSource, valSource)
	h.addTime(hTime, c.Time)
	h.addHeader(hContent, valContent)
	h.addUUID(hOrg, c.Org)
	key := h.out[len(h.out)-1].Value
	h.addText(hActorKind, c.Actor.Kind)
	h.addText(hActorID, c.Actor.ID)
	h.addFingerprint(c.Fingerprint)
	h.addUUID(hCorrelation, c.CorrelationID)
	h.addUUID(hCausation, c.CausationID)
	if c.TraceParent != "" {
		h.addText(hTrace, c.TraceParent)
	}
	if c.Origin != "" {
		h.addText(hOrigin, c.Origin)
	}
	if c.ReplyTo >= 0 {
		h.addInt(hReplyTo, int64(c.ReplyTo))
	}
	return &kgo.Record{Partition: partition, Key: key, Value: c.Data, Headers: h.out}
}
