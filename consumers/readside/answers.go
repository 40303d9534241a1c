package readside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/answers"
	"outrider/consumers/reaction"
	"outrider/internal/app/claims"
	"outrider/internal/app/facts"
	"outrider/internal/linktoken"
	"outrider/projections"
)

// AnsweredMail implements answers.Mails.
func (r *ReadSide) AnsweredMail(ctx context.Context, org, thread, mail uuid.UUID) (m answers.Mail, err error) {
	var item *projections.InboxItem
	var lead *projections.Lead
	if err := r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		if item, err = projections.GetInboxItem(ctx, tx, org, mail); err != nil {
			return err
		}
		if lead, err = projections.GetLead(ctx, tx, org, item.LeadID); err != nil {
			return err
		}
		if m.BookingLink, err = r.bookingLinkOf(ctx, tx, org, item.MessageID); err != nil {
			return err
		}
		automation, err := projections.GetAnswerAutomation(ctx, tx, org)
		if err != nil {
			return err
		}
		if m.ByItself, err = automation.Read(); err != nil {
			return err
		}
		boxes, err := projections.Mailboxes(ctx, tx, org, []uuid.UUID{deref(item.MailboxID)})
		if box := boxes[deref(item.MailboxID)]; box != nil {
			m.Sender = deref(box.DisplayName)
		}
		if err != nil || lead.Email == nil {
			return err
		}
		company, err := projections.CompanyOf(ctx, tx, lead)
		if err != nil {
			return err
		}
		if m.Known, err = facts.Known(ctx, tx, lead, company, r.Now()); err != nil {
			return err
		}
		ours, err := claims.Known(ctx, tx, org, deref(item.CampaignID), r.Now())
		m.Known = append(m.Known, ours...)
		return err
	}); err != nil {
		return m, err
	}
	if item.ThreadID != thread || item.MailboxID == nil || lead.ErasedAt != nil || item.Class != projections.InboxReply {
		return m, fmt.Errorf("mail %s: %w", mail, reaction.ErrGone)
	}
	m.LeadID, m.CampaignID, m.MailboxID, m.Subject, m.Question, m.From = item.LeadID, deref(item.CampaignID), *item.MailboxID, deref(item.Subject), deref(item.Body), deref(lead.Email)
	if item.Body == nil && item.BodyRef != "" {
		if m.Question, err = r.openStored(ctx, org, item.LeadID, item.BodyRef); err != nil {
			return m, err
		}
	}
	if item.Sender == "lead" {
		m.FirstName = deref(lead.FirstName)
	}
	if item.Header != nil {
		var h projections.MailHeader
		if err := json.Unmarshal([]byte(*item.Header), &h); err != nil {
			return m, fmt.Errorf("read the header of mail %s: %w", mail, err)
		}
		if h.From != "" {
			m.From = h.From
		}
	}
	return m, nil
}

// bookingLinkOf returns the page on which the person of a message can book a meeting; "" while the organisation has no hours.
func (r *ReadSide) bookingLinkOf(ctx context.Context, tx pgx.Tx, org, message uuid.UUID) (string, error) {
	hours, err := projections.GetBookingHours(ctx, tx, org)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	read, err := hours.Read()
	if err != nil || read.SlotMinutes == 0 {
		return "", err
	}
	return r.Links.Booking(linktoken.Token{Org: org, Message: message}), nil
}
