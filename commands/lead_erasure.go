package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// EraseLead makes a person unreadable and keeps their address from ever being written to.
type EraseLead struct {
	LeadID uuid.UUID `json:"lead_id"`
}

func (EraseLead) CommandType() string { return "lead.erase.v1" }

// Decide forgets an erased lead, so asking twice finds none.
func (c EraseLead) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	l := o.Leads.Get(c.LeadID)
	if l == nil {
		return nil, errNotFound(c.LeadID)
	}
	// Also when the address is suppressed already: the entry may show the address, and this one doesn't.
	return append(o.StopLead(c.LeadID, events.StopLeadRemoved, nil), events.LeadErased{LeadRef: events.LeadRef{LeadID: c.LeadID}},
		SuppressionItem{Kind: events.SuppressAddress, Hash: l.Address.String(), Reason: events.SuppressedErasure}.addedEvent(o)), nil
}
