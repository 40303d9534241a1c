package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// What a provider says of a message on its way.
const (
	ReportProcessed = "processed" // it is with the provider: it was sent
	ReportDelivered = "delivered"
	ReportDelayed   = "delayed"
)

// DeliveryReport is one thing that a provider says of a message of ours.
type DeliveryReport struct {
	events.SentMessageRef
	Kind             string    `json:"kind"`
	ReportID         uuid.UUID `json:"report_id"` // follows from the provider's id of it
	ProviderID       string    `json:"provider_id,omitzero"`
	Tries            int       `json:"tries,omitzero"`
	At               time.Time `json:"at"`
	events.SMTPReply           // of a delay
}

// RecordDeliveries records what a provider says became of messages. Reports come in any order, and more than once.
type RecordDeliveries struct {
	Reports []DeliveryReport `json:"reports"`
	ToldAt  time.Time        `json:"told_at"`
}

func (RecordDeliveries) CommandType() string { return "message.record_deliveries.v1" }

// Decide records what wasn't told before. Whatever a provider says of a message, it has it: that ends a doubt, and is the result of a claim whose own is
// not there yet.
func (c RecordDeliveries) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkCount("reports", len(c.Reports)); err != nil {
		return nil, err
	}
	if c.ToldAt.IsZero() {
		return nil, errInvalid("told_at", "is missing")
	}
	var out []events.Event
	accepted, told := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for i, r := range c.Reports {
		if err := r.checkFields("reports." + strconv.Itoa(i)); err != nil {
			return nil, err
		}
		if !accepted[r.MessageID] {
			accepted[r.MessageID] = true
			out = append(out, acceptedEvents(o, r.MessageID, r.ProviderID)...)
		}
		if told[r.ReportID] || o.Told.Has(r.ReportID) {
			continue
		}
		told[r.ReportID] = true
		switch r.Kind {
		case ReportDelivered:
			out = append(out, events.MessageDelivered{SentMessageRef: r.SentMessageRef, ReportID: r.ReportID, DeliveredAt: r.At, ToldAt: c.ToldAt})
		case ReportDelayed:
			out = append(out, events.MessageDelayed{SentMessageRef: r.SentMessageRef, SMTPReply: r.SMTPReply, ReportID: r.ReportID, Tries: r.Tries, DelayedAt: r.At, ToldAt: c.ToldAt})
		}
	}
	return out, nil
}

func (r DeliveryReport) checkFields(field string) error {
	switch {
	case r.Kind != ReportProcessed && r.Kind != ReportDelivered && r.Kind != ReportDelayed:
		return errInvalid(field+".kind", "must be processed, delivered or delayed")
	case r.ReportID == uuid.Nil:
		return errInvalid(field+".report_id", "is missing")
	case r.At.IsZero():
		return errInvalid(field+".at", "is missing")
	}
	return checkAnswered(field, r.SentMessageRef)
}

// acceptedEvents is what follows from a provider knowing a message: it was sent, if that isn't known yet.
func acceptedEvents(o *aggregates.Organization, id uuid.UUID, providerID string) (out []events.Event) {
	msg := o.Messages[id]
	if msg == nil || !msg.Away() {
		return nil
	}
	if msg.InDoubt() {
		out = append(out, events.MessageResolved{MessageRef: msg.Ref(), Sent: true, By: events.ResolvedByProvider})
	}
	return append(out, sentEvents(o, msg, providerID, msg.ClaimedAt())...)
}

// RecordBlock records that the receiver refused a message for what it thinks of us, as the provider tells: whatever code it gave, the address is good.
type RecordBlock struct {
	events.SentMessageRef
	events.Report // its MailID follows from the provider's id of the report
	events.SMTPReply
	ReportedAt time.Time `json:"reported_at"`
}

func (RecordBlock) CommandType() string { return "message.record_block.v1" }

// Decide suppresses nobody.
func (c RecordBlock) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkReport("block", c.SentMessageRef, c.Report); err != nil {
		return nil, err
	}
	if c.ReportedAt.IsZero() {
		return nil, errInvalid("reported_at", "is missing")
	}
	if o.Heard.Has(c.MailID, aggregates.HeardBounce) {
		return nil, nil
	}
	kind := bounceKind(c.SMTPReply)
	if kind == events.BounceHard || kind == events.BounceOther {
		kind = events.BounceBlock
	}
	bounced := events.MessageBounced{SentMessageRef: c.SentMessageRef, Report: c.Report, Kind: kind, Code: c.Code, Enhanced: c.Enhanced, Detail: c.Text, ReportedAt: c.ReportedAt}
	out := append(acceptedEvents(o, c.MessageID, ""), bounced)
	return append(out, reactToBounce(o, bounced, 0)...), nil
}

// RecordDrop records that a provider took a message and then didn't try to deliver it.
type RecordDrop struct {
	events.SentMessageRef
	events.Report           // without a MailID
	ReportID      uuid.UUID `json:"report_id"`
	Reason        string    `json:"reason"`
	Detail        string    `json:"detail,omitzero"`
	At            time.Time `json:"at"`
	ToldAt        time.Time `json:"told_at"`
}

func (RecordDrop) CommandType() string { return "message.record_drop.v1" }

// Decide acts on the reason. The message came back, too: all that counts what arrived sees it so.
func (c RecordDrop) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := firstError(checkReport("drop", c.SentMessageRef, c.Report), checkText("reason", c.Reason, 1, 40), checkText("detail", c.Detail, 0, 500)); err != nil {
		return nil, err
	}
	switch {
	case c.ReportID == uuid.Nil:
		return nil, errInvalid("report_id", "is missing")
	case c.At.IsZero() || c.ToldAt.IsZero():
		return nil, errInvalid("at", "and told_at are required")
	case o.Told.Has(c.ReportID):
		return nil, nil
	}
	c.MailID = uuid.Nil
	bounced := events.MessageBounced{SentMessageRef: c.SentMessageRef, Report: c.Report, Kind: events.BounceOther, Detail: Clip(events.DroppedDetail+c.Detail, 500), ReportedAt: c.At}
	if c.Reason == events.DroppedBounced || c.Reason == events.DroppedInvalid {
		bounced.Kind = events.BounceHard
	}
	out := append(acceptedEvents(o, c.MessageID, ""), events.MessageDropped{SentMessageRef: c.SentMessageRef, ReportID: c.ReportID, Reason: c.Reason, Detail: c.Detail, DroppedAt: c.At, ToldAt: c.ToldAt}, bounced)
	switch c.Reason {
	case events.DroppedUnsubscribed:
		out = append(out, suppressPerson(o, c.SentMessageRef, c.Report, events.SuppressedUnsubscribe)...)
		return append(out, stopLead(o, out, c.SentMessageRef, events.StopUnsubscribed)...), nil
	case events.DroppedComplained:
		out = append(out, suppressPerson(o, c.SentMessageRef, c.Report, events.SuppressedComplaint)...)
		return append(out, stopLead(o, out, c.SentMessageRef, events.StopComplained)...), nil
	case events.DroppedQuota:
		if box := o.Mailboxes.Get(c.MailboxID); box != nil && box.Paused == "" {
			out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Reason: events.PausedProviderQuota})
		}
		return out, nil
	}
	out = append(out, reactToBounce(o, bounced, 0)...)
	if bounced.Kind == events.BounceHard && stillAt(o, c.SentMessageRef, c.Report) {
		out = append(out, stopLead(o, out, c.SentMessageRef, events.StopBounced)...)
	}
	return out, nil
}
