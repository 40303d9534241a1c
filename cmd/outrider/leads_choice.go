package main

import (
	"github.com/google/uuid"

	"outrider/internal/app/client"
)

// LeadChoice says which leads are meant; all that is given must hold.
type LeadChoice struct {
	Q              string    `help:"Leads with this in address, name or company."`
	Tag            string    `help:"Leads with this tag."`
	Import         uuid.UUID `help:"Leads that this import has created."`
	OutreachStatus string    `help:"Leads that stand so: new, in_progress, contacted, replied, meeting_booked or closed."`
	All            bool      `help:"All leads."`
}

// selection returns nil when nothing is chosen.
func (c LeadChoice) selection() *client.LeadSelection {
	if c == (LeadChoice{}) {
		return nil
	}
	return &client.LeadSelection{Q: given(c.Q), Tag: given(c.Tag), ImportID: given(c.Import), OutreachStatus: given(client.OutreachStatus(c.OutreachStatus)), All: given(c.All)}
}

// given returns nil for the zero value: a flag that wasn't given.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
