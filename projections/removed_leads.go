package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// RemovedLeads returns leads as they were when they were removed, from all events about them, the oldest first. Who is there, or was erased, or whom nobody can read any more
// isn't among them.
func RemovedLeads(ctx context.Context, keys Keys, history []*es.Event) (Set[Lead], error) {
	var refs []pii.Ref
	for _, e := range history {
		if e.Payload == nil {
			p, err := Decode(e.Type, e.Data)
			if err != nil {
				return nil, fmt.Errorf("history of lead %s, event %d: %w", e.Subject, e.Oseq, err)
			}
			e.Payload = p
		}
		if p := events.As[events.LeadEvent](e.Payload); p != nil {
			if s := sealedProfile(e); !s.IsZero() {
				refs = append(refs, keyRef(e.Org, p.Lead(), s))
			}
		}
	}
	found, err := keys.Lookup(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("look up keys of removed leads: %w", err)
	}
	rows, removed := newFold[id, Lead](), map[uuid.UUID]bool{}
	for _, e := range history {
		switch p := events.As[events.LeadEvent](e.Payload).(type) {
		case events.LeadRemoved:
			removed[p.LeadID] = true
		case events.LeadErased:
			rows.putRow(id{e.Org, p.LeadID}, nil)
		case events.LeadCreated:
			delete(removed, p.LeadID)
			err = leadFold{}.applyEvent(rows, found, e)
		case events.LeadUpdated, events.LeadSupplemented, events.LeadRetagged:
			err = leadFold{}.applyEvent(rows, found, e)
		}
		if err != nil {
			return nil, fmt.Errorf("history of lead %s, event %d: %w", e.Subject, e.Oseq, err)
		}
	}
	out := Set[Lead]{}
	for _, l := range rows.liveRows() {
		if removed[l.LeadID] && l.Email != nil {
			out[l.LeadID] = l
		}
	}
	return out, nil
}
