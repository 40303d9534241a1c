package es

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// The model's domain: an organisation has places; a command takes one or more, one event each, or is refused. Two
// versions of its code decide differently.

type placeTaken struct {
	Org string `json:"org"`
}

func (placeTaken) EventType() string     { return "place.taken.v1" }
func (e placeTaken) AggregateID() string { return e.Org }

func takeType(places int, refusedBy byte) string {
	if refusedBy == 0 {
		refusedBy = '-'
	}
	return fmt.Sprintf("place.take%d%c.v1", places, refusedBy)
}

type quotaState struct {
	org     string
	used    int
	quota   int
	version byte
}

func (s *quotaState) clone() *quotaState { c := *s; return &c }

func (s *quotaState) Decide(c *Command) ([]Payload, error) {
	places, refusedBy := int(c.Type[len("place.take")]-'0'), c.Type[len("place.take1")]
	switch {
	case refusedBy == s.version:
		return nil, Refuse("not_in_this_version", nil)
	case s.used+places > s.quota:
		return nil, Refuse("quota_exceeded", map[string]int{"limit": s.quota})
	}
	out := make([]Payload, places)
	for i := range out {
		out[i] = placeTaken{s.org}
	}
	return out, nil
}

func (s *quotaState) Apply(e *Event) {
	if _, ok := e.Payload.(placeTaken); ok {
		s.used++
	}
}

func (s *quotaState) Due() time.Time { return time.Time{} }

func quotaDomain(quota int) Domain {
	return Domain{
		New:    func(org uuid.UUID) State { return &quotaState{org: org.String(), quota: quota} },
		Decode: decodeQuota,
	}
}

func decodeQuota(eventType string, data []byte) (Payload, error) {
	switch eventType {
	case placeTaken{}.EventType():
		var e placeTaken
		err := Unmarshal(data, &e)
		return e, err
	case CommandRefused{}.EventType():
		var e CommandRefused
		err := Unmarshal(data, &e)
		return e, err
	case CommandNoop{}.EventType():
		var e CommandNoop
		err := Unmarshal(data, &e)
		return e, err
	}
	return nil, fmt.Errorf("unknown event type %s", eventType)
}
