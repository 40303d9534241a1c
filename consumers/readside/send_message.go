package readside

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/reaction"
	"outrider/consumers/sending"
	"outrider/consumers/writing"
	"outrider/events"
	"outrider/internal/app/claims"
	"outrider/internal/app/facts"
	"outrider/internal/app/leads"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/outgoing"
	"outrider/internal/evidence"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
	"outrider/internal/template"
	"outrider/projections"
)

// readResult is what was read for one of several messages.
type readResult[T any] struct {
	of  T
	err error
}

// forEachMessage makes a value of each message of a context.
func forEachMessage[T any](s *messageContext, ids []uuid.UUID, of func(s *messageContext, m *projections.Message, lead *projections.Lead) (T, error)) []readResult[T] {
	out := make([]readResult[T], len(ids))
	for i, id := range ids {
		m := s.messages[id]
		if m == nil || s.leads[m.LeadID] == nil || s.leads[m.LeadID].Email == nil {
			out[i].err = fmt.Errorf("message %s: %w", id, reaction.ErrGone)
			continue
		}
		out[i].of, out[i].err = of(s, m, s.leads[m.LeadID])
	}
	return out
}

// Brief implements writing.Briefs. Those that are asked for at nearly the same time are read together.
func (r *ReadSide) Brief(ctx context.Context, org, message uuid.UUID) (writing.Brief, error) {
	x, err := r.briefs.Do(ctx, org, message)
	if err != nil {
		return writing.Brief{}, err
	}
	return x.of, x.err
}

func (r *ReadSide) readBriefs(ctx context.Context, org uuid.UUID, ids []uuid.UUID) ([]readResult[writing.Brief], error) {
	s, err := r.readContext(ctx, org, ids, true)
	if err != nil {
		return nil, err
	}
	if r.Model != nil {
		wanted, err := r.Model(ctx, org)
		if err != nil {
			return nil, err
		}
		if wanted {
			if err := r.readFacts(ctx, org, s); err != nil {
				return nil, err
			}
		}
	}
	return forEachMessage(s, ids, r.briefOf), nil
}

