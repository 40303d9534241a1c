package react

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// Metadata of a message: the CloudEvents headers of the record under their own names, and where it was read.
const (
	metaPartition = "log_partition"
	metaOffset    = "log_offset"
)

// EventMessage is the message of an event: its uuid is the event's id, its payload the stored data.
func EventMessage(e *es.Event) *message.Message {
	m := newMessage(e.ID.String(), es.EventRecord(e.Partition, e))
	m.Metadata[metaPartition] = strconv.Itoa(int(e.Partition))
	m.Metadata[metaOffset] = strconv.FormatInt(e.Offset, 10)
	middleware.SetCorrelationID(e.CorrelationID.String(), m)
	return m
}

// eventKey is where the context of a message holds the event that it was made of.
type eventKey struct{}

// withEvent returns a context for the message of an event, from which EventOf takes it: it was parsed once already.
func withEvent(ctx context.Context, e *es.Event) context.Context {
	return context.WithValue(ctx, eventKey{}, e)
}

// EventOf returns the event of a message, without Payload. It is the caller's own to change.
func EventOf(m *message.Message) (*es.Event, error) {
	if known, ok := m.Context().Value(eventKey{}).(*es.Event); ok {
		e := *known
		e.Payload = nil
		return &e, nil
	}
	r := recordOf(m)
	p, err := strconv.ParseInt(m.Metadata[metaPartition], 10, 32)
	if err == nil {
		r.Partition = int32(p)
		r.Offset, err = strconv.ParseInt(m.Metadata[metaOffset], 10, 64)
	}
	if err != nil {
		return nil, fmt.Errorf("read message %s: %w", m.UUID, err)
	}
	entry, err := es.ParseLog(r)
	if err == nil && entry.Event == nil {
		err = fmt.Errorf("%w: not an event", es.ErrMalformed)
	}
	if err != nil {
		return nil, fmt.Errorf("read message %s: %w", m.UUID, err)
	}
	return entry.Event, nil
}

// CommandMessage is the message of a command, for Publisher.
func CommandMessage(c *es.Command) *message.Message {
	m := newMessage(c.ID.String(), es.CommandRecord(c.Partition, c))
	middleware.SetCorrelationID(c.CorrelationID.String(), m)
	return m
}

// CommandOf returns the command of a message.
func CommandOf(m *message.Message) (*es.Command, error) {
	c, err := es.ParseCommand(recordOf(m))
	if err != nil {
		return nil, fmt.Errorf("read message %s: %w", m.UUID, err)
	}
	return c, nil
}

// Command makes a command that a reactor sends because of an event. Its id follows from the event's, the reactor's name and the
// step, so that a reactor that sees the event again sends the same command. now is the edge's clock.
func Command(e *es.Event, reactor, step string, actor es.Actor, now time.Time, typ string, data []byte) *es.Command {
	return &es.Command{ID: es.DeriveID(e.ID, "react", reactor, step), Type: typ, Org: e.Org, Time: now.UTC().Truncate(time.Microsecond), Actor: actor,
		CorrelationID: e.CorrelationID, CausationID: e.ID, TraceParent: e.TraceParent, ReplyTo: -1, Data: data}
}

func newMessage(uuid string, r *kgo.Record) *message.Message {
	m := message.NewMessage(uuid, r.Value)
	for _, h := range r.Headers {
		m.Metadata[h.Key] = string(h.Value)
	}
	return m
}

func recordOf(m *message.Message) *kgo.Record {
	r := &kgo.Record{Value: m.Payload}
	for k, v := range m.Metadata {
		if strings.HasPrefix(k, "ce_") || k == "content-type" {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: k, Value: []byte(v)})
		}
	}
	return r
}
