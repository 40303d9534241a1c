package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// Unsubscribe records that a person wants no more mail.
type Unsubscribe struct {
	events.SentMessageRef
	events.Report
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

func (Unsubscribe) CommandType() string { return "lead.unsubscribe.v2" }

// Decide suppresses the address and stops everything to it. Once it is suppressed and stopped there is nothing to do.
func (c Unsubscribe) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkReport("unsubscribe", c.SentMessageRef, c.Report); err != nil {
		return nil, err
	}
	switch c.How {
	case events.UnsubscribeOneClick, events.UnsubscribePage, events.UnsubscribeMailto, events.UnsubscribeReply, events.UnsubscribeProvider, events.UnsubscribeGroup:
	default:
		return nil, errInvalid("how", "must be one_click, page, mailto, reply, provider or group")
	}
	if o.Heard.Has(c.MailID, aggregates.HeardUnsubscribe) {
		return nil, nil
	}
	if _, ok := o.WentTo(c.SentMessageRef, c.AddressHash); !ok {
		return nil, errNotFound(c.LeadID)
	}
	done := append(suppressPerson(o, c.SentMessageRef, c.Report, events.SuppressedUnsubscribe), o.StopLead(c.LeadID, events.StopUnsubscribed, &c.MessageID)...)
	if len(done) == 0 {
		return nil, nil
	}
	return append(append(resolveDoubt(o, c.MessageID, events.ResolvedByLeaving), events.LeadUnsubscribed(c)), done...), nil
}
