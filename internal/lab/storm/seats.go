package storm

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// TakeSeatType is the one command of the test domain.
const TakeSeatType = "seat.take.v1"

// SeatTaken and SeatPrinted are the two events of an accepted command; N counts an organisation's accepted commands.
type (
	SeatTaken struct {
		N int `json:"n"`
	}
	SeatPrinted struct {
		N int `json:"n"`
	}
)

// SoldOut is the code of the refusal.
const SoldOut = "sold_out"

func (SeatTaken) EventType() string     { return "seat.taken.v1" }
func (SeatTaken) AggregateID() string   { return "seats" }
func (SeatPrinted) EventType() string   { return "seat.printed.v1" }
func (SeatPrinted) AggregateID() string { return "seats" }

// Seats is a domain small enough to audit from outside: an organisation accepts quota commands, then refuses.
// Quota 0 never refuses.
func Seats(quota int) es.Domain {
	return es.Domain{New: func(uuid.UUID) es.State { return &seats{quota: quota} }, Decode: decodeCommand}
}

// TakeSeat is a command of that domain.
func TakeSeat(org uuid.UUID) *es.Command {
	id := es.NewID()
	return &es.Command{ID: id, Type: TakeSeatType, Org: org, Time: time.Now().UTC().Truncate(time.Microsecond),
		Actor: es.Actor{Kind: es.ActorAPIKey, ID: "storm"}, CorrelationID: id, CausationID: id, ReplyTo: -1, Data: []byte("{}")}
}

type seats struct{ quota, taken int }

func (s *seats) Decide(c *es.Command) ([]es.Payload, error) {
	switch {
	case c.Type != TakeSeatType:
		return nil, es.Refuse("unknown_command", nil)
	case s.quota > 0 && s.taken >= s.quota:
		return nil, es.Refuse(SoldOut, map[string]int{"limit": s.quota, "used": s.taken})
	}
	return []es.Payload{SeatTaken{s.taken + 1}, SeatPrinted{s.taken + 1}}, nil
}

func (s *seats) Apply(e *es.Event) {
	if p, ok := e.Payload.(SeatTaken); ok {
		s.taken = p.N
	}
}

func (s *seats) Due() time.Time { return time.Time{} }

func decodeCommand(eventType string, data []byte) (es.Payload, error) {
	switch eventType {
	case SeatTaken{}.EventType():
		return unmarshalSeats[SeatTaken](data)
	case SeatPrinted{}.EventType():
		return unmarshalSeats[SeatPrinted](data)
	case es.CommandRefused{}.EventType():
		return unmarshalSeats[es.CommandRefused](data)
	case es.CommandNoop{}.EventType():
		return unmarshalSeats[es.CommandNoop](data)
	}
	return nil, fmt.Errorf("unknown event type %q", eventType)
}

func unmarshalSeats[T es.Payload](data []byte) (es.Payload, error) {
	var v T
	err := es.Unmarshal(data, &v)
	return v, err
}
