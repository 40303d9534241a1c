package es

import (
	"errors"
	"fmt"
	"strconv"
	"time"
	"unsafe"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Records follow the CloudEvents 1.0 Kafka protocol binding in binary mode: attributes are headers named "ce_" + name,
// the value is the data as JSON. Attributes that CloudEvents doesn't know are extensions: lower case, letters and digits.
const (
	hSpec        = "ce_specversion"
	hID          = "ce_id"
	hType        = "ce_type"
	hSource      = "ce_source"
	hSubject     = "ce_subject"
	hTime        = "ce_time"
	hContent     = "content-type"
	hTrace       = "ce_traceparent"
	hOrg         = "ce_org"
	hActorKind   = "ce_actorkind"
	hActorID     = "ce_actorid"
	hCommand     = "ce_commandid"
	hOffset      = "ce_commandoffset"
	hFingerprint = "ce_fingerprint"
	hCorrelation = "ce_correlationid"
	hCausation   = "ce_causationid"
	hEpoch       = "ce_epoch"
	hPseq        = "ce_pseq"
	hOseq        = "ce_oseq"
	hChain       = "ce_chain"
	hLast        = "ce_last"
	hReplyTo     = "ce_replyto"
)

// FenceType is the CloudEvents type of a fence; its id is the nonce.
const FenceType = "log.fence.v1"

const timeLayout = "2006-01-02T15:04:05.000000Z"

// ErrMalformed marks a record that is neither a fence nor an event: void for every reader.
var ErrMalformed = errors.New("malformed record")

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

func (h *headers) add(k string, v []byte) { h.out = append(h.out, kgo.RecordHeader{Key: k, Value: v}) }
func (h *headers) since(k string, at int) { h.add(k, h.buf[at:len(h.buf):len(h.buf)]) }
func (h *headers) text(k, v string) {
	at := len(h.buf)
	h.buf = append(h.buf, v...)
	h.since(k, at)
}
func (h *headers) int(k string, v int64) {
	at := len(h.buf)
	h.buf = strconv.AppendInt(h.buf, v, 10)
	h.since(k, at)
}
func (h *headers) uuid(k string, id uuid.UUID) {
	at := len(h.buf)
	h.buf = appendUUID(h.buf, id)
	h.since(k, at)
}
func (h *headers) time(k string, t time.Time) {
	at := len(h.buf)
	h.buf = t.UTC().AppendFormat(h.buf, timeLayout)
	h.since(k, at)
}
func (h *headers) fingerprint(v uint64) {
	if v != 0 {
		at := len(h.buf)
		h.buf = strconv.AppendUint(h.buf, v, 16)
		h.since(hFingerprint, at)
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
	h.add(hSpec, valSpec)
	h.uuid(hID, nonce)
	h.add(hType, valFence)
	h.add(hSource, valSource)
	h.time(hTime, at)
	h.int(hEpoch, epoch)
	return &kgo.Record{Partition: partition, Headers: h.out}
}

// EventRecord is the record of an event.
func EventRecord(partition int32, e *Event) *kgo.Record {
	h := headers{buf: make([]byte, 0, 512), out: make([]kgo.RecordHeader, 0, 21)}
	h.add(hSpec, valSpec)
	h.uuid(hID, e.ID)
	h.text(hType, e.Type)
	h.add(hSource, valSource)
	h.text(hSubject, e.Subject)
	h.time(hTime, e.Time)
	h.add(hContent, valContent)
	h.uuid(hOrg, e.Org)
	key := h.out[len(h.out)-1].Value
	h.text(hActorKind, e.Actor.Kind)
	h.text(hActorID, e.Actor.ID)
	h.uuid(hCommand, e.CommandID)
	h.int(hOffset, e.CommandOffset)
	h.fingerprint(e.Fingerprint)
	h.uuid(hCorrelation, e.CorrelationID)
	h.uuid(hCausation, e.CausationID)
	if e.TraceParent != "" {
		h.text(hTrace, e.TraceParent)
	}
	h.int(hEpoch, e.Epoch)
	h.int(hPseq, e.Pseq)
	h.int(hOseq, e.Oseq)
	h.text(hChain, e.Chain.String())
	if e.Last {
		h.add(hLast, valTrue)
	}
	return &kgo.Record{Partition: partition, Key: key, Value: e.Data, Headers: h.out}
}

// CommandRecord is the record of a command.
func CommandRecord(partition int32, c *Command) *kgo.Record {
	h := headers{buf: make([]byte, 0, 384), out: make([]kgo.RecordHeader, 0, 15)}
	h.add(hSpec, valSpec)
	h.uuid(hID, c.ID)
	h.text(hType, c.Type)
	h.add(hSource, valSource)
	h.time(hTime, c.Time)
	h.add(hContent, valContent)
	h.uuid(hOrg, c.Org)
	key := h.out[len(h.out)-1].Value
	h.text(hActorKind, c.Actor.Kind)
	h.text(hActorID, c.Actor.ID)
	h.fingerprint(c.Fingerprint)
	h.uuid(hCorrelation, c.CorrelationID)
	h.uuid(hCausation, c.CausationID)
	if c.TraceParent != "" {
		h.text(hTrace, c.TraceParent)
	}
	if c.ReplyTo >= 0 {
		h.int(hReplyTo, int64(c.ReplyTo))
	}
	return &kgo.Record{Partition: partition, Key: key, Value: c.Data, Headers: h.out}
}

// attributes collects what the headers say; bad holds the first thing wrong.
type attributes struct {
	Event
	epoch, replyTo               bool
	pseq, oseq, org, cmd, t, chn bool
	reply                        int64
	id                           bool
	bad                          error
}

func (a *attributes) read(hs []kgo.RecordHeader) {
	for i := range hs {
		k, v := hs[i].Key, hs[i].Value
		var err error
		switch k {
		case hID:
			a.ID, err = uuid.ParseBytes(v)
			a.id = err == nil
		case hType:
			a.Type = string(v)
		case hSubject:
			a.Subject = string(v)
		case hTime:
			a.Time, err = parseTime(v)
			a.t = err == nil
		case hOrg:
			a.Org, err = uuid.ParseBytes(v)
			a.org = err == nil
		case hActorKind:
			a.Actor.Kind = internActor(v)
		case hActorID:
			a.Actor.ID = string(v)
		case hCommand:
			a.CommandID, err = uuid.ParseBytes(v)
			a.cmd = err == nil
		case hOffset:
			a.CommandOffset, err = parseInt(v)
		case hFingerprint:
			a.Fingerprint, err = strconv.ParseUint(view(v), 16, 64)
		case hCorrelation:
			a.CorrelationID, err = uuid.ParseBytes(v)
		case hCausation:
			a.CausationID, err = uuid.ParseBytes(v)
		case hTrace:
			a.TraceParent = string(v)
		case hEpoch:
			a.Epoch, err = parseInt(v)
			a.epoch = err == nil
		case hPseq:
			a.Pseq, err = parseInt(v)
			a.pseq = err == nil
		case hOseq:
			a.Oseq, err = parseInt(v)
			a.oseq = err == nil
		case hChain:
			a.Chain, err = ParseHash(v)
			a.chn = err == nil
		case hLast:
			a.Last = len(v) == 1 && v[0] == '1'
		case hReplyTo:
			a.reply, err = parseInt(v)
			a.replyTo = err == nil
		}
		if err != nil && a.bad == nil {
			a.bad = fmt.Errorf("%w: header %s: %q", ErrMalformed, k, v)
		}
	}
	if a.bad == nil && (!a.id || a.Type == "" || !a.t) {
		a.bad = fmt.Errorf("%w: without id, type or time", ErrMalformed)
	}
}

// ParseLog reads a record of the log. What it refuses is void for every reader, so what it refuses is part of the rule.
// It doesn't look at the data. The entry shares memory with the record.
func ParseLog(r *kgo.Record) (Entry, error) {
	var a attributes
	a.read(r.Headers)
	if a.bad != nil {
		return Entry{}, a.bad
	}
	if !a.epoch {
		return Entry{}, fmt.Errorf("%w: without epoch", ErrMalformed)
	}
	if a.Type == FenceType {
		return Entry{Fence: true, Epoch: a.Epoch, Nonce: a.ID}, nil
	}
	if !a.pseq || !a.oseq || !a.org || !a.cmd || !a.chn {
		return Entry{}, fmt.Errorf("%w: event without pseq, oseq, org, command id or chain", ErrMalformed)
	}
	e := a.Event
	e.Data, e.Partition, e.Offset = r.Value, r.Partition, r.Offset
	return Entry{Epoch: e.Epoch, Event: &e}, nil
}

// ParseCommand reads a record of commands.
func ParseCommand(r *kgo.Record) (*Command, error) {
	var a attributes
	a.read(r.Headers)
	if a.bad == nil && !a.org {
		a.bad = fmt.Errorf("%w: command without organisation", ErrMalformed)
	}
	if a.bad != nil {
		return nil, a.bad
	}
	c := &Command{ID: a.ID, Type: a.Type, Org: a.Org, Time: a.Time, Actor: a.Actor, Fingerprint: a.Fingerprint,
		CorrelationID: a.CorrelationID, CausationID: a.CausationID, TraceParent: a.TraceParent, ReplyTo: -1,
		Data: r.Value, Partition: r.Partition, Offset: r.Offset}
	if a.replyTo {
		c.ReplyTo = int32(a.reply)
	}
	return c, nil
}

// CommandTime reads only the time of a command; false when it has none.
func CommandTime(r *kgo.Record) (time.Time, bool) {
	for i := range r.Headers {
		if r.Headers[i].Key == hTime {
			t, err := parseTime(r.Headers[i].Value)
			return t, err == nil
		}
	}
	return time.Time{}, false
}

// view reads bytes as a string without a copy, for parsers that keep nothing.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func parseInt(b []byte) (int64, error) {
	if len(b) == 0 || len(b) > 18 {
		return 0, ErrMalformed
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, ErrMalformed
		}
		n = n*10 + int64(c-'0')
	}
	return n, nil
}

// parseTime reads timeLayout and nothing else; it is a third of time.Parse's cost, at every event read.
func parseTime(b []byte) (time.Time, error) {
	if len(b) != len(timeLayout) || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' || b[26] != 'Z' {
		return time.Time{}, ErrMalformed
	}
	var n [7]int64
	for i, at := range [7][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}, {20, 26}} {
		v, err := parseInt(b[at[0]:at[1]])
		if err != nil {
			return time.Time{}, err
		}
		n[i] = v
	}
	t := time.Date(int(n[0]), time.Month(n[1]), int(n[2]), int(n[3]), int(n[4]), int(n[5]), int(n[6])*1000, time.UTC)
	if t.Day() != int(n[2]) || t.Month() != time.Month(n[1]) || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return time.Time{}, ErrMalformed
	}
	return t, nil
}

func internActor(b []byte) string {
	switch string(b) {
	case ActorPerson:
		return ActorPerson
	case ActorAPIKey:
		return ActorAPIKey
	case ActorProvider:
		return ActorProvider
	case ActorClock:
		return ActorClock
	case ActorOperator:
		return ActorOperator
	}
	return string(b)
}
