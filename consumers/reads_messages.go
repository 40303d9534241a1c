package consumers

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/llm"
	"outrider/internal/profile"
	"outrider/internal/track"
	"outrider/projections"
)

// Brief is Briefs'.
func (r *Reads) Brief(ctx context.Context, org, message uuid.UUID) (b Brief, err error) {
	err = r.in(ctx, org, func(tx pgx.Tx) error {
		m, err := projections.GetMessage(ctx, tx, org, message)
		if err != nil {
			return err
		}
		lead, err := projections.GetLead(ctx, tx, org, m.LeadID)
		if err != nil {
			return err
		}
		if b.LeadID, b.LeadVersion = m.LeadID, lead.Version; lead.Email == nil {
			return ErrGone
		}
		if b.Lead, err = profileOf(lead); err != nil {
			return err
		}
		_, variant, err := projections.StepOf(ctx, tx, org, m.CampaignID, m.StepsVersion, m.StepID, m.VariantID)
		if err != nil {
			return err
		}
		b.Subject, b.Body = variant.Subject, variant.Body
		if b.System, err = r.system(ctx, tx, m); err != nil {
			return err
		}
		return r.before(ctx, tx, m, &b)
	})
	return b, err
}

// system are the values that the product adds; commands.SystemVariables names them.
func (r *Reads) system(ctx context.Context, tx pgx.Tx, m *projections.Message) (map[string]any, error) {
	org, err := projections.GetOrganization(ctx, tx, m.OrgID)
	if err != nil {
		return nil, err
	}
	box, err := projections.GetMailbox(ctx, tx, m.OrgID, m.MailboxID)
	if err != nil {
		return nil, err
	}
	t := track.Token{Org: m.OrgID, Message: m.MessageID}
	return map[string]any{"unsubscribe_link": r.Links.Unsubscribe(t), "booking_link": r.Links.Booking(t), "sender_name": value(box.DisplayName), "sender_email": value(box.Address),
		"organization_name": org.Name, "postal_address": org.PostalAddress}, nil
}

// before tells of the messages that came before in the sequence.
func (r *Reads) before(ctx context.Context, tx pgx.Tx, m *projections.Message, b *Brief) error {
	for id := m.PreviousID; id != nil && len(b.Previous) < maxThread; {
		p, err := projections.GetMessage(ctx, tx, m.OrgID, *id)
		if err != nil {
			return err
		}
		text, err := projections.GetMessageText(ctx, tx, m.OrgID, *id)
		if err != nil {
			return err
		}
		b.ReplyTo = value(text.Subject)
		b.Previous = append([]string{value(text.Body)}, b.Previous...)
		id = p.PreviousID
	}
	if !r.Model {
		return nil
	}
	b.UseModel, b.Instructions = true, "Follow the example closely: its purpose, its length, its tone and every link in it."
	for _, name := range []string{"job_title", "company_name", "city", "country"} {
		if v := *b.Lead.Field(name); v != "" {
			b.Facts = append(b.Facts, llm.Fact{ID: name, Text: name + ": " + v})
		}
	}
	return nil
}

// maxThread bounds what is looked at of a sequence; it has fewer steps.
const maxThread = 20

func profileOf(l *projections.Lead) (p profile.Profile, err error) {
	p = profile.Profile{Email: value(l.Email), FirstName: value(l.FirstName), LastName: value(l.LastName), Phone: value(l.Phone), CompanyName: value(l.CompanyName), JobTitle: value(l.JobTitle),
		LinkedInURL: value(l.LinkedInURL), Website: value(l.Website), City: value(l.City), Country: value(l.Country)}
	if err := json.Unmarshal(l.Custom, &p.Custom); err != nil {
		return p, fmt.Errorf("read custom fields: %w", err)
	}
	return p, nil
}

// Letter is Outbox's.
func (r *Reads) Letter(ctx context.Context, org, message uuid.UUID) (l Letter, err error) {
	err = r.in(ctx, org, func(tx pgx.Tx) error {
		m, err := projections.GetMessage(ctx, tx, org, message)
		if err != nil {
			return err
		}
		lead, err := projections.GetLead(ctx, tx, org, m.LeadID)
		if err != nil {
			return err
		}
		text, err := projections.GetMessageText(ctx, tx, org, message)
		if err != nil {
			return err
		}
		if lead.Email == nil || text.Subject == nil || text.Body == nil && text.BodyRef == "" {
			return ErrGone
		}
		l = Letter{LeadID: m.LeadID, To: *lead.Email, Subject: *text.Subject, Body: value(text.Body), BodyRef: text.BodyRef}
		if l.Previous, err = r.thread(ctx, tx, m); err != nil {
			return err
		}
		return r.footer(ctx, tx, m, &l)
	})
	return l, err
}

// thread gives the messages before that were sent from the same mailbox, oldest first.
func (r *Reads) thread(ctx context.Context, tx pgx.Tx, m *projections.Message) (out []uuid.UUID, err error) {
	for id := m.PreviousID; id != nil && len(out) < maxThread; {
		p, err := projections.GetMessage(ctx, tx, m.OrgID, *id)
		if err != nil {
			return nil, err
		}
		if p.SentAt != nil && p.MailboxID == m.MailboxID {
			out = append([]uuid.UUID{p.MessageID}, out...)
		}
		id = p.PreviousID
	}
	return out, nil
}

// footer sets what the campaign's settings ask for.
func (r *Reads) footer(ctx context.Context, tx pgx.Tx, m *projections.Message, l *Letter) error {
	c, err := projections.GetCampaign(ctx, tx, m.OrgID, m.CampaignID)
	if err != nil {
		return err
	}
	settings := commands.DefaultSettings()
	if len(c.Settings) > 0 {
		settings = events.CampaignSettings{}
		if err := json.Unmarshal(c.Settings, &settings); err != nil {
			return fmt.Errorf("read settings: %w", err)
		}
	}
	l.TrackOpens, l.TrackClicks = settings.TrackOpens, settings.TrackClicks
	if !settings.UnsubscribeFooter {
		return nil
	}
	org, err := projections.GetOrganization(ctx, tx, m.OrgID)
	if err != nil {
		return err
	}
	l.Footer = org.Name
	if org.PostalAddress != "" {
		l.Footer += ", " + org.PostalAddress
	}
	return nil
}
