package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RecordBounce brings a report of Action: failed about a message that we sent to that recipient.
type RecordBounce struct {
	events.SentMessageRef
	Code       int       `json:"code,omitzero"`
	Enhanced   string    `json:"enhanced,omitzero"`
	ReportedAt time.Time `json:"reported_at"`
}

func (RecordBounce) CommandType() string { return "message.record_bounce.v1" }

// Decide does what the kind of bounce asks for.
func (c RecordBounce) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("bounce", c.SentMessageRef); err != nil {
		return nil, err
	}
	if c.ReportedAt.IsZero() {
		return nil, errInvalid("reported_at", "is missing")
	}
	bounced := events.MessageBounced{SentMessageRef: c.SentMessageRef, Kind: bounceKind(events.SMTPReply{Code: c.Code, Enhanced: c.Enhanced}), Code: c.Code, Enhanced: c.Enhanced, ReportedAt: c.ReportedAt}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByBounce), bounced)
	out = append(out, reactToBounce(o, bounced, 0)...)
	if bounced.Kind == events.BounceHard {
		out = append(out, stopLead(o, out, c.SentMessageRef, events.StopBounced)...)
	}
	return out, nil
}

// RecordComplaint brings a feedback report.
type RecordComplaint struct {
	events.SentMessageRef
	Kind       string    `json:"kind"`
	ReportedAt time.Time `json:"reported_at"`
}

func (RecordComplaint) CommandType() string { return "message.record_complaint.v1" }

// Decide suppresses at once, counts, and stops a mailbox or campaign that has too many.
func (c RecordComplaint) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := firstError(checkAnswered("complaint", c.SentMessageRef), checkText("kind", c.Kind, 1, 40)); err != nil {
		return nil, err
	}
	if c.ReportedAt.IsZero() {
		return nil, errInvalid("reported_at", "is missing")
	}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByBounce), events.MessageComplained(c))
	out = append(out, suppressLead(o, c.LeadID, events.SuppressedComplaint)...)
	out = append(out, stopLead(o, out, c.SentMessageRef, events.StopComplained)...)
	if box := o.Mailboxes.Get(c.MailboxID); box != nil {
		n := box.Rate.At(c.ReportedAt)
		if aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintWarn) {
			out = append(out, events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Health: max(box.Health-20, 0), Reason: "complained"})
		}
		if aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintLimit) && box.Paused == "" {
			out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Reason: events.PausedComplaintRate, Count: n.Complained + 1, Sent: n.Sent})
		}
	}
	if is := o.Campaigns[c.CampaignID]; is != nil && is.Status == events.CampaignIsActive {
		if n := is.Rate.At(c.ReportedAt); aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintLimit) {
			out = append(out, events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Reason: events.PausedComplaintRate, Count: n.Complained + 1, Sent: n.Sent})
		}
	}
	return out, nil
}

// reactToBounce of a bounce for the address, the mailbox and the campaign; more = sends that are not counted yet.
func reactToBounce(o *aggregates.Organization, b events.MessageBounced, more int) (out []events.Event) {
	switch b.Kind {
	case events.BounceHard:
		out = suppressLead(o, b.LeadID, events.SuppressedBounce)
	case events.BounceBlock:
	default:
		return nil
	}
	if box := o.Mailboxes.Get(b.MailboxID); box != nil {
		n := box.Rate.At(b.ReportedAt)
		n.Sent += more
		if b.Kind == events.BounceBlock {
			out = append(out, events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: b.MailboxID}, Health: max(box.Health-10, 0), Reason: "blocked"})
			if n.Blocked+1 >= aggregates.BlockLimit && box.Paused == "" {
				out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: b.MailboxID}, Reason: events.PausedBlocked, Count: n.Blocked + 1, Sent: n.Sent})
			}
			return out
		}
		if aggregates.Exceeds(n.Bounced+1, n.Sent, aggregates.MailboxBounceLimit) && box.Paused == "" {
			out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: b.MailboxID}, Reason: events.PausedBounceRate, Count: n.Bounced + 1, Sent: n.Sent})
		}
	}
	if is := o.Campaigns[b.CampaignID]; is != nil && b.Kind == events.BounceHard {
		n := is.Rate.At(b.ReportedAt)
		if aggregates.Exceeds(n.Bounced+1, n.Sent+more, aggregates.CampaignBounceLimit) && is.Status == events.CampaignIsActive {
			out = append(out, events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: b.CampaignID}, Reason: events.PausedBounceRate, Count: n.Bounced + 1, Sent: n.Sent + more})
		}
	}
	return out
}

// suppressLead suppresses the address of a lead, also of one that is gone.
func suppressLead(o *aggregates.Organization, lead uuid.UUID, reason string) []events.Event {
	address, ok := o.Leads.AddressOf(lead)
	if !ok || o.Suppression.Has(aggregates.Suppression{Hash: address}) {
		return nil
	}
	return []events.Event{SuppressionItem{Kind: events.SuppressAddress, Hash: address.String(), Reason: reason}.addedEvent(o)}
}
