package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// Suppression is an address or domain to which nothing may be sent.
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

// ID returns its id, which follows from what is suppressed.
func (s Suppression) ID(org uuid.UUID) uuid.UUID {
	return SuppressionID(org, s.Kind(), s.Hash.String())
}

// Suppressions of an organisation.
type Suppressions struct {
	byID map[uuid.UUID]Suppression
	all  map[Suppression]bool     // whether a domain's subdomains are suppressed too
	wide int                      // number of domains with subdomains
	kept map[Suppression]struct{} // those that nobody may lift

	above map[Hash][]Hash // for each subdomain of a lead the domains above it, the nearest first
	below map[Hash][]Hash // the same seen from above, in the order in which it was learned
}

// SuppressionID returns its id, which follows from what is suppressed.
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

// Stays reports whether nobody may lift a suppression: the person was erased on their wish, or called a mail spam.
func (s *Suppressions) Stays(x Suppression) bool {
	_, ok := s.kept[x]
	return ok
}

// WithSubdomains reports whether a domain is suppressed with its subdomains.
func (s *Suppressions) WithSubdomains(x Suppression) bool { return s.all[x] }

// Knows reports whether the domains above a domain are known.
func (s *Suppressions) Knows(domain Hash) bool { return s.above[domain] != nil }

// Covers reports whether a lead's address or its domain is suppressed, or a domain above that with its subdomains.
func (s *Suppressions) Covers(l *Lead) bool {
	_, ok := s.CoveredBy(l)
	return ok
}

// CoveredBy returns the nearest suppression that covers a lead, and whether there is one.
func (s *Suppressions) CoveredBy(l *Lead) (Suppression, bool) {
	if x := (Suppression{Hash: l.Address}); s.Has(x) {
		return x, true
	}
	return s.coversDomain(l.Domain)
}

// CoversAddress reports whether an address or its domain is suppressed, or a domain above that with its subdomains, as far as it is known.
func (s *Suppressions) CoversAddress(address, domain Hash) bool {
	_, covered := s.coversDomain(domain)
	return covered || s.Has(Suppression{Hash: address})
}

func (s *Suppressions) coversDomain(domain Hash) (Suppression, bool) {
	if x := (Suppression{Domain: true, Hash: domain}); s.Has(x) {
		return x, true
	}
	if s.wide > 0 {
		for _, h := range s.above[domain] {
			if x := (Suppression{Domain: true, Hash: h}); s.all[x] {
				return x, true
			}
		}
	}
	return Suppression{}, false
}

func (s *Suppressions) applyEvent(event events.SuppressionEvent) {
	switch e := event.(type) {
	case events.SuppressionAdded:
		if s.byID == nil {
			s.byID, s.all = map[uuid.UUID]Suppression{}, map[Suppression]bool{}
		}
		x := Suppression{e.Kind == events.SuppressDomain, hashOf(e.Hash)}
		s.forget(x)
		s.byID[e.SuppressionID] = x
		if s.all[x] = e.Subdomains; e.Subdomains {
			s.wide++
		}
		if events.SuppressionStays(e.Reason) {
			putInMap(&s.kept, x, struct{}{})
		}
	case events.SuppressionRemoved:
		s.forget(s.byID[e.SuppressionID])
		delete(s.kept, s.byID[e.SuppressionID]) // until it stayed, it could be lifted
		delete(s.byID, e.SuppressionID)
	case events.SubdomainKnown:
		s.learnParents(hashOf(e.Hash), e.Parents)
	case events.SuppressionChunkRecorded: // changes nothing here
	}
}

func (s *Suppressions) forget(x Suppression) {
	if s.all[x] {
		s.wide--
	}
	delete(s.all, x)
}

func (s *Suppressions) learnParents(domain Hash, hashes []string) {
	for _, h := range s.above[domain] {
		s.below[h] = slices.DeleteFunc(s.below[h], func(x Hash) bool { return x == domain })
	}
	parents := make([]Hash, len(hashes))
	for i, h := range hashes {
		parents[i] = hashOf(h)
		putInMap(&s.below, parents[i], append(s.below[parents[i]], domain))
	}
	putInMap(&s.above, domain, parents)
}
