package outgoing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/llm"
	"outrider/internal/mail/compose"
	"outrider/internal/profile"
	"outrider/internal/scheduling"
	"outrider/internal/template"
	"outrider/projections"
)

// Asked is a text of a campaign with whom it is written to and from, though nobody is written to by the campaign: a preview, or a test send.
type Asked struct {
	Lead          uuid.UUID // zero = an example person
	Mailbox       uuid.UUID // zero = an example sender
	Subject, Body string    // Liquid, with alternatives
	FollowUp      bool      // a message of the sequence was sent before it, which it follows
	ID            uuid.UUID // what its links and its Message-ID name: no message of a campaign, so that nothing is counted
}

// Ingredients is all that a text is written with, read at one moment.
type Ingredients struct {
	Asked

	campaign  *projections.Campaign
	org       *projections.Organization
	lead      *projections.Lead // nil = an example person
	known     map[string]bool   // own fields, by name
	from      mailboxes.Mailbox
	box       *projections.Mailbox
	untracked bool
	text      template.MessageTemplates
	source    [2]string // subject and body, with alternatives chosen
}

// Sample is a text as it was written.
type Sample struct {
	Message // whole: its recipient is the person, its text lacks what Compose adds

	From    mailboxes.Mailbox
	Token   linktoken.Token
	Unknown []string // variables that nobody knows, sorted
	Missing []string // variables for which the person has no value: a campaign's message would be held
}

// ErrFill says that a text can't be filled in. Its text may hold personal data.
var ErrFill = errors.New("the text can't be filled in")

// Read reads what a text is written with. It returns a *template.FieldError for a text that is none, and pgx.ErrNoRows for a person or mailbox that isn't there.
func Read(ctx context.Context, tx pgx.Tx, campaign *projections.Campaign, a Asked) (in Ingredients, err error) {
	in = Ingredients{Asked: a, campaign: campaign}
	seed := template.SeedOf(campaign.CampaignID, a.Lead) // of an example person: nobody's
	in.source = [2]string{template.Spin(a.Subject, seed), template.Spin(a.Body, seed)}
	if err = template.CheckAlternatives(a.Subject, a.Body); err == nil {
		in.text, err = template.ParseMessage(in.source[0], in.source[1])
	}
	if err != nil {
		return in, err
	}
	org := campaign.OrgID
	if in.org, err = projections.GetOrganization(ctx, tx, org); err != nil {
		return in, err
	}
	if a.Lead != uuid.Nil {
		if in.lead, err = projections.GetLead(ctx, tx, org, a.Lead); err != nil {
			return in, err
		}
	}
	if err := in.readSender(ctx, tx, org); err != nil {
		return in, err
	}
	switches, err := projections.ListFlagSwitches(ctx, tx, org)
	if err != nil {
		return in, err
	}
	for _, f := range switches {
		in.untracked = in.untracked || f.Flag == events.FeatureTracking && !f.On
	}
	in.known, err = projections.KnownFields(ctx, tx, org, withoutPrefix(in.ownFields()))
	return in, err
}

func (in *Ingredients) readSender(ctx context.Context, tx pgx.Tx, org uuid.UUID) (err error) {
	in.from = mailboxes.Mailbox{Org: org, Address: "sender@example.com", DisplayName: "Example Sender", NoTags: true}
	if in.Mailbox == uuid.Nil {
		return nil
	}
	if in.box, err = projections.GetMailbox(ctx, tx, org, in.Mailbox); err != nil {
		return err
	}
	domains, err := projections.SenderDomains(ctx, tx, org)
	if err != nil {
		return err
	}
	in.from, err = mailboxes.Letterhead(in.box, domains[in.box.DomainHash])
	return err
}

// ownFields lists the variables that are no field of every lead and nothing that the product adds.
func (in *Ingredients) ownFields() (names []string) {
	for _, name := range in.text.Variables() {
		if !slices.Contains(profile.Names(), name) && !slices.Contains(aggregates.SystemVariables(), name) {
			names = append(names, name)
		}
	}
	return names
}

func withoutPrefix(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.TrimPrefix(name, profile.CustomPrefix)
	}
	return out
}

// Variables counts the variables of the text.
func (in *Ingredients) Variables() int { return len(in.text.Variables()) }

// Write fills the text in, as a writer of drafts would. What the person lacks stands as its name in brackets.
func (in *Ingredients) Write(ctx context.Context, links linktoken.Links) (out Sample, err error) {
	out = Sample{From: in.from, Token: linktoken.Token{Org: in.campaign.OrgID, Message: in.ID}}
	person := profile.Example()
	if in.lead != nil {
		if person, err = leads.ProfileOf(in.lead); err != nil {
			return out, err
		}
	}
	values := person.Values()
	address := in.org.PostalAddress
	if address == "" {
		address = "[postal_address]"
	}
	maps.Copy(values, map[string]any{"unsubscribe_link": links.Unsubscribe(out.Token), "booking_link": BookingLink(links, in.campaign, out.Token), "sender_name": in.from.DisplayName, "sender_email": in.from.Address,
		"organization_name": in.org.Name, "postal_address": address})
	for _, name := range in.ownFields() {
		switch known := in.known[strings.TrimPrefix(name, profile.CustomPrefix)]; {
		case !known:
			out.Unknown = append(out.Unknown, name)
			values[name] = "[" + name + "]"
		case in.lead == nil:
			values[name] = "[" + name + "]"
		}
	}
	slices.Sort(out.Unknown)
	out.Unknown = slices.Compact(out.Unknown)
	out.Missing = in.text.FillMissing(values)
	draft, err := llm.Templates{}.Write(ctx, llm.Request{Subject: in.source[0], Body: in.source[1], Variables: values})
	if errors.Is(err, template.ErrTooLong) {
		return out, err
	}
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrFill, err)
	}
	settings, err := SettingsOf(in.campaign)
	if err != nil {
		return out, err
	}
	out.Message = Message{LeadID: in.Lead, To: person.Email, Subject: profile.CleanLine(draft.Subject), Body: profile.CleanText(draft.Body),
		TrackOpens: settings.TrackOpens && !in.untracked, TrackClicks: settings.TrackClicks && !in.untracked}
	if settings.UnsubscribeFooter {
		out.Footer = compose.FooterOf(in.org.Name, address)
	}
	if in.FollowUp {
		out.Previous = []uuid.UUID{es.DeriveID(in.ID, "the message before")}
	}
	return out, nil
}

// SettingsOf returns a campaign's settings, or the defaults.
func SettingsOf(c *projections.Campaign) (events.CampaignSettings, error) {
	if len(c.Settings) == 0 {
		return aggregates.DefaultSettings(), nil
	}
	settings := events.CampaignSettings{} // they are whole
	if err := json.Unmarshal(c.Settings, &settings); err != nil {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	return settings, nil
}

// BookingLink is where the recipient of a message books, with what says whose message it was.
func BookingLink(links linktoken.Links, c *projections.Campaign, t linktoken.Token) string {
	if c == nil || c.BookingService == "" {
		return links.Booking(t)
	}
	return scheduling.LinkFor(c.BookingService, c.BookingPage, links.Signer.Sign(linktoken.Booking, t))
}
