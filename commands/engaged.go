package commands

import (
	"strconv"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

func validClass(s string) bool {
	return s == events.ClassHuman || s == events.ClassProxy || s == events.ClassScanner
}

// Decide records what was fetched; nothing branches on it.
func (c RecordHits) Decide(*aggregates.Organization) (out []events.Event, err error) {
	if err := checkCount("hits", len(c.Hits)); err != nil {
		return nil, err
	}
	for i, h := range c.Hits {
		field := "hits." + strconv.Itoa(i)
		switch {
		case !validClass(h.Class):
			return nil, errInvalid(field+".class", "must be human, proxy or scanner")
		case h.Link != nil && *h.Link < 0:
			return nil, errInvalid(field+".link", "must be 0 or more")
		case h.Link == nil:
			out = append(out, events.MessageOpened{Answered: h.Answered, HitID: h.HitID, Class: h.Class, At: h.At, Client: h.Client})
		default:
			out = append(out, events.MessageClicked{Answered: h.Answered, HitID: h.HitID, Link: *h.Link, Class: h.Class, At: h.At, Client: h.Client})
		}
		if err := checkAnswered(field, h.Answered); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Decide records the better class.
func (c ReclassifyHits) Decide(*aggregates.Organization) (out []events.Event, err error) {
	if err := checkCount("hits", len(c.Hits)); err != nil {
		return nil, err
	}
	for i, h := range c.Hits {
		field := "hits." + strconv.Itoa(i)
		if !validClass(h.Class) {
			return nil, errInvalid(field+".class", "must be human, proxy or scanner")
		}
		if err := firstError(checkAnswered(field, h.Answered), checkText(field+".reason", h.Reason, 0, 200)); err != nil {
			return nil, err
		}
		out = append(out, events.HitReclassified(h))
	}
	return out, nil
}

func checkAnswered(field string, r events.Answered) error {
	if r.MessageID == uuid.Nil || r.LeadID == uuid.Nil {
		return errInvalid(field+".message_id", "comes with lead_id; both must be there")
	}
	return nil
}

// Decide stops all sequences of who answered, and where a campaign wants it, of everybody at their company.
func (c RecordReply) Decide(o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("reply", c.Answered); err != nil {
		return nil, err
	}
	out := append(resolved(o, c.MessageID, events.ResolvedByReply), events.MessageReplied{Answered: c.Answered, Mail: c.Mail, From: c.From})
	switch c.From {
	case events.FromLead, events.FromAlias:
		out = append(out, stopLead(o, out, c.Answered, events.StopReplied)...)
		return append(out, o.StopCompany(c.LeadID, &c.MessageID, MaxItems)...), nil
	case events.FromCompany:
		return append(out, o.StopCompany(c.LeadID, &c.MessageID, MaxItems)...), nil
	}
	return nil, errInvalid("from", "must be lead, alias or company")
}

// stopLead ends all sequences of a lead but those that events before it in the same command have ended.
func stopLead(o *aggregates.Organization, before []events.Event, r events.Answered, reason string) (out []events.Event) {
	for _, e := range o.EnrollmentsOf(r.LeadID) {
		ended := false
		for _, b := range before {
			done, ok := b.(events.EnrollmentCompleted)
			ended = ended || ok && done.InCampaign == e.Ref()
		}
		if !ended {
			out = append(out, e.Stop(reason, &r.MessageID)...)
		}
	}
	return out
}

// Days that an absence without a date lasts.
const outOfOfficeDays = 14

// Decide pauses who is out of office until the business day behind the date they give, and changes nothing for other
// automatic answers.
func (c RecordAutoReply) Decide(o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("reply", c.Answered); err != nil {
		return nil, err
	}
	if !validDate(c.ReturnDate) {
		return nil, errInvalid("return_date", reasonDate)
	}
	out := append(resolved(o, c.MessageID, events.ResolvedByReply), events.MessageAutoReplied{Answered: c.Answered, Mail: c.Mail, OutOfOffice: c.OutOfOffice, ReturnDate: c.ReturnDate})
	if !c.OutOfOffice {
		return out, nil
	}
	for _, e := range o.EnrollmentsOf(c.LeadID) {
		until := o.BackAt(e, c.ReturnDate, outOfOfficeDays)
		if until.After(o.Now) && !e.PausedBeyond(until) {
			out = append(out, events.EnrollmentPaused{InCampaign: e.Ref(), Reason: events.PausedOutOfOffice, Until: until})
		}
	}
	return out, nil
}

// Decide does what the kind of bounce asks for.
func (c RecordBounce) Decide(o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("bounce", c.Answered); err != nil {
		return nil, err
	}
	if c.ReportedAt.IsZero() {
		return nil, errInvalid("reported_at", "is missing")
	}
	bounced := events.MessageBounced{Answered: c.Answered, Kind: bounceKind(c.Code, c.Enhanced, ""), Code: c.Code, Enhanced: c.Enhanced, ReportedAt: c.ReportedAt}
	out := append(resolved(o, c.MessageID, events.ResolvedByBounce), bounced)
	out = append(out, consequences(o, bounced, 0)...)
	if bounced.Kind == events.BounceHard {
		out = append(out, stopLead(o, out, c.Answered, events.StopBounced)...)
	}
	return out, nil
}

// consequences of a bounce for the address, the mailbox and the campaign; more = sends that are not counted yet.
func consequences(o *aggregates.Organization, b events.MessageBounced, more int) (out []events.Event) {
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
			out = append(out, events.MailboxHealthChanged{MailboxID: b.MailboxID, Health: max(box.Health-10, 0), Reason: "blocked"})
			if n.Blocked+1 >= aggregates.BlockLimit && box.Paused == "" {
				out = append(out, events.MailboxPaused{MailboxID: b.MailboxID, Reason: events.PausedBlocked, Count: n.Blocked + 1, Sent: n.Sent})
			}
			return out
		}
		if aggregates.Exceeds(n.Bounced+1, n.Sent, aggregates.MailboxBounceLimit) && box.Paused == "" {
			out = append(out, events.MailboxPaused{MailboxID: b.MailboxID, Reason: events.PausedBounceRate, Count: n.Bounced + 1, Sent: n.Sent})
		}
	}
	if is := o.Campaigns[b.CampaignID]; is != nil && b.Kind == events.BounceHard {
		n := is.Rate.At(b.ReportedAt)
		if aggregates.Exceeds(n.Bounced+1, n.Sent+more, aggregates.CampaignBounceLimit) && is.Status == events.CampaignIsActive {
			out = append(out, events.CampaignPaused{CampaignID: b.CampaignID, Reason: events.PausedBounceRate, Count: n.Bounced + 1, Sent: n.Sent + more})
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
	return []events.Event{SuppressionItem{Kind: events.SuppressAddress, Hash: address.String(), Reason: reason}.added(o)}
}

// Decide suppresses at once, counts, and stops a mailbox or campaign that has too many.
func (c RecordComplaint) Decide(o *aggregates.Organization) ([]events.Event, error) {
	if err := firstError(checkAnswered("complaint", c.Answered), checkText("kind", c.Kind, 1, 40)); err != nil {
		return nil, err
	}
	if c.ReportedAt.IsZero() {
		return nil, errInvalid("reported_at", "is missing")
	}
	out := append(resolved(o, c.MessageID, events.ResolvedByBounce), events.MessageComplained(c))
	out = append(out, suppressLead(o, c.LeadID, events.SuppressedComplaint)...)
	out = append(out, stopLead(o, out, c.Answered, events.StopComplained)...)
	if box := o.Mailboxes.Get(c.MailboxID); box != nil {
		n := box.Rate.At(c.ReportedAt)
		if aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintWarn) {
			out = append(out, events.MailboxHealthChanged{MailboxID: c.MailboxID, Health: max(box.Health-20, 0), Reason: "complained"})
		}
		if aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintLimit) && box.Paused == "" {
			out = append(out, events.MailboxPaused{MailboxID: c.MailboxID, Reason: events.PausedComplaintRate, Count: n.Complained + 1, Sent: n.Sent})
		}
	}
	if is := o.Campaigns[c.CampaignID]; is != nil && is.Status == events.CampaignIsActive {
		if n := is.Rate.At(c.ReportedAt); aggregates.Exceeds(n.Complained+1, n.Sent, aggregates.ComplaintLimit) {
			out = append(out, events.CampaignPaused{CampaignID: c.CampaignID, Reason: events.PausedComplaintRate, Count: n.Complained + 1, Sent: n.Sent})
		}
	}
	return out, nil
}

// Decide suppresses the address and stops everything to it. Once it is suppressed and stopped there is nothing to do.
func (c Unsubscribe) Decide(o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("unsubscribe", c.Answered); err != nil {
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
