package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// RecordBounce records a report (Action: failed) about a message that we sent to that recipient.
type RecordBounce struct {
	events.SentMessageRef
	events.Report
	events.SMTPReply           // as quoted in the report; its stage is rcpt if the report says so
	Class            string    `json:"class,omitzero"` // what is wrong, finer than the kind; empty = nobody has judged it
	ReportedAt       time.Time `json:"reported_at"`
}

func (RecordBounce) CommandType() string { return "message.record_bounce.v3" }

// Decide acts as the kind of the bounce requires.
func (c RecordBounce) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkReport("bounce", c.SentMessageRef, c.Report); err != nil {
		return nil, err
	}
	if o.Heard.Has(c.MailID, aggregates.HeardBounce) {
		return nil, nil
	}
	if c.ReportedAt.IsZero() {
		return nil, errInvalid("reported_at", "is missing")
	}
	bounced := events.MessageBounced{SentMessageRef: c.SentMessageRef, Report: c.Report, Kind: bounceKind(c.SMTPReply), Class: c.Class, Code: c.Code, Enhanced: c.Enhanced, Detail: c.Text, ReportedAt: c.ReportedAt}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByBounce), bounced)
	out = append(out, reactToBounce(o, bounced, 0)...)
	if bounced.Kind == events.BounceHard && stillAt(o, c.SentMessageRef, c.Report) {
		out = append(out, stopLead(o, out, c.SentMessageRef, events.StopBounced)...)
	}
	return out, nil
}

// RecordComplaint records a feedback report.
type RecordComplaint struct {
	events.SentMessageRef
	events.Report
	Kind       string    `json:"kind"`
	ReportedAt time.Time `json:"reported_at"`
}

func (RecordComplaint) CommandType() string { return "message.record_complaint.v2" }

// Decide suppresses at once, counts, and stops a mailbox or campaign that has too many.
func (c RecordComplaint) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := firstError(checkReport("complaint", c.SentMessageRef, c.Report), checkText("kind", c.Kind, 1, 40)); err != nil {
		return nil, err
	}
	if o.Heard.Has(c.MailID, aggregates.HeardComplaint) {
		return nil, nil
	}
	if c.ReportedAt.IsZero() {
		return nil, errInvalid("reported_at", "is missing")
	}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByBounce), events.MessageComplained(c))
	out = append(out, suppressPerson(o, c.SentMessageRef, c.Report, events.SuppressedComplaint)...)
	out = append(out, stopLead(o, out, c.SentMessageRef, events.StopComplained)...)
	if box := o.Mailboxes.Get(c.MailboxID); box != nil {
		n := box.Rate.At(c.ReportedAt)
		if aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintWarn) {
			out = append(out, events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Health: max(box.Health-20, 0), Reason: "complained"})
		}
		if aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintLimit) && box.Paused == "" {
			out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Reason: events.PausedComplaintRate, Count: n.Complained + 1, Sent: n.Sent})
		}
		out = append(out, stopDomain(o, box, out, c.ReportedAt, func(n *aggregates.Counts) { n.Complained++ })...)
	}
	if is := o.Campaigns[c.CampaignID]; is != nil && is.Status == events.CampaignIsActive {
		if n := is.Rate.At(c.ReportedAt); aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintLimit) {
			out = append(out, events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, Reason: events.PausedComplaintRate, Count: n.Complained + 1, Sent: n.Sent})
		}
	}
	return out, nil
}

// reactToBounce returns what a bounce means for the address, the mailbox and the campaign; more = sends that are not counted yet.
func reactToBounce(o *aggregates.Organization, b events.MessageBounced, more int) (out []events.Event) {
	switch b.Kind {
	case events.BounceHard:
		out = suppressRecipient(o, b.SentMessageRef, b.Report, events.SuppressedBounce)
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
			return append(out, stopDomain(o, box, out, b.ReportedAt, func(n *aggregates.Counts) { n.Blocked, n.Sent = n.Blocked+1, n.Sent+more })...)
		}
		if aggregates.Exceeds(n.Bounced+1, n.Sent, aggregates.MailboxBounceLimit) && box.Paused == "" {
			out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: b.MailboxID}, Reason: events.PausedBounceRate, Count: n.Bounced + 1, Sent: n.Sent})
		}
		out = append(out, stopDomain(o, box, out, b.ReportedAt, func(n *aggregates.Counts) { n.Bounced, n.Sent = n.Bounced+1, n.Sent+more })...)
	}
	if is := o.Campaigns[b.CampaignID]; is != nil && b.Kind == events.BounceHard {
		n := is.Rate.At(b.ReportedAt)
		if aggregates.Exceeds(n.Bounced+1, n.Sent+more, aggregates.CampaignBounceLimit) && is.Status == events.CampaignIsActive {
			out = append(out, events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: b.CampaignID}, Reason: events.PausedBounceRate, Count: n.Bounced + 1, Sent: n.Sent + more})
		}
	}
	return out
}

// stopDomain pauses the mailboxes of a sending domain if what is counted of them together would stop one of them, and none was stopped for it by itself: then the
// signal is the domain's. Blocks count as many times as there are mailboxes.
func stopDomain(o *aggregates.Organization, box *aggregates.Mailbox, decided []events.Event, at time.Time, more func(*aggregates.Counts)) (out []events.Event) {
	for _, e := range decided {
		if p, ok := e.(events.MailboxPaused); ok && p.MailboxID == box.ID {
			return nil
		}
	}
	n, boxes := o.DomainCounts(box.Domain, at)
	if boxes < aggregates.DomainLeastMailboxes {
		return nil
	}
	if more(&n); n.Blocked < aggregates.BlockLimit*boxes/2 {
		n.Blocked = 0
	}
	reason := map[string]string{events.PausedBlocked: events.PausedDomainBlocked, events.PausedComplaintRate: events.PausedDomainComplaintRate, events.PausedBounceRate: events.PausedDomainBounceRate}[aggregates.StopsFor(n)]
	if reason == "" {
		return nil
	}
	count := map[string]int{events.PausedDomainBlocked: n.Blocked, events.PausedDomainComplaintRate: n.Complained, events.PausedDomainBounceRate: n.Bounced}[reason]
	for _, m := range o.Mailboxes.All() {
		if m.Domain == box.Domain && m.Paused == "" && m.Verified {
			out = append(out, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: m.ID}, Reason: reason, Count: count, Sent: n.Sent})
		}
	}
	return out
}
