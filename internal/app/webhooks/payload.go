// Package webhooks says what an endpoint of an organisation is told, how that is signed, and what became of it.
package webhooks

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// Version of the payloads that are made now. An endpoint keeps the one that it was added with.
const Version = 1

// Payload is the body of a delivery. It is thin: it names what it is about, and who wants more asks the API.
type Payload struct {
	ID             uuid.UUID       `json:"id"` // of the event; the same over retries, redeliveries and replays, and in the header webhook-id
	Type           string          `json:"type"`
	Timestamp      time.Time       `json:"timestamp"` // when it happened
	OrganizationID uuid.UUID       `json:"organization_id"`
	Data           json.RawMessage `json:"data"`
	Person         *Person         `json:"person,omitempty"` // only where the endpoint was given it; absent once the person is erased
}

// Person is who the lead is, when it is delivered.
type Person struct {
	Email       string `json:"email,omitempty"`
	FirstName   string `json:"first_name,omitempty"`
	LastName    string `json:"last_name,omitempty"`
	CompanyName string `json:"company_name,omitempty"`
	JobTitle    string `json:"job_title,omitempty"`
	Phone       string `json:"phone,omitempty"`
}

// Kind is a type of payload: its public name, what it says, and the event that it is made of.
type Kind struct {
	Name string // as endpoints choose it
	Says string // when it is delivered
	Zero any    // shape of its data
	made func(events.Event) (any, bool)
	of   events.Event
}

func kindOf[E events.Event, D any](name, says string, data func(E) D) Kind {
	var zero E
	var shape D
	return Kind{Name: name, Says: says, Zero: shape, of: zero, made: func(p events.Event) (any, bool) {
		e, ok := p.(E)
		if !ok {
			return nil, false
		}
		return data(e), true
	}}
}

// kindWhere is a kind of which only some events are told.
func kindWhere[E events.Event, D any](name, says string, told func(E) bool, data func(E) D) Kind {
	k := kindOf(name, says, data)
	all := k.made
	k.made = func(p events.Event) (any, bool) {
		if e, ok := p.(E); !ok || !told(e) {
			return nil, false
		}
		return all(p)
	}
	return k
}

// Told are the events of which endpoints are told.
func Told() (all []events.Event) {
	for _, k := range Kinds() {
		all = append(all, k.of)
	}
	return all
}

// Known reports whether there is a kind of this name.
func Known(name string) bool {
	for _, k := range Kinds() {
		if k.Name == name {
			return true
		}
	}
	return false
}

// Message is what an endpoint is told of an event, before it is known which.
type Message struct {
	EventID uuid.UUID
	Org     uuid.UUID
	Oseq    int64
	Type    string // public name
	Subject string // order is kept among messages of one
	Time    time.Time
	Data    json.RawMessage
}

var kindsByEvent = indexKinds() //nolint:gochecknoglobals // a constant table

func indexKinds() map[reflect.Type]Kind {
	index := map[reflect.Type]Kind{}
	for _, k := range Kinds() {
		index[reflect.TypeOf(k.of)] = k
	}
	return index
}

// Describe returns what is told of an event; false when nothing is.
func Describe(e *es.Event) (m Message, told bool, err error) {
	p, err := projections.Decode(e.Type, e.Data)
	if err != nil {
		return m, false, fmt.Errorf("describe %s: %w", e.Type, err)
	}
	k, ok := kindsByEvent[reflect.TypeOf(p)]
	if !ok {
		return m, false, nil
	}
	data, told := k.made(p)
	if !told {
		return m, false, nil
	}
	m = Message{EventID: e.ID, Org: e.Org, Oseq: e.Oseq, Type: k.Name, Subject: e.Subject, Time: e.Time}
	if m.Data, err = es.Marshal(data); err != nil {
		return m, false, fmt.Errorf("describe %s: %w", e.Type, err)
	}
	return m, true, nil
}

// LeadOf returns the lead that a payload's data names; zero = none.
func LeadOf(data json.RawMessage) uuid.UUID {
	var about struct {
		LeadID uuid.UUID `json:"lead_id"`
	}
	_ = json.Unmarshal(data, &about) // our own object
	return about.LeadID
}

// PersonOf returns who a lead is; nil when nothing is known any more.
func PersonOf(l *projections.Lead) *Person {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	p := Person{text(l.Email), text(l.FirstName), text(l.LastName), text(l.CompanyName), text(l.JobTitle), text(l.Phone)}
	if p == (Person{}) {
		return nil
	}
	return &p
}
