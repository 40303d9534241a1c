// Package leads makes leads of persons, wherever they come from: the API, a file, another system.
package leads

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/pii"
	"outrider/internal/profile"
)

// Person is somebody in plain text, with a profile that was normalised.
type Person struct {
	LeadID   uuid.UUID // Nil = that which follows from the address
	Profile  profile.Profile
	Words    profile.Words
	TimeZone string
	Source   string
	Row      int // of the file; 0 = of none
}

// Intake seals persons under keys of their own.
type Intake struct {
	Hasher func(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
	// Keys returns the keys of subjects, new ones where there are none; nil = a dry run, whose items carry nothing personal.
	Keys func(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error)
}

// Items returns what the commands take of persons, in their order: ids and hashes under the organisation's key, profiles under
// each person's own.
func (in Intake) Items(ctx context.Context, org uuid.UUID, people []Person) ([]commands.LeadItem, error) {
	hasher, err := in.Hasher(ctx, org)
	if err != nil {
		return nil, err
	}
	items, subjects := make([]commands.LeadItem, len(people)), make([]uuid.UUID, len(people))
	for i := range people {
		p := &people[i]
		if subjects[i] = p.LeadID; subjects[i] == uuid.Nil {
			subjects[i] = hasher.LeadID(p.Profile.Email)
		}
		items[i] = commands.LeadItem{LeadID: subjects[i], Filled: events.MarkFields(p.Profile.Filled()), TimeZone: p.TimeZone, Source: p.Source,
			Row: p.Row, Profile: events.Sealed{C: []byte{0}}}
		items[i].AddressHash, items[i].DomainHash, items[i].FreeMail = Hashes(hasher, p.Profile.Email)
	}
	if in.Keys == nil {
		return items, nil
	}
	keys, err := in.Keys(ctx, org, subjects)
	if err != nil {
		return nil, err
	}
	for i := range people {
		s, err := people[i].Profile.Seal(keys[i], people[i].Words)
		if err != nil {
			return nil, fmt.Errorf("seal profile %d: %w", i, err)
		}
		items[i].Profile = events.Sealed(s)
	}
	return items, nil
}

// Hashes returns a normalised address as the domain knows it.
func Hashes(h *pii.Hasher, address string) (addressHash, domainHash string, free bool) {
	domain := pii.Domain(address)
	return h.AddressHash(address).String(), h.DomainHash(domain).String(), pii.IsFreeMail(domain)
}
