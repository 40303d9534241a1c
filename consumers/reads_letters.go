package consumers

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"outrider/internal/linktoken"
	"outrider/internal/llm"
	"outrider/internal/profile"
	"outrider/projections"
)

// outcome is what there is of one message of several.
type outcome[T any] struct {
	of  T
	err error
}

// each makes something of every message of a sheaf.
func each[T any](s *sheaf, ids []uuid.UUID, of func(s *sheaf, m *projections.Message, lead *projections.Lead) (T, error)) []outcome[T] {
	out := make([]outcome[T], len(ids))
	for i, id := range ids {
		m := s.messages[id]
		if m == nil || s.leads[m.LeadID] == nil || s.leads[m.LeadID].Email == nil {
			out[i].err = fmt.Errorf("message %s: %w", id, ErrGone)
			continue
		}
		out[i].of, out[i].err = of(s, m, s.leads[m.LeadID])
	}
	return out
}

// Brief is Briefs'. Those that are asked for at nearly the same time are read together.
func (r *Reads) Brief(ctx context.Context, org, message uuid.UUID) (Brief, error) {
	x, err := r.briefs.do(ctx, org, message)
	if err != nil {
		return Brief{}, err
	}
	return x.of, x.err
}

func (r *Reads) readBriefs(ctx context.Context, org uuid.UUID, ids []uuid.UUID) ([]outcome[Brief], error) {
	s, err := r.read(ctx, org, ids, true)
	if err != nil {
		return nil, err
	}
	return each(s, ids, r.brief), nil
}

func (r *Reads) brief(s *sheaf, m *projections.Message, lead *projections.Lead) (b Brief, err error) {
	v, ok := s.variant(m)
	box := s.mailboxes[m.MailboxID]
	if !ok || box == nil {
		return b, fmt.Errorf("step or mailbox of message %s: %w", m.MessageID, ErrGone)
	}
	b = Brief{LeadID: m.LeadID, LeadVersion: lead.Version, Subject: v.Subject, Body: v.Body}
	if b.Lead, err = profileOf(lead); err != nil {
		return b, err
	}
	t := linktoken.Token{Org: m.OrgID, Message: m.MessageID}
	b.System = map[string]any{"unsubscribe_link": r.Links.Unsubscribe(t), "booking_link": r.Links.Booking(t), "sender_name": value(box.DisplayName), "sender_email": value(box.Address),
		"organization_name": s.org.Name, "postal_address": s.org.PostalAddress}
	for i, p := range s.thread(m) {
		if text := s.texts[p.MessageID]; text != nil {
			b.Previous = append(b.Previous, value(text.Body))
			if i == 0 { // its thread is what a follow-up without a subject answers in
				b.ReplyTo = value(text.Subject)
			}
		}
	}
	if r.Model {
		b.UseModel, b.Instructions, b.Facts = true, modelFollows, facts(b.Lead)
	}
	return b, nil
}

// modelFollows is what a language model is told until campaigns have words of their own for it.
const modelFollows = "Follow the example closely: its purpose, its length, its tone and every link in it."

// facts are what may be stated about a person: what is known, and nothing else.
func facts(p profile.Profile) (out []llm.Fact) {
	for _, name := range []string{"job_title", "company_name", "city", "country"} {
		if v := *p.Field(name); v != "" {
			out = append(out, llm.Fact{ID: name, Text: name + ": " + v})
		}
	}
	return out
}

func profileOf(l *projections.Lead) (p profile.Profile, err error) {
	p = profile.Profile{Email: value(l.Email), FirstName: value(l.FirstName), LastName: value(l.LastName), Phone: value(l.Phone), CompanyName: value(l.CompanyName), JobTitle: value(l.JobTitle),
		LinkedInURL: value(l.LinkedInURL), Website: value(l.Website), City: value(l.City), Country: value(l.Country)}
	if err := json.Unmarshal(l.Custom, &p.Custom); err != nil {
		return p, fmt.Errorf("read custom fields: %w", err)
	}
	return p, nil
}

// Letter is Outbox's; see Brief.
func (r *Reads) Letter(ctx context.Context, org, message uuid.UUID) (Letter, error) {
	x, err := r.letters.do(ctx, org, message)
	if err != nil {
		return Letter{}, err
	}
	return x.of, x.err
}

func (r *Reads) readLetters(ctx context.Context, org uuid.UUID, ids []uuid.UUID) ([]outcome[Letter], error) {
	s, err := r.read(ctx, org, ids, false)
	if err != nil {
		return nil, err
	}
	from := map[uuid.UUID]*Mailbox{}
	for id, row := range s.mailboxes {
		if m, err := r.opened(ctx, row); err == nil { // else who asks for it is told
			from[id] = &m
		}
	}
	letters := each(s, ids, letterOf)
	for i := range letters {
		if m := s.messages[ids[i]]; m != nil {
			letters[i].of.From = from[m.MailboxID]
		}
	}
	return letters, nil
}

func letterOf(s *sheaf, m *projections.Message, lead *projections.Lead) (l Letter, err error) {
	text := s.texts[m.MessageID]
	if text == nil || text.Subject == nil || text.Body == nil && text.BodyRef == "" {
		return l, fmt.Errorf("text of message %s: %w", m.MessageID, ErrGone)
	}
	settings, err := s.settings(m.CampaignID)
	if err != nil {
		return l, err
	}
	l = Letter{LeadID: m.LeadID, To: *lead.Email, Subject: *text.Subject, Body: value(text.Body), BodyRef: text.BodyRef, TrackOpens: settings.TrackOpens, TrackClicks: settings.TrackClicks}
	for _, p := range s.thread(m) {
		if p.SentAt != nil && p.MailboxID == m.MailboxID {
			l.Previous = append(l.Previous, p.MessageID)
		}
	}
	if settings.UnsubscribeFooter {
		if l.Footer = s.org.Name; s.org.PostalAddress != "" {
			l.Footer += ", " + s.org.PostalAddress
		}
	}
	return l, nil
}
