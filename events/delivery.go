package events

import (
	"time"

	"github.com/google/uuid"
)

// What a provider says became of a message that it took. Its reports come late, in any order and more than once; ReportID follows from the
// provider's own id of the report, and ToldAt is when it came.

// MessageDelivered says that the receiver's server took it.
type MessageDelivered struct {
	SentMessageRef
	ReportID    uuid.UUID `json:"report_id"`
	DeliveredAt time.Time `json:"delivered_at"`
	ToldAt      time.Time `json:"told_at"`
}

func (MessageDelivered) EventType() string { return "message.delivered.v1" }

// MessageDelayed says that the receiver's server refused it for now. The provider goes on trying; we don't.
type MessageDelayed struct {
	SentMessageRef
	SMTPReply
	ReportID  uuid.UUID `json:"report_id"`
	Tries     int       `json:"tries,omitzero"` // of the provider
	DelayedAt time.Time `json:"delayed_at"`
	ToldAt    time.Time `json:"told_at"`
}

func (MessageDelayed) EventType() string { return "message.delayed.v1" }

// Why a provider drops a message that it took.
const (
	DroppedBounced      = "bounced"      // mail to the address came back before
	DroppedInvalid      = "invalid"      // there can't be such an address
	DroppedUnsubscribed = "unsubscribed" // the person wants no mail through this provider
	DroppedComplained   = "complained"   // the person has complained before
	DroppedContent      = "content"      // taken for spam
	DroppedQuota        = "quota"        // more recipients than the account has paid for
	DroppedOther        = "other"
)

// MessageDropped says that the provider took it, and then didn't try to deliver it.
type MessageDropped struct {
	SentMessageRef
	ReportID  uuid.UUID `json:"report_id"`
	Reason    string    `json:"reason"`
	Detail    string    `json:"detail,omitzero"` // the provider's words; no address in it
	DroppedAt time.Time `json:"dropped_at"`
	ToldAt    time.Time `json:"told_at"`
}

func (MessageDropped) EventType() string { return "message.dropped.v1" }
