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

// Sources are all the files that an organisation's state is made by, the time zones too: a snapshot of others must not be
// used. What only decides is not among them.
func Sources() []fs.FS {
	return []fs.FS{source, aggregates.Sources, events.Sources, es.Sources, zone.Sources}
}

// Domain is what the kernel runs.
func Domain() es.Domain {
	return es.Domain{
		New:    func(org uuid.UUID) es.State { return state{aggregates.NewOrganization(org)} },
		Decode: events.Decode,
	}
}

// OrganizationOf returns the organisation in a state that Domain made, to look at; nil for another.
func OrganizationOf(s es.State) *aggregates.Organization {
	if s, ok := s.(state); ok {
		return s.Organization
	}
	return nil
}

// state is an organisation as the kernel sees it.
type state struct{ *aggregates.Organization }

func (s state) Apply(e *es.Event) {
	if e.Actor.Kind == es.ActorClock {
		s.Ticked(e.Time)
	}
	s.Organization.Apply(e.Payload)
}
