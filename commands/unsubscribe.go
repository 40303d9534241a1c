package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// Unsubscribe takes a person at their word.
type Unsubscribe struct {
	events.SentMessageRef
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

func (Unsubscribe) CommandType() string { return "lead.unsubscribe.v1" }

// Decide suppresses the address and stops everything to it. Once it is suppressed and stopped there is nothing to do.
func (c Unsubscribe) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("unsubscribe", c.SentMessageRef); err != nil {
		return nil, err
	}
	switch c.How {
	case events.UnsubscribeOneClick, events.UnsubscribePage, events.UnsubscribeMailto, events.UnsubscribeReply:
	default:
		return nil, errInvalid("how", "must be one_click, page, mailto or reply")
	}
	if _, ok := o.Leads.AddressOf(c.LeadID); !ok {
		return nil, errNotFound(c.LeadID)
	}
	done := append(suppressLead(o, c.LeadID, events.SuppressedUnsubscribe), o.StopLead(c.LeadID, events.StopUnsubscribed, &c.MessageID)...)
	if len(done) == 0 {
		return nil, nil
	}
	return append([]events.Event{events.LeadUnsubscribed(c)}, done...), nil
}
