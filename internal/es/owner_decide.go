package es

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// maxData bounds an event's data, in bytes: below Kafka's default message limit with room for headers.
const maxData = 900 << 10

// Command decides the next record of commands[p].
func (o *Owner) Command(r *kgo.Record) (s Step) {
	if !o.Owns() || r.Offset < o.next {
		return s
	}
	if r.Offset > o.next {
		o.cfg.Report("commands are missing; nobody was answered to them", "from", o.next, "to", r.Offset-1)
	}
	o.next = r.Offset + 1
	if !o.authentic(r) {
		return s
	}
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
		org = &organization{} // an ask creates nothing
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
	case !known && org.ids.mayHaveForgotten(c.Time):
		a = Answer{CommandID: c.ID, Outcome: Refused, Code: CodeStale, Time: c.Time, Partition: o.cfg.Partition, Pseq: o.pseq, Oseq: org.oseq}
	case !known:
		var events []*Event
		a, events = o.decideCommand(org, c)
		if o.over != "" {
			return Step{}
		}
		for _, e := range events {
			s.Append = append(s.Append, EventRecord(o.cfg.Partition, e))
		}
		o.sent = append(o.sent, s.Append...)
	}
	o.waiting = append(o.waiting, waitingReply{o.pseq, CommandReply{c.ReplyTo, a, c.Fingerprint, c.Type == AskType}})
	if o.pseq <= o.fold.Rule.Complete {
		s.Replies = o.releaseReplies()
	}
	return s
}

// decideCommand makes the events of a command, applies them and returns the answer.
func (o *Owner) decideCommand(org *organization, c *Command) (Answer, []*Event) {
	err := o.checkTime(c)
	if c.Time.Before(org.time) {
		c.Time = org.time
	}
	if o.cfg.Trace != nil {
		defer o.cfg.Trace(c)(nil)
	}
	var payloads []Payload
	var stored [][]byte
	if err == nil {
		payloads, stored, err = o.decideGuarded(org.state, c)
	}
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

// checkTime refuses a command that is too far ahead of our clock, and sets its time to ours, as the time of the refusal.
func (o *Owner) checkTime(c *Command) error {
	now := o.cfg.Now().UTC().Truncate(time.Microsecond)
	ahead := c.Time.Sub(now)
	if ahead <= MaxAhead {
		return nil
	}
	o.cfg.Report("a command is from the future; it is refused", "command", c.Type, "org", c.Org, "actor", c.Actor.Kind, "time", c.Time, "now", now)
	c.Time = now
	return Refuse(CodeAhead, map[string]any{"ahead_seconds": int64(ahead / time.Second)})
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

// decideGuarded keeps a fault in Decide, or in its events, from stopping a partition: it becomes a refusal.
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

// storeFacts returns the bytes of facts. Facts that no reader could decode must not get into the log: the first fact of each type is
// decoded to make sure.
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

// storableText makes valid text of a command's header or a refusal: text that can't be stored would stop the partition.
func storableText(s string) string {
	const most = 1 << 10
	return strings.ToValidUTF8(s[:min(len(s), most)], "\uFFFD")
}
