package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// Suppression is an address or domain that nothing may be sent to.
type Suppression struct {
	Domain bool
	Hash   Hash
}

// Kind returns the kind as events have it.
func (s Suppression) Kind() string {
	if s.Domain {
		return events.SuppressDomain
	}
	return events.SuppressAddress
}

// Suppressions of an organisation.
type Suppressions struct {
	byID map[uuid.UUID]Suppression
	all  map[Suppression]struct{}
}

// SuppressionID follows from what is suppressed.
func SuppressionID(org uuid.UUID, kind, hash string) uuid.UUID { return es.DeriveID(org, kind, hash) }

// Get returns a suppression.
func (s *Suppressions) Get(id uuid.UUID) (Suppression, bool) {
	x, ok := s.byID[id]
	return x, ok
}

// Has reports whether something is suppressed.
func (s *Suppressions) Has(x Suppression) bool {
	_, ok := s.all[x]
	return ok
}

// Covers reports whether a lead's address or its domain is suppressed.
func (s *Suppressions) Covers(l *Lead) bool {
	return s.Has(Suppression{Hash: l.Address}) || s.Has(Suppression{Domain: true, Hash: l.Domain})
}

func (s *Suppressions) apply(event events.SuppressionEvent) {
	switch e := event.(type) {
	case events.SuppressionAdded:
		if s.byID == nil {
			s.byID, s.all = map[uuid.UUID]Suppression{}, map[Suppression]struct{}{}
		}
		x := Suppression{e.Kind == events.SuppressDomain, hashOf(e.Hash)}
		s.byID[e.SuppressionID] = x
		s.all[x] = struct{}{}
	case events.SuppressionRemoved:
		delete(s.all, s.byID[e.SuppressionID])
		delete(s.byID, e.SuppressionID)
	}
}
