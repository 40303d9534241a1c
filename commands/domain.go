package commands

import (
	"embed"
	"io/fs"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/zone"
)

//go:embed domain.go
var source embed.FS

// Sources returns all files that determine an organisation's state, the time zones included: a snapshot made with others must not be
// used. Files that only decide are not among them.
func Sources() []fs.FS {
	return []fs.FS{source, aggregates.Sources, events.Sources, es.Sources, zone.Sources}
}

// Domain is what the kernel runs: how state is made and commands are decided.
func Domain() es.Domain {
	return es.Domain{
		New:    func(org uuid.UUID) es.State { return state{aggregates.NewOrganization(org)} },
		Decode: events.Decode,
	}
}

// OrganizationOf returns the organisation in a state that Domain made, for reading only; nil for any other state.
func OrganizationOf(s es.State) *aggregates.Organization {
	if s, ok := s.(state); ok {
		return s.Organization
	}
	return nil
}

// state is an organisation as the kernel knows it.
type state struct{ *aggregates.Organization }

func (s state) Apply(e *es.Event) {
	if e.Actor.Kind == es.ActorClock {
		s.Ticked(e.Time)
	}
	s.Organization.Apply(e.Payload)
}
