package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// AddSuppressions suppresses up to MaxItems addresses and domains.
type AddSuppressions struct {
	Items []SuppressionItem `json:"items"`
}

// SuppressionItem is one of them.
type SuppressionItem struct {
	Kind       string        `json:"kind"`
	Hash       string        `json:"hash"`
	Reason     string        `json:"reason"`
	Value      events.Sealed `json:"value,omitzero"`
	Subdomains bool          `json:"subdomains,omitzero"` // of a domain: with its subdomains
}

// ID returns the id of the item's suppression in an organisation.
func (i SuppressionItem) ID(org uuid.UUID) uuid.UUID {
	return aggregates.SuppressionID(org, i.Kind, i.Hash)
}

func (AddSuppressions) CommandType() string { return "suppression.add.v2" }

// Decide skips what is suppressed already, whatever the reason was; subdomains may be added to a domain, never removed.
func (c AddSuppressions) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkCount("items", len(c.Items)); err != nil {
		return nil, err
	}
	out, _, err := addSuppressions(o, c.Items)
	return out, err
}

// addSuppressions also returns how many items add nothing.
func addSuppressions(o *aggregates.Organization, items []SuppressionItem) (out []events.Event, already int, err error) {
	added := map[aggregates.Suppression]bool{}
	for i, item := range items {
		x, err := item.checkFields("items." + strconv.Itoa(i))
		if err != nil {
			return nil, 0, err
		}
		wide, now := added[x]
		if wide || now && !item.Subdomains || o.Suppression.WithSubdomains(x) || o.Suppression.Has(x) && !item.Subdomains {
			already++
			continue
		}
		added[x] = item.Subdomains
		out = append(out, item.addedEvent(o))
	}
	return append(out, o.StopSuppressed(added, MaxItems)...), already, nil
}

func (i SuppressionItem) addedEvent(o *aggregates.Organization) events.SuppressionAdded {
	e := events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(o.ID, i.Kind, i.Hash)}, Kind: i.Kind, Hash: i.Hash, Reason: i.Reason, Value: i.Value,
		Subdomains: i.Subdomains}
	if h, ok := aggregates.ParseHash(i.Hash); ok && i.Kind == events.SuppressAddress {
		if l := o.Leads.ByAddress(h); l != nil {
			e.LeadID = l.ID
		}
	}
	return e
}

func (i SuppressionItem) checkFields(field string) (x aggregates.Suppression, err error) {
	h, ok := aggregates.ParseHash(i.Hash)
	switch {
	case !ok:
		return x, errInvalid(field+".hash", reasonHash)
	case i.Kind != events.SuppressAddress && i.Kind != events.SuppressDomain:
		return x, errInvalid(field+".kind", "must be address or domain")
	case i.Subdomains && i.Kind != events.SuppressDomain:
		return x, errInvalid(field+".subdomains", "is of domains only")
	}
	switch i.Reason {
	case events.SuppressedManual, events.SuppressedUnsubscribe, events.SuppressedBounce, events.SuppressedComplaint, events.SuppressedImport, events.SuppressedErasure:
		return aggregates.Suppression{Domain: i.Kind == events.SuppressDomain, Hash: h}, nil
	}
	return x, errInvalid(field+".reason", "must be manual, unsubscribe, bounce, complaint, import or erasure")
}

// ImportSuppressions is a chunk of a file: rows = items + refused.
type ImportSuppressions struct {
	events.SuppressionFileRef
	Chunk    int               `json:"chunk"` // from 1
	FileName string            `json:"file_name"`
	Items    []SuppressionItem `json:"items"`
	Refused  int               `json:"refused"` // rows without anything that could be suppressed
}

func (ImportSuppressions) CommandType() string { return "suppression.import_chunk.v1" }

// Decide records for each chunk what came of it, even if that is nothing.
func (c ImportSuppressions) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case len(c.Items)+c.Refused == 0 || len(c.Items) > MaxItems || c.Refused < 0:
		return nil, errInvalid("items", "must be at most "+strconv.Itoa(MaxItems)+" and not nothing")
	case c.Chunk < 1:
		return nil, errInvalid("chunk", "must be 1 or more")
	}
	if err := checkText("file_name", c.FileName, 1, 255); err != nil {
		return nil, err
	}
	out, already, err := addSuppressions(o, c.Items)
	if err != nil {
		return nil, err
	}
	return append(out, events.SuppressionChunkRecorded{SuppressionFileRef: c.SuppressionFileRef, Chunk: c.Chunk, FileName: c.FileName, Rows: len(c.Items) + c.Refused,
		Added: len(c.Items) - already, Already: already, Refused: c.Refused}), nil
}

// KnowSubdomains records which domains up to MaxItems domains lie below. It comes before anybody at one becomes a lead: the log has only
// hashes, which don't show that.
type KnowSubdomains struct {
	Items []Subdomain `json:"items"`
}

// Subdomain is a domain with the domains above it that somebody can own, the nearest first; all hashed.
type Subdomain struct {
	Hash    string   `json:"hash"`
	Parents []string `json:"parents"`
}

// MaxParents bounds the domains above one: a name has at most 127 labels.
const MaxParents = 127

func (KnowSubdomains) CommandType() string { return "suppression.know_subdomains.v1" }

// Decide skips what is known.
func (c KnowSubdomains) Decide(_ time.Time, o *aggregates.Organization) (out []events.Event, err error) {
	if err := checkCount("items", len(c.Items)); err != nil {
		return nil, err
	}
	above := map[aggregates.Hash][]aggregates.Hash{}
	for i, item := range c.Items {
		h, ok := aggregates.ParseHash(item.Hash)
		if !ok {
			return nil, errInvalid("items."+strconv.Itoa(i)+".hash", reasonHash)
		}
		parents, ok := parseHashes(item.Parents)
		if !ok || len(parents) == 0 || len(parents) > MaxParents {
			return nil, errInvalid("items."+strconv.Itoa(i)+".parents", "must be 1 to "+strconv.Itoa(MaxParents)+" hashes")
		}
		if o.Suppression.Knows(h) || above[h] != nil {
			continue
		}
		above[h] = parents
		out = append(out, events.SubdomainKnown{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(o.ID, events.SuppressDomain, item.Hash)}, Hash: item.Hash, Parents: item.Parents})
	}
	return append(out, o.StopAtSubdomains(above, MaxItems)...), nil
}

func parseHashes(texts []string) (out []aggregates.Hash, ok bool) {
	for _, t := range texts {
		h, ok := aggregates.ParseHash(t)
		if !ok {
			return nil, false
		}
		out = append(out, h)
	}
	return out, true
}

// RemoveSuppression lifts a suppression; see aggregates.SuppressionID.
type RemoveSuppression struct {
	SuppressionID uuid.UUID `json:"suppression_id"`
}

func (RemoveSuppression) CommandType() string { return "suppression.remove.v1" }

// Decide doesn't find a lifted suppression, so the second request is refused. What a person has asked for by their erasure or a complaint stays.
func (c RemoveSuppression) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	x, ok := o.Suppression.Get(c.SuppressionID)
	if !ok {
		return nil, errNotFound(c.SuppressionID)
	}
	if o.Suppression.Stays(x) {
		return nil, es.Refuse(CodeSuppressionStays, detailID{c.SuppressionID})
	}
	return oneEvent(events.SuppressionRemoved{SuppressionRef: events.SuppressionRef{SuppressionID: c.SuppressionID}, Kind: x.Kind(), Hash: x.Hash.String(), Subdomains: o.Suppression.WithSubdomains(x)})
}
