// Package suppressions makes suppressions of what people write for them, wherever they write it: the API, a file.
package suppressions

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/pii"
	"outrider/internal/profile"
)

// Entry is an address or a domain, normalised.
type Entry struct {
	Kind       string
	Value      string
	Subdomains bool // of a domain: those below it too
}

// Clean reads an entry; kind "" = whatever it is. A domain comes with those below it, unless subdomains says otherwise or they are
// others'. The error says what is wrong, and not what was written.
func Clean(kind, typed string, subdomains *bool) (Entry, error) {
	address, addressErr := pii.NormalizeAddress(typed)
	if local, _, _ := strings.Cut(address, "@"); local == "*" || local == "%" {
		addressErr = errors.New("it stands for every address at a domain, so it is a domain")
	}
	if kind == events.SuppressAddress || kind == "" && addressErr == nil {
		if addressErr == nil && subdomains != nil && *subdomains {
			addressErr = errors.New("an address has no subdomains")
		}
		return Entry{Kind: events.SuppressAddress, Value: address}, withoutPrefix(addressErr)
	}
	domain, err := pii.NormalizeDomain(typed)
	if err != nil {
		if kind == "" && strings.LastIndexByte(typed, '@') > 0 {
			err = addressErr
		}
		return Entry{}, withoutPrefix(err)
	}
	e := Entry{Kind: events.SuppressDomain, Value: domain, Subdomains: !pii.SharesSubdomains(domain)}
	if subdomains == nil {
		return e, nil
	}
	switch {
	case *subdomains && !e.Subdomains:
		return Entry{}, errors.New("those below this domain are others' domains, as its host gives them away: name each that you mean")
	case !*subdomains && namesSubdomains(typed):
		return Entry{}, errors.New("it says with subdomains (*.), and the field says without")
	}
	e.Subdomains = *subdomains
	return e, nil
}

// namesSubdomains says of a domain that it is written with what stands for those below it.
func namesSubdomains(typed string) bool {
	typed = strings.TrimSpace(typed)
	return strings.HasPrefix(typed, "*.") || strings.HasPrefix(typed, ".")
}

func withoutPrefix(err error) error {
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(err.Error(), pii.ErrAddress.Error()+": ")
	return errors.New(strings.TrimPrefix(text, pii.ErrDomain.Error()+": "))
}

// Hash is what the log has for an entry.
func (e Entry) Hash(h *pii.Hasher) string {
	if e.Kind == events.SuppressDomain {
		return h.DomainHash(e.Value).String()
	}
	return h.AddressHash(e.Value).String()
}

// Item is the entry as commands take it, without its value.
func (e Entry) Item(h *pii.Hasher, reason string) commands.SuppressionItem {
	return commands.SuppressionItem{Kind: e.Kind, Hash: e.Hash(h), Reason: reason, Subdomains: e.Subdomains}
}

// Seal puts into the items what people will read of their entries, each sealed with a key of its own. keys returns those of subjects,
// new ones where there are none.
func Seal(ctx context.Context, keys func(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error), org uuid.UUID, entries []Entry, items []commands.SuppressionItem) error {
	subjects := make([]uuid.UUID, len(items))
	for i, item := range items {
		subjects[i] = item.ID(org)
	}
	found, err := keys(ctx, org, subjects)
	if err != nil {
		return err
	}
	for i, key := range found {
		sealed, err := key.Seal(profile.SuppressionField, []byte(entries[i].Value))
		if err != nil {
			return err
		}
		items[i].Value = events.Sealed(sealed)
	}
	return nil
}
