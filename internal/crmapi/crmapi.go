// Package crmapi says what Outrider asks of a CRM, whichever it is. What a CRM calls things, and how it says no, stays in the package that speaks to it.
package crmapi

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Service asks as one connection to a CRM. Whatever writes can be done again: what was done stays done once.
type Service interface {
	// Usual pairs fields of leads with what they are there by nature.
	Usual() [][2]string
	// Batch is how many contacts or activities one call takes.
	Batch() int
	// Ours returns an instant of its clock by ours, and Theirs the reverse.
	Ours(theirs time.Time) time.Time
	Theirs(ours time.Time) time.Time

	// Schema says what the account has.
	Schema(ctx context.Context) (Schema, error)
	// Prepare makes that by which our records are found, or sees that it is there.
	Prepare(ctx context.Context) error
	// ByID returns contacts by the ids that were asked for; one that has become another is the other.
	ByID(ctx context.Context, ids, fields []string) (map[string]Contact, error)
	// ByAddress returns contacts by address, in lower case.
	ByAddress(ctx context.Context, addresses, fields []string) (map[string]Contact, error)
	// Contacts returns a page, and what the next one begins after; "" = it was the last. What comes and goes between two pages moves no boundary. ErrNoList.
	Contacts(ctx context.Context, s Selection, after string) (page []Contact, next string, err error)
	// Changed returns contacts that have changed at an instant of its clock or after it, in pages as Contacts; later pages have later changes, or are of other objects.
	Changed(ctx context.Context, since time.Time, after string) (page []Contact, next string, err error)
	// Lists returns lists of contacts whose names hold a text, at most 100.
	Lists(ctx context.Context, named string) ([]List, error)

	// Write creates and changes up to Batch contacts, and says of each, in their order, what became of it.
	Write(ctx context.Context, all []Write) ([]Outcome, error)
	// Record writes up to Batch activities, each of another key, and says of each what became of it. One that is there is changed by what is said.
	Record(ctx context.Context, all []Activity) ([]Outcome, error)
	// OptOut says of addresses that nothing may be sent to them.
	OptOut(ctx context.Context, addresses []string) error
	// Delete takes a contact away. One that isn't there is.
	Delete(ctx context.Context, id string) error
}

// ErrNoList means that there is no such list.
var ErrNoList = errors.New("the CRM has no such list")

// Field is something that the account keeps of contacts.
type Field struct {
	Name, Label string
	Type        string // as the CRM calls it
	Text        bool   // any text fits
	ReadOnly    bool
	Hidden      bool // from people
}

// Schema is what the account has.
type Schema struct {
	Fields []Field
	Stages []string // that contacts go through, the earliest first
	Lacks  []string // what somebody must do in the account first
}

// Selection is which contacts are read, and what of them.
type Selection struct {
	List   string    // "" = all
	Since  time.Time // without a list: changed since; zero = whenever
	Fields []string
}

// List is a list of contacts.
type List struct{ ID, Name string }

// Contact is somebody in the CRM.
type Contact struct {
	ID        string
	Email     string
	OptedOut  bool
	Stage     string
	Stageless bool // it goes through none
	UpdatedAt time.Time
	Values    map[string]string // those that were asked for
}

// Value returns a field's, "" = it has none.
func (c Contact) Value(name string) string { return strings.TrimSpace(c.Values[name]) }

// Write is a contact that is created or changed.
type Write struct {
	ID       string // "" = it is created
	Key      string // that we know it by
	Email    string
	Values   map[string]string
	Stage    string // "" = it stays
	OptedOut bool   // it is created so
}

// Outcome is what became of one of a batch.
type Outcome struct {
	ID        string
	UpdatedAt time.Time // by the CRM's clock; zero = it doesn't say
	Problem   string    // without anything of a person; "" = it was taken
}

// Types of activities.
const (
	Email   = "email"
	Meeting = "meeting"
	Note    = "note"
)

// How meetings stand.
const (
	Scheduled   = "scheduled"
	Rescheduled = "rescheduled"
	Cancelled   = "cancelled"
	Held        = "held"
	NoShow      = "no_show"
)

// Activity is a record about a contact. It holds nothing of a person; what is zero isn't said.
type Activity struct {
	Type     string    `json:"type"`
	Key      string    `json:"key"` // by which it is found again
	Contact  string    `json:"-"`   // whom it is about
	At       time.Time `json:"at,omitzero"`
	Incoming bool      `json:"incoming,omitzero"` // an email from them
	Subject  string    `json:"subject,omitzero"`
	Text     string    `json:"text,omitzero"`
	StartsAt time.Time `json:"starts_at,omitzero"`
	EndsAt   time.Time `json:"ends_at,omitzero"`
	Status   string    `json:"status,omitzero"` // of a meeting
}

// Then returns an activity after a later word on it: what that doesn't say stays.
func (a Activity) Then(later Activity) Activity {
	if !later.At.IsZero() {
		a.At = later.At
	}
	if !later.StartsAt.IsZero() {
		a.StartsAt, a.EndsAt = later.StartsAt, later.EndsAt
	}
	for _, p := range []struct {
		is *string
		to string
	}{{&a.Subject, later.Subject}, {&a.Text, later.Text}, {&a.Status, later.Status}, {&a.Contact, later.Contact}} {
		if p.to != "" {
			*p.is = p.to
		}
	}
	a.Incoming = a.Incoming || later.Incoming
	return a
}
