package events

// LeadErased ends the person's key: what the log holds of them can't be read any more.
type LeadErased struct {
	LeadRef
}

func (LeadErased) EventType() string { return "lead.erased.v1" }