// readFacts reads what is known of the leads, and what campaigns may say about ourselves.
func (r *ReadSide) readFacts(ctx context.Context, org uuid.UUID, s *messageContext) error {
	s.known, s.claims, s.writing = map[uuid.UUID][]evidence.Fact{}, map[uuid.UUID][]evidence.Fact{}, map[uuid.UUID]events.CampaignWriting{}
	s.wishes = map[uuid.UUID]string{}
	return r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		for id, m := range s.messages {
			if m.Reason != "rejected" {
				continue
			}
			if s.wishes[id], err = projections.RejectionOf(ctx, tx, org, id); err != nil {
				return err
			}
		}
		for id := range s.campaigns {
			set := events.DefaultCampaignWriting()
			if err := projections.CampaignWriting(ctx, tx, org, id, &set); err != nil {
				return err
			}
			s.writing[id] = set
			if s.claims[id], err = claims.Known(ctx, tx, org, id, r.Now()); err != nil {
				return err
			}
		}
		for id, lead := range s.leads {
			if lead.Email == nil {
				continue
			}
			company, err := projections.CompanyOf(ctx, tx, lead)
			if err != nil {
				return err
			}
			if s.known[id], err = facts.Known(ctx, tx, lead, company, r.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *ReadSide) briefOf(s *messageContext, m *projections.Message, lead *projections.Lead) (b writing.Brief, err error) {
	v, ok := s.variantOf(m)
	box := s.mailboxes[m.MailboxID]
	if !ok || box == nil {
		return b, fmt.Errorf("step or mailbox of message %s: %w", m.MessageID, reaction.ErrGone)
	}
	seed := template.SeedOf(m.CampaignID, m.LeadID)
	b = writing.Brief{LeadID: m.LeadID, CampaignID: m.CampaignID, LeadVersion: lead.Version, Subject: template.Spin(v.Subject, seed), Body: template.Spin(v.Body, seed)}
	if b.Lead, err = leads.ProfileOf(lead); err != nil {
		return b, err
	}
	t := linktoken.Token{Org: m.OrgID, Message: m.MessageID}
	b.System = map[string]any{"unsubscribe_link": r.Links.Unsubscribe(t), "booking_link": outgoing.BookingLink(r.Links, s.campaigns[m.CampaignID], t), "sender_name": deref(box.DisplayName), "sender_email": deref(box.Address),
		"organization_name": s.org.Name, "postal_address": s.org.PostalAddress}
	b.FollowUp = m.Step > 1
	for i, p := range s.threadOf(m) {
		b.Answers = b.Answers || wasSentBefore(p, m)
		if text := s.texts[p.MessageID]; text != nil {
			b.Previous = append(b.Previous, deref(text.Body))
			if i == 0 { // a follow-up without a subject continues its thread
				b.ReplyTo = deref(text.Subject)
			}
		}
	}
	if set := s.writing[m.CampaignID]; s.known != nil && !set.Off {
		b.UseModel, b.Refused, b.Facts = true, set.Refused, slices.Concat(s.known[m.LeadID], s.claims[m.CampaignID])
		if b.Instructions = set.Instructions; b.Instructions == "" {
			b.Instructions = modelFollows
		}
		if wish := s.wishes[m.MessageID]; wish != "" {
			b.Instructions += wishFollows + wish
		}
	}
	return b, nil
}

// modelFollows is the instruction for a language model where a campaign has none of its own.
const modelFollows = "Follow the example closely: its purpose, its length, its tone and every link in it."

// wishFollows begins what a member wants who rejected the draft before.
const wishFollows = " A colleague rejected the draft before this one, and says: "

// OutgoingMessage implements sending.Outbox; see Brief.
func (r *ReadSide) OutgoingMessage(ctx context.Context, org, message uuid.UUID) (sending.OutgoingMessage, error) {
	x, err := r.outgoing.Do(ctx, org, message)
	if err != nil {
		return sending.OutgoingMessage{}, err
	}
	return x.of, x.err
}

func (r *ReadSide) readOutgoing(ctx context.Context, org uuid.UUID, ids []uuid.UUID) ([]readResult[sending.OutgoingMessage], error) {
	s, err := r.readContext(ctx, org, ids, false)
	if err != nil {
		return nil, err
	}
	from := map[uuid.UUID]*mailboxes.Mailbox{}
	for id, row := range s.mailboxes {
		if m, err := r.openMailbox(ctx, row); err == nil && m.SetDomain(s.domains[row.DomainHash]) == nil { // otherwise whoever asks for the mailbox gets the error
			from[id] = &m
		}
	}
	letters := forEachMessage(s, ids, outgoingMessageOf)
	for i := range letters {
		if m := s.messages[ids[i]]; m != nil {
			letters[i].of.From = from[m.MailboxID]
		}
	}
	return letters, nil
}

func outgoingMessageOf(s *messageContext, m *projections.Message, lead *projections.Lead) (l sending.OutgoingMessage, err error) {
	text := s.texts[m.MessageID]
	if text == nil || text.Subject == nil || text.Body == nil && text.BodyRef == "" {
		return l, fmt.Errorf("text of message %s: %w", m.MessageID, reaction.ErrGone)
	}
	settings, err := s.settingsOf(m.CampaignID)
	if err != nil {
		return l, err
	}
	l = sending.OutgoingMessage{LeadID: m.LeadID, To: *lead.Email, Subject: *text.Subject, Body: deref(text.Body), BodyRef: text.BodyRef,
		TrackOpens: settings.TrackOpens && !s.untracked, TrackClicks: settings.TrackClicks && !s.untracked}
	for _, p := range s.threadOf(m) {
		if wasSentBefore(p, m) {
			l.Previous = append(l.Previous, p.MessageID)
		}
	}
	if m.Step > 1 && len(l.Previous) == 0 { // it answers no message that the lead got
		l.Subject = compose.WithoutReply(l.Subject)
	}
	if settings.UnsubscribeFooter {
		l.Footer = footerOf(s.org)
	}
	return l, nil
}

// wasSentBefore reports whether a message of the same thread was really sent, by the mailbox that m leaves from.
func wasSentBefore(p, m *projections.Message) bool {
	return p.SentAt != nil && p.MailboxID == m.MailboxID
}

// footerOf returns the footer that says who writes.
func footerOf(o *projections.Organization) string { return compose.FooterOf(o.Name, o.PostalAddress) }
