package es

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kgo"
)

// maxData bounds an event's data, in bytes: below Kafka's default message limit with room for headers.
const maxData = 900 << 10

// Reply is an answer for somebody who waits.
type Reply struct {
	To          int32 // partition of replies
	Answer      Answer
	Fingerprint uint64 // of the record that is answered: one id may be asked with two
	Ask         bool   // it was an ask
}

// Step is what an owner wants done after an input, in this order. Append goes to events[p] as it is; the outcome comes
// back through Log, and a failure through Fail.
type Step struct {
	Append   []*kgo.Record
	Replies  []Reply
	Acquired bool // the partition is ours now: read commands from Start on
}

// OwnerConfig is what an owner is given.
type OwnerConfig struct {
	Partition  int32
	Partitions int32 // of commands and events; a command in the wrong partition is malformed
	Domain     Domain
	Nonce      func() uuid.UUID // new at every call
	Now        func() time.Time
	Report     func(what string, attrs ...any)    // something an operator should know; may be nil
	Trace      func(c *Command) (end func(error)) // called for each command that is decided; may change its TraceParent; may be nil
}

// Owner is one attempt to own one partition: it reads the log to its end, fences, and once the log shows the fence as
// counted, decides commands on a state that includes what is in flight. An answer leaves only when the log has shown
// all that it rests on, and only while the log's epoch is ours. When anything is doubtful it is over, to be thrown away
// and replaced by a new one. It does no I/O and is not safe for concurrent use.
type Owner struct {
	cfg     OwnerConfig
	fold    *Fold
	end     int64 // of the log when we began: we fence once we have read to it
	want    int64 // epoch of our outstanding fence; 0 = none
	nonce   uuid.UUID
	epoch   int64 // ours; 0 = not yet
	pseq    int64 // newest given out
	next    int64 // offset of the command expected next
	waiting []waiting
	due     dueHeap
	ticking map[uuid.UUID]tick
	over    string
	fatal   error
	decodes map[string]bool // types of events that were tried
	scratch []byte
}

type waiting struct {
	pseq  int64
	reply Reply
}

// NewOwner starts from a fold: empty, or from a snapshot of confirmed state.
func NewOwner(cfg OwnerConfig, from *Fold) *Owner {
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	return &Owner{cfg: cfg, fold: from, ticking: map[uuid.UUID]tick{}, decodes: map[string]bool{}}
}

// Begin takes where the log starts and ends now (next offset to be written).
func (o *Owner) Begin(start, end int64) Step {
	if start > o.fold.Next {
		o.stopFor(fmt.Errorf("%w: the log of partition %d begins at offset %d, but this owner knows it only up to %d", ErrLoss, o.cfg.Partition, start, o.fold.Next))
		return Step{}
	}
	if end < o.fold.Next {
		o.stopFor(fmt.Errorf("%w: the log of partition %d ends at offset %d, but its snapshot was taken at %d", ErrLoss, o.cfg.Partition, end, o.fold.Next))
		return Step{}
	}
	o.end = end
	return o.maybeFence()
}

func (o *Owner) maybeFence() (s Step) {
	if o.epoch == 0 && o.over == "" && o.fold.Next >= o.end && o.want <= o.fold.Rule.Epoch {
		o.want, o.nonce = o.fold.Rule.Epoch+1, o.cfg.Nonce()
		s.Append = []*kgo.Record{FenceRecord(o.cfg.Partition, o.want, o.nonce, o.cfg.Now())}
	}
	return s
}

// Log takes the next record of events[p].
func (o *Owner) Log(r *kgo.Record) (s Step) {
	switch {
	case o.over != "":
		return s
	case o.epoch == 0:
		return o.readBefore(r)
	}
	bad := o.fold.Malformed
	v, entry, _, err := o.fold.Gate.See(r)
	if o.fold.Malformed > bad {
		o.cfg.Report("malformed record in the log", "error", o.fold.LastBad)
	}
	switch {
	case err != nil:
		o.stopFor(err)
	case v == Fenced:
		o.stepDown("fenced by another owner at epoch " + strconv.FormatInt(o.fold.Rule.Epoch, 10))
	case v == Void && entry.Event != nil && entry.Epoch == o.epoch && entry.Event.Pseq > o.fold.Rule.Pseq:
		o.stepDown("our record with pseq " + strconv.FormatInt(entry.Event.Pseq, 10) + " is void")
	case v == Counted:
		s.Replies = o.releaseReplies()
	}
	return s
}

