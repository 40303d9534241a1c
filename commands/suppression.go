package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// AddSuppressions suppresses up to MaxItems addresses and domains.
type AddSuppressions struct {
	Items []SuppressionItem `json:"items"`
}

// SuppressionItem is one of them.
type SuppressionItem struct {
	Kind   string        `json:"kind"`
	Hash   string        `json:"hash"`
	Reason string        `json:"reason"`
	Value  events.Sealed `json:"value,omitzero"`
}

func (AddSuppressions) CommandType() string { return "suppression.add.v1" }

// Decide passes over what is suppressed already, whatever the reason was.
func (c AddSuppressions) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkCount("items", len(c.Items)); err != nil {
		return nil, err
	}
	var out []events.Event
	seen := map[aggregates.Suppression]bool{}
	for i, item := range c.Items {
		x, err := item.checkFields("items." + strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		if seen[x] || o.Suppression.Has(x) {
			continue
		}
		seen[x] = true
		out = append(out, item.addedEvent(o))
		out = append(out, o.StopSuppressed(x, MaxItems-len(out))...)
	}
	return out, nil
}

func (i SuppressionItem) addedEvent(o *aggregates.Organization) events.SuppressionAdded {
	return events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(o.ID, i.Kind, i.Hash)}, Kind: i.Kind, Hash: i.Hash, Reason: i.Reason, Value: i.Value}
}

func (i SuppressionItem) checkFields(field string) (x aggregates.Suppression, err error) {
	h, ok := aggregates.ParseHash(i.Hash)
	switch {
	case !ok:
		return x, errInvalid(field+".hash", reasonHash)
	case i.Kind != events.SuppressAddress && i.Kind != events.SuppressDomain:
		return x, errInvalid(field+".kind", "must be address or domain")
	}
	switch i.Reason {
	case events.SuppressedManual, events.SuppressedUnsubscribe, events.SuppressedBounce, events.SuppressedComplaint, events.SuppressedImport, events.SuppressedErasure:
		return aggregates.Suppression{Domain: i.Kind == events.SuppressDomain, Hash: h}, nil
	}
	return x, errInvalid(field+".reason", "must be manual, unsubscribe, bounce, complaint, import or erasure")
}

// RemoveSuppression lifts one; see SuppressionID.
type RemoveSuppression struct {
	SuppressionID uuid.UUID `json:"suppression_id"`
}

func (RemoveSuppression) CommandType() string { return "suppression.remove.v1" }

// Decide forgets a lifted suppression, so asking twice finds none.
func (c RemoveSuppression) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	x, ok := o.Suppression.Get(c.SuppressionID)
	if !ok {
		return nil, errNotFound(c.SuppressionID)
	}
	return oneEvent(events.SuppressionRemoved{SuppressionRef: events.SuppressionRef{SuppressionID: c.SuppressionID}, Kind: x.Kind(), Hash: x.Hash.String()})
}
