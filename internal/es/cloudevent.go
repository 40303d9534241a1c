package es

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

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

// ErrMalformed marks a record that is neither a fence nor an event: void for every reader.
var ErrMalformed = errors.New("malformed record")

// attributes collects the headers; bad holds the first thing wrong.
type attributes struct {
	*Event
	seen    seen
	replyTo int64
	bad     error
}

// seen has a bit for each required attribute.
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
	for i := range hs {
		if !a.readHeader(hs[i].Key, hs[i].Value) && a.bad == nil {
			a.bad = fmt.Errorf("%w: header %s: %.80q", ErrMalformed, hs[i].Key, hs[i].Value)
		}
	}
	if a.bad == nil && a.seen&seenAny != seenAny {
		a.bad = fmt.Errorf("%w: without id, type or time", ErrMalformed)
	}
}

// readHeader reports whether the value is well-formed; unknown headers are skipped.
func (a *attributes) readHeader(name string, v []byte) (ok bool) {
	e := a.Event
	ok = true
	switch name {
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
	default:
		return a.readSequenceHeader(name, v)
	}
	return ok
}

// readSequenceHeader reads an event's place in the log, and who waits for the answer to a command.
func (a *attributes) readSequenceHeader(name string, v []byte) (ok bool) {
	e := a.Event
	ok = true
	switch name {
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
	return ok
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
