package events

import (
	"time"
)

// How somebody unsubscribed.
const (
	UnsubscribeOneClick = "one_click" // RFC 8058
	UnsubscribePage     = "page"
	UnsubscribeMailto   = "mailto"
	UnsubscribeReply    = "reply"
	UnsubscribeProvider = "provider" // from all that the sender sends through a provider of mail, by the provider's link
	UnsubscribeGroup    = "group"    // likewise, from a group of its mails
)

// LeadUnsubscribed says that somebody wants no more.
type LeadUnsubscribed struct {
	SentMessageRef
	Report
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

func (LeadUnsubscribed) EventType() string { return "lead.unsubscribed.v2" }
