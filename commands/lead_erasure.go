package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// EraseLead makes a person's data unreadable and suppresses their address for ever.
type EraseLead struct {
	LeadID uuid.UUID `json:"lead_id"`
}

func (EraseLead) CommandType() string { return "lead.erase.v1" }

// Decide doesn't find an erased lead, so the second erasure is refused.
func (c EraseLead) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	l := o.Leads.Get(c.LeadID)
	if l == nil {
		return nil, errNotFound(c.LeadID)
	}
	// Also when the address is suppressed already: the entry may show the address, and this one doesn't.
	out := append(discardExports(o), o.StopLead(c.LeadID, events.StopLeadRemoved, nil)...)
	return append(out, events.LeadErased{LeadRef: events.LeadRef{LeadID: c.LeadID}},
		SuppressionItem{Kind: events.SuppressAddress, Hash: l.Address.String(), Reason: events.SuppressedErasure}.addedEvent(o)), nil
}