// readBefore is Log before the partition is ours.
func (o *Owner) readBefore(r *kgo.Record) Step {
	bad := o.fold.Malformed
	v, _, err := o.fold.See(r)
	if o.fold.Malformed > bad {
		o.cfg.Report("malformed record in the log", "error", o.fold.LastBad)
	}
	if err != nil {
		o.stopFor(err)
		return Step{}
	}
	if v == Fenced && o.fold.Rule.Epoch == o.want && o.fold.Rule.Owner == o.nonce {
		o.epoch, o.pseq, o.next = o.want, o.fold.Rule.Complete, o.fold.last.Offset+1
		for _, org := range o.fold.orgs {
			o.scheduleTick(org)
		}
		return Step{Acquired: true}
	}
	return o.maybeFence()
}

func (o *Owner) releaseReplies() (out []Reply) {
	n := 0
	for n < len(o.waiting) && o.waiting[n].pseq <= o.fold.Rule.Complete {
		if o.waiting[n].reply.To >= 0 {
			out = append(out, o.waiting[n].reply)
		}
		n++
	}
	o.waiting = o.waiting[n:]
	return out
}

// Start is the offset in commands to read from, and the newest complete command that the log knows: the caller compares
// the record there with it and calls Rewind when it is not that one.
func (o *Owner) Start() (offset int64, id uuid.UUID, at time.Time, known bool) {
	return o.next, o.fold.last.ID, o.fold.last.Time, o.fold.last.Offset >= 0
}

// Rewind sets the offset to read commands from, before the first of them.
func (o *Owner) Rewind(offset int64) { o.next = offset }

// Over returns why this owner is finished; empty while it is not. fatal is set when taking ownership again would not help.
func (o *Owner) Over() (why string, fatal error) { return o.over, o.fatal }

// Owns reports whether the partition is ours.
func (o *Owner) Owns() bool { return o.epoch != 0 && o.over == "" }

// Epoch is ours, 0 while the partition isn't.
func (o *Owner) Epoch() int64 { return o.epoch }

// Voids is the number of records that don't count in what was read, and Malformed how many of them can't be parsed.
func (o *Owner) Voids() (voids, malformed int64) { return o.fold.Rule.Voids, o.fold.Malformed }

// InFlight is the number of events that the log has not shown yet.
func (o *Owner) InFlight() int64 {
	if o.epoch == 0 {
		return 0
	}
	return o.pseq - o.fold.Rule.Complete
}

// Fail reports that an append may not have happened.
func (o *Owner) Fail(err error) { o.stepDown("append: " + err.Error()) }

// Leave ends the ownership for a reason of the caller's.
func (o *Owner) Leave(why string) { o.stepDown(why) }

func (o *Owner) stepDown(why string) {
	if o.over == "" {
		o.over, o.waiting = why, nil // what we decided may never have happened
	}
}

func (o *Owner) stopFor(err error) {
	o.stepDown(err.Error())
	o.fatal = err
}

// Command decides the next record of commands[p].
func (o *Owner) Command(r *kgo.Record) (s Step) {
	if !o.Owns() || r.Offset < o.next {
		return s
	}
	if r.Offset > o.next {
		o.cfg.Report("commands are missing; nobody was answered to them", "from", o.next, "to", r.Offset-1)
	}
	o.next = r.Offset + 1
	c, err := ParseCommand(r)
	if err == nil && PartitionOf(c.Org, o.cfg.Partitions) != o.cfg.Partition {
		err = fmt.Errorf("%w: organisation %s does not belong to this partition", ErrMalformed, c.Org)
	}
	if err != nil {
		o.cfg.Report("malformed record in commands", "offset", r.Offset, "error", err)
		return s
	}
	org := o.fold.orgs[c.Org]
	switch {
	case org == nil && c.Type == AskType:
		org = &organization{} // a question makes nothing
	case org == nil:
		org = o.fold.organizationOf(c.Org)
	}
	a, fingerprint, known := org.ids.answerTo(c.ID, o.cfg.Partition)
	switch {
	case c.Type == AskType && !known:
		a = Answer{CommandID: c.ID, Outcome: Unknown, Partition: o.cfg.Partition, Pseq: o.pseq, Oseq: org.oseq}
	case c.Type == AskType:
	case known && c.Fingerprint != fingerprint:
		a = Answer{CommandID: c.ID, Outcome: Refused, Code: CodeKeyReused, Partition: o.cfg.Partition, Pseq: o.pseq, Oseq: org.oseq}
	case !known:
		var events []*Event
		a, events = o.decideCommand(org, c)
		if o.over != "" {
			return Step{}
		}
		for _, e := range events {
			s.Append = append(s.Append, EventRecord(o.cfg.Partition, e))
		}
	}
	o.waiting = append(o.waiting, waiting{o.pseq, Reply{c.ReplyTo, a, c.Fingerprint, c.Type == AskType}})
	if o.pseq <= o.fold.Rule.Complete {
		s.Replies = o.releaseReplies()
	}
	return s
}

