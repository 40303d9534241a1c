// Package aggregates is what must be remembered in order to decide.
package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Organization is all the state that the commands of one organisation decide on.
type Organization struct {
	ID  uuid.UUID
	Now time.Time // of the command being decided; Apply doesn't see it
}

// NewOrganization is the state before the first event.
func NewOrganization(id uuid.UUID) *Organization { return &Organization{ID: id} }

// Apply takes a fact; it never fails.
func (o *Organization) Apply(e events.Event) {}

// Due is when AdvanceClock must come next; zero = not needed.
func (o *Organization) Due() time.Time { return time.Time{} }
