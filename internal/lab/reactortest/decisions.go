package reactortest

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// decisions are what an organisation has decided in memory, by the product's own code.
type decisions struct {
	org     uuid.UUID
	state   es.State
	log     []*es.Event
	answers map[uuid.UUID]es.Answer
}

func newDecisions() decisions {
	org := es.NewID()
	return decisions{org: org, state: commands.Domain().New(org), answers: map[uuid.UUID]es.Answer{}}
}

// decide answers a command as an owner would; one that was answered has the same answer again. Show is told of its events.
func (d *decisions) decide(c *es.Command, now time.Time, show func([]*es.Event) error) (es.Answer, error) {
	if a, known := d.answers[c.ID]; known {
		return a, nil
	}
	c.Time = now
	a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
	out, err := d.state.Decide(c)
	if refused := (*es.Refusal)(nil); errors.As(err, &refused) {
		a.Outcome, a.Code = es.Refused, refused.Code
		a.Detail, err = json.Marshal(refused.Detail)
	}
	if err != nil {
		return a, err
	}
	before := len(d.log)
	for _, p := range out {
		if err := d.record(c, p, now); err != nil {
			return a, err
		}
		if q, ok := p.(events.QuotaRefused); ok {
			code, detail := q.RefusalAnswer()
			a.Outcome, a.Code = es.Refused, code
			if a.Detail, err = json.Marshal(detail); err != nil {
				return a, err
			}
		}
	}
	switch {
	case a.Outcome != es.Accepted:
	case len(out) == 0:
		a.Outcome = es.Noop
	default:
		a.Subject = out[0].AggregateID()
	}
	d.answers[c.ID] = a
	if show == nil || len(out) == 0 {
		return a, nil
	}
	return a, show(d.log[before:])
}

// record puts an event into the log, as the log has it.
func (d *decisions) record(c *es.Command, p es.Payload, now time.Time) error {
	data, err := es.Marshal(p)
	if err != nil {
		return err
	}
	n := int64(len(d.log) + 1)
	e := &es.Event{ID: es.NewID(), Org: d.org, Type: p.EventType(), Subject: p.AggregateID(), Oseq: n, Pseq: n, Time: now, Data: data, Actor: c.Actor, CorrelationID: c.CorrelationID, CommandID: c.ID}
	if e.Payload, err = projections.Decode(e.Type, data); err != nil {
		return err
	}
	d.log = append(d.log, e)
	d.state.Apply(e)
	return nil
}
