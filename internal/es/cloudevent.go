package es

import (
	"errors"
	"fmt"
	"math"
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
	hOrigin      = "ce_origin"
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

// attributes collects what the headers say; bad holds the first thing wrong.
type attributes struct {
	*Event
	seen    seen
	replyTo int64
	bad     error
}

// seen has a bit for each attribute that something can't do without.
type seen uint16

const (
	seenID seen = 1 << iota
	seenType
	seenTime
	seenOrg
	seenCommand
	seenEpoch
	seenPseq
	seenOseq
	seenChain
	seenReplyTo

	seenAny     = seenID | seenType | seenTime
	seenOfEvent = seenAny | seenOrg | seenCommand | seenEpoch | seenPseq | seenOseq | seenChain
)

func (a *attributes) readHeaders(hs []kgo.RecordHeader) {
	e := a.Event
	for i := range hs {
		v, ok := hs[i].Value, true
		switch hs[i].Key {
		case hID:
			e.ID, ok = parseUUID(v)
			a.seen |= seenID
		case hType:
			e.Type, ok = string(v), len(v) > 0
			a.seen |= seenType
		case hSubject:
			e.Subject = string(v)
		case hTime:
			e.Time, ok = parseTime(v)
			a.seen |= seenTime
		case hOrg:
			e.Org, ok = parseUUID(v)
			a.seen |= seenOrg
		case hActorKind:
			e.Actor.Kind = internActor(v)
		case hActorID:
			e.Actor.ID = string(v)
		case hCommand:
			e.CommandID, ok = parseUUID(v)
			a.seen |= seenCommand
		case hOffset:
			e.CommandOffset, ok = parseInt(v)
		case hFingerprint:
			var err error
			e.Fingerprint, err = strconv.ParseUint(unsafeString(v), 16, 64)
			ok = err == nil
		case hCorrelation:
			e.CorrelationID, ok = parseUUID(v)
		case hCausation:
			e.CausationID, ok = parseUUID(v)
		case hTrace:
			e.TraceParent = string(v)
		case hOrigin:
			e.Origin = string(v)
		case hEpoch:
			e.Epoch, ok = parseInt(v)
			a.seen |= seenEpoch
		case hPseq:
			e.Pseq, ok = parseInt(v)
			a.seen |= seenPseq
		case hOseq:
			e.Oseq, ok = parseInt(v)
			a.seen |= seenOseq
		case hChain:
			var err error
			e.Chain, err = ParseHash(v)
			ok = err == nil
			a.seen |= seenChain
		case hLast:
			e.Last = len(v) == 1 && v[0] == '1'
		case hReplyTo:
			a.replyTo, ok = parseInt(v)
			ok = ok && a.replyTo <= math.MaxInt32
			a.seen |= seenReplyTo
		}
		if !ok && a.bad == nil {
			a.bad = fmt.Errorf("%w: header %s: %.80q", ErrMalformed, hs[i].Key, v)
		}
	}
	if a.bad == nil && a.seen&seenAny != seenAny {
		a.bad = fmt.Errorf("%w: without id, type or time", ErrMalformed)
	}
}

// ParseLog reads a record of the log. What it refuses is void for every reader, so what it refuses is part of the rule:
// also epoch 0, which nobody ever owned. It doesn't look at the data. The entry shares memory with the record.
func ParseLog(r *kgo.Record) (Entry, error) {
	e := &Event{Data: r.Value, Partition: r.Partition, Offset: r.Offset}
	a := attributes{Event: e}
	a.readHeaders(r.Headers)
	switch {
	case a.bad != nil:
		return Entry{}, a.bad
	case a.seen&seenEpoch == 0 || e.Epoch == 0:
		return Entry{}, fmt.Errorf("%w: without epoch", ErrMalformed)
	case e.Type == FenceType:
		return Entry{Fence: true, Epoch: e.Epoch, Nonce: e.ID}, nil
	case a.seen&seenOfEvent != seenOfEvent:
		return Entry{}, fmt.Errorf("%w: event without pseq, oseq, org, command id or chain", ErrMalformed)
	}
	return Entry{Epoch: e.Epoch, Event: e}, nil
}

// ParseCommand reads a record of commands.
func ParseCommand(r *kgo.Record) (*Command, error) {
	var e Event
	a := attributes{Event: &e}
	a.readHeaders(r.Headers)
	if a.bad == nil && a.seen&seenOrg == 0 {
		a.bad = fmt.Errorf("%w: command without organisation", ErrMalformed)
	}
	if a.bad != nil {
		return nil, a.bad
	}
	c := &Command{ID: e.ID, Type: e.Type, Org: e.Org, Time: e.Time, Actor: e.Actor, Fingerprint: e.Fingerprint,
		CorrelationID: e.CorrelationID, CausationID: e.CausationID, TraceParent: e.TraceParent, Origin: e.Origin, ReplyTo: -1,
		Data: r.Value, Partition: r.Partition, Offset: r.Offset}
	if a.seen&seenReplyTo != 0 {
		c.ReplyTo = int32(a.replyTo)
	}
	return c, nil
}

// CommandTime reads only the time of a command; false when it has none.
func CommandTime(r *kgo.Record) (time.Time, bool) {
	for i := range r.Headers {
		if r.Headers[i].Key == hTime {
			return parseTime(r.Headers[i].Value)
		}
	}
	return time.Time{}, false
}

// unsafeString reads bytes as a string without a copy, for parsers that keep nothing.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// parseInt reads what fits into 18 decimal digits and is not negative.
func parseInt(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// parseUUID reads the 36 characters of RFC 9562 and none of the other forms that uuid.Parse knows.
func parseUUID(b []byte) (id uuid.UUID, ok bool) {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return id, false
	}
	at := 0
	for i := range id {
		if at == 8 || at == 13 || at == 18 || at == 23 {
			at++
		}
		h, l := hexValue[b[at]], hexValue[b[at+1]]
		if h|l > 15 {
			return uuid.UUID{}, false
		}
		id[i] = h<<4 | l
		at += 2
	}
	return id, true
}

// hexValue is 255 for what is no hexadecimal digit.
var hexValue = func() (t [256]byte) { //nolint:gochecknoglobals // a constant table
	for i := range t {
		t[i] = 255
	}
	for i := range byte(10) {
		t['0'+i] = i
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()

// parseTime reads timeLayout and nothing else; it is a third of time.Parse's cost, at every event read.
func parseTime(b []byte) (t time.Time, ok bool) {
	if len(b) != len(timeLayout) || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' || b[26] != 'Z' {
		return t, false
	}
	var n [7]int
	for i, at := range [7][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}, {20, 26}} {
		v, ok := parseInt(b[at[0]:at[1]])
		if !ok {
			return t, false
		}
		n[i] = int(v)
	}
	if n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return t, false
	}
	t = time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1000, time.UTC)
	return t, t.Day() == n[2] && t.Month() == time.Month(n[1])
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