// decideCommand makes the events of a command, applies them and returns the answer.
func (o *Owner) decideCommand(org *organization, c *Command) (Answer, []*Event) {
	if c.Time.Before(org.time) {
		c.Time = org.time
	}
	if o.cfg.Trace != nil {
		defer o.cfg.Trace(c)(nil)
	}
	payloads, stored, err := o.decideGuarded(org.state, c)
	if err != nil {
		r := refusalOf(c, err)
		if RefusalCode(err) == "" {
			o.cfg.Report("command failed in Decide", "command", c.Type, "id", c.ID, "org", c.Org, "error", err)
		}
		payloads = []Payload{r}
		if stored, err = o.storeFacts(payloads); RefusalCode(err) == codeTooLarge {
			r.Detail = nil
			payloads = []Payload{r}
			stored, err = o.storeFacts(payloads)
		}
	} else if len(payloads) == 0 {
		payloads = []Payload{CommandNoop{Command: storableText(c.Type), Subject: c.Org.String()}}
		stored, err = o.storeFacts(payloads)
	}
	if err != nil {
		o.stopFor(fmt.Errorf("store the answer to command %s: %w", c.ID, err))
		return Answer{}, nil
	}
	events := make([]*Event, len(payloads))
	for i, p := range payloads {
		e := &Event{ID: DeriveID(c.ID, strconv.Itoa(i)), Type: p.EventType(), Org: c.Org, Subject: p.AggregateID(), Time: c.Time, Actor: c.Actor,
			CommandID: c.ID, CommandOffset: c.Offset, Fingerprint: c.Fingerprint, CorrelationID: c.CorrelationID, CausationID: c.CausationID, TraceParent: c.TraceParent, Origin: c.Origin,
			Epoch: o.epoch, Pseq: o.pseq + 1, Oseq: org.oseq + 1, Last: i == len(payloads)-1, Data: stored[i], Payload: p, Partition: o.cfg.Partition}
		e.Chain, o.scratch = Link(org.chain, e, o.scratch)
		o.pseq++
		org.applyEvent(e)
		events[i] = e
	}
	o.scheduleTick(org)
	a, err := o.answerOf(events)
	if err != nil {
		o.stopFor(fmt.Errorf("answer command %s: %w", c.ID, err))
		return a, nil
	}
	org.ids.addAnswer(&a, c.Fingerprint)
	return a, events
}

// answerOf returns what every reader will rebuild: details come from the stored form, which may differ from the decided one.
func (o *Owner) answerOf(events []*Event) (Answer, error) {
	last := len(events) - 1
	switch events[last].Payload.(type) {
	case Refusing, Answering:
		e := *events[last]
		p, err := o.cfg.Domain.Decode(e.Type, e.Data)
		if err != nil {
			return Answer{}, err
		}
		e.Payload = p
		events = append(append([]*Event(nil), events[:last]...), &e)
	}
	return AnswerOf(events)
}

// decideGuarded keeps a fault in Decide, or in what it gave, from stopping a partition: it becomes a refusal.
func (o *Owner) decideGuarded(s State, c *Command) (p []Payload, stored [][]byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decide %s: %v\n%s", c.Type, r, debug.Stack())
		}
	}()
	if p, err = s.Decide(c); err == nil {
		stored, err = o.storeFacts(p)
	}
	return p, stored, err
}

// storeFacts returns the bytes of facts. What no reader could decode must not get into the log: the first fact of each type is
// tried.
func (o *Owner) storeFacts(payloads []Payload) ([][]byte, error) {
	out := make([][]byte, len(payloads))
	for i, p := range payloads {
		b, err := Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("store %s: %w", p.EventType(), err)
		}
		if len(b) > maxData {
			return nil, Refuse(codeTooLarge, map[string]any{"bytes": len(b), "limit": maxData})
		}
		if t := p.EventType(); !o.decodes[t] {
			if _, err := o.cfg.Domain.Decode(t, b); err != nil {
				return nil, fmt.Errorf("decode %s: %w", t, err)
			}
			o.decodes[t] = true
		}
		out[i] = b
	}
	return out, nil
}

func refusalOf(c *Command, err error) CommandRefused {
	var r *Refusal
	if !errors.As(err, &r) {
		r = &Refusal{Code: CodeInternal}
	}
	e := CommandRefused{Code: storableText(r.Code), Command: storableText(c.Type), Subject: storableText(r.Subject)}
	if e.Subject == "" {
		e.Subject = c.Org.String()
	}
	if r.Detail != nil {
		if b, err := Marshal(r.Detail); err == nil {
			e.Detail = json.RawMessage(b)
		}
	}
	return e
}

// storableText makes text of what a command's header or a refusal says: what can't be stored would stop the partition.
func storableText(s string) string {
	const most = 1 << 10
	return strings.ToValidUTF8(s[:min(len(s), most)], "\uFFFD")
}
