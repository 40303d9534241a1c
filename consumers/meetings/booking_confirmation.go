// Package meetings confirms meetings to guests, and tells them of cancellations.
package meetings

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/consumers/sending"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/sealedtext"
	"outrider/internal/calendar"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/worker"
	"outrider/internal/pii"
	"outrider/internal/retry"
	"outrider/internal/zone"
	"outrider/projections"
)

// ConfirmConfig is what the confirmer needs.
type ConfirmConfig struct {
	Outbox   sending.Outbox
	Bookings Bookings
	Keys     sealedtext.Keyring
	Hashes   Hashes
	Secrets  mailboxes.Secrets
	Commands reaction.Commander
	Links    linktoken.Links
	Servers  worker.Servers
	Await    reaction.Await
	Now      func() time.Time
	Log      *slog.Logger
}

// Hashes are an organisation's keyed hashes; pii.Vault has them.
type Hashes interface {
	Hasher(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
}

// MeetingConfirmer writes to the guest of a meeting, and again when it is moved or cancelled, from the mailbox of the message whose link was used. It claims
// the right to before it writes, and writes only when the claim was its own: after a crash between the two nobody is written to twice, and that
// one mail is lost. The page on which the meeting was booked has confirmed it already.
type MeetingConfirmer struct {
	ConfirmConfig
}

// NewMeetingConfirmer returns a confirmer, or an error that names what is missing.
func NewMeetingConfirmer(c ConfirmConfig) (*MeetingConfirmer, error) {
	if err := (reaction.Required{"outbox": c.Outbox != nil, "bookings": c.Bookings != nil, "keys": c.Keys != nil, "hashes": c.Hashes != nil, "servers": c.Servers != nil, "secrets": c.Secrets != nil, "commands": c.Commands != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("meeting confirmer"); err != nil {
		return nil, err
	}
	return &MeetingConfirmer{ConfirmConfig: c}, nil
}

// Attempts to hand a confirmation over as long as nothing has left; the waits between them double.
const (
	confirmTries = 4
	confirmWait  = time.Second
)

// Reactor returns how it is run. Most of its time it waits for mail servers, some of which are as slow as they can be.
func (c *MeetingConfirmer) Reactor() react.Reactor {
	return react.Reactor{Name: "confirm", Wants: reaction.WantEvents(events.MeetingBooked{}, events.MeetingPlaced{}, events.MeetingCancelled{}, events.MeetingRescheduled{}), Concurrency: 64, PerOrg: 4, Handle: c.handleMeeting}
}

func (c *MeetingConfirmer) handleMeeting(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.MeetingBooked:
		return nil, c.confirmBooked(ctx, e, p)
	case events.MeetingPlaced:
		return nil, c.confirmPlaced(ctx, e, p)
	case events.MeetingCancelled:
		return nil, c.tellCancelled(ctx, e, p)
	case events.MeetingRescheduled:
		return nil, c.tellMoved(ctx, e, p)
	}
	return nil, nil
}

func (c *MeetingConfirmer) confirmBooked(ctx context.Context, e *es.Event, m events.MeetingBooked) error {
	if m.MailboxID == uuid.Nil || m.Service != "" || m.HostID != uuid.Nil { // who took the booking writes; with a host it is confirmed once it stands in their calendar
		return nil
	}
	if err := c.Await.ForMessage(ctx, e); err != nil {
		return err
	}
	to, err := c.recipientOf(ctx, e.Org, m)
	if err != nil {
		return err
	}
	return c.writeToGuest(ctx, e, m, to, guestMail{c.composeConfirmation("", 0), func(hash string) commands.Command {
		return commands.ConfirmMeeting{MeetingID: m.MeetingID, AddressHash: hash}
	}})
}

// guestMail is a mail about a meeting: how it is composed, and the command that claims it for one process.
type guestMail struct {
	compose func(t linktoken.Token, from mailboxes.Mailbox, to mail.Address, m events.MeetingBooked) ([]byte, error)
	claim   func(addressHash string) commands.Command
}

// writeToGuest claims a mail once everything that it needs is there, and sends it if the claim was its own.
func (c *MeetingConfirmer) writeToGuest(ctx context.Context, e *es.Event, m events.MeetingBooked, to mail.Address, g guestMail) error {
	if to.Address == "" {
		return nil
	}
	from, err := c.Outbox.Mailbox(ctx, e.Org, m.MailboxID)
	if errors.Is(err, reaction.ErrGone) {
		return nil // no mailbox to write from
	}
	if err != nil {
		return err
	}
	raw, err := g.compose(linktoken.Token{Org: e.Org, Message: m.MessageID}, from, to, m)
	if errors.Is(err, compose.ErrInvalid) {
		c.Log.Warn("no mail can be made about a meeting", "meeting", m.MeetingID, "org", e.Org, "event", e.Type, "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	a, err := mailboxes.AccountOf(ctx, c.Secrets, e.Org, from.SMTP)
	if err != nil {
		return err
	}
	hashes, err := c.Hashes.Hasher(ctx, e.Org)
	if err != nil {
		return err
	}
	// A new id with every start: the answer to an earlier one would accept the claim once more.
	claim, err := reaction.Submit(ctx, c.Commands, reaction.CausedBy(e, "confirm"), es.NewID(), c.Now(), g.claim(hashes.AddressHash(to.Address).String()))
	if err != nil || claim.Outcome != es.Accepted {
		return err
	}
	c.sendToGuest(ctx, e, m, c.Servers.Sender(worker.Mailbox{Org: e.Org, ID: m.MailboxID}, a), from.Address, to.Address, raw)
	return nil
}

var errNotSent = errors.New("the mail about a meeting has not left")

// sendToGuest tries again only while it is certain that nothing has left.
func (c *MeetingConfirmer) sendToGuest(ctx context.Context, e *es.Event, m events.MeetingBooked, client worker.Sender, from, to string, raw []byte) {
	defer client.Close()
	var r smtp.Result
	err := retry.Do(ctx, retry.Policy{First: confirmWait, Attempts: confirmTries}, func() error {
		switch r = client.Send(ctx, from, to, raw); r.Outcome {
		case smtp.Accepted:
			return nil
		case smtp.Temporary:
			return errNotSent
		default:
			return retry.Stop(errNotSent)
		}
	})
	if err != nil {
		c.Log.Warn("a guest was not written to about a meeting", "meeting", m.MeetingID, "org", e.Org, "event", e.Type, "outcome", r.Outcome, "stage", r.Stage, "code", r.Code)
	}
}

// recipientOf returns the guest, if it is the person we wrote to or somebody of the same company: the form is open to anybody with the link, and must not
// write to anybody else in the organisation's name. An empty address means nobody: nothing about them can be read any more.
func (c *MeetingConfirmer) recipientOf(ctx context.Context, org uuid.UUID, m events.MeetingBooked) (mail.Address, error) {
	given, err := c.readGuest(ctx, org, m)
	if errors.Is(err, pii.ErrUnreadable) {
		return mail.Address{}, nil
	}
	if err != nil {
		return mail.Address{}, fmt.Errorf("read who booked: %w", err)
	}
	return c.guestOrLead(ctx, org, m.MessageID, given)
}

// guestOrLead returns the address that was given with a booking, if it is the lead's or of the lead's company; else that of the lead.
func (c *MeetingConfirmer) guestOrLead(ctx context.Context, org, message uuid.UUID, given string) (mail.Address, error) {
	letter, err := c.Outbox.OutgoingMessage(ctx, org, message)
	if errors.Is(err, reaction.ErrGone) {
		return mail.Address{}, nil
	}
	if err != nil {
		return mail.Address{}, err
	}
	if domain := pii.Domain(letter.To); given != "" && pii.Domain(given) == domain && !pii.IsFreeMail(domain) {
		return mail.Address{Address: given}, nil
	}
	return mail.Address{Address: letter.To}, nil
}

// readGuest reads the address that was given with a booking, normalised; "" when none was.
func (c *MeetingConfirmer) readGuest(ctx context.Context, org uuid.UUID, m events.MeetingBooked) (string, error) {
	if m.Details.IsZero() {
		return "", nil
	}
	keys, err := c.Keys.Existing(ctx, org, []uuid.UUID{m.LeadID})
	if err != nil {
		return "", err
	}
	plain, err := keys[m.LeadID].Open(projections.MeetingField, pii.Sealed(m.Details))
	if err != nil {
		return "", err
	}
	var said struct {
		Email string `json:"email"`
	}
	if err := json.Unmarshal(plain, &said); err != nil {
		return "", err
	}
	return addressOrNone(said.Email), nil
}

// addressOrNone returns a normalised address; "" for what is no address.
func addressOrNone(given string) string {
	address, err := pii.NormalizeAddress(given)
	if err != nil {
		return ""
	}
	return address
}

// composeConfirmation writes the mail. It repeats nothing that was typed into the page: otherwise anybody with the link could send their own words
// from our mailbox. Its Message-ID is no token, so nothing takes it for a message of a campaign; the thread's is in its
// References, which an answer repeats.
func (c *MeetingConfirmer) composeConfirmation(place string, moves int) func(linktoken.Token, mailboxes.Mailbox, mail.Address, events.MeetingBooked) ([]byte, error) {
	return func(t linktoken.Token, from mailboxes.Mailbox, to mail.Address, m events.MeetingBooked) ([]byte, error) {
		with, day, when := meetingWords(from, m)
		message := c.partsOf(t, from, to, "meeting."+m.MeetingID.String())
		message.Subject = "Confirmed: " + with + ", " + day
		message.Text = "Your meeting with " + with + " is booked:\n\n" + when + "\n\n" + joinBy(place) + "The calendar file is attached. To move or cancel it:\n" + c.linkTo(t, m) + "\n"
		message.Calendar = calendarOf(calendar.Appointment{Method: calendar.Request, Sequence: moves, Stamp: m.BookedAt, Location: place}, message, with, m)
		return compose.Bytes(message)
	}
}

// joinBy says where people meet.
func joinBy(place string) string {
	if place == "" {
		return ""
	}
	return "Join by this link:\n" + place + "\n\n"
}

// confirmPlaced confirms a meeting that stands in the calendar of its host, or that its guest isn't kept waiting for.
func (c *MeetingConfirmer) confirmPlaced(ctx context.Context, e *es.Event, p events.MeetingPlaced) error {
	m, to, err := c.findGuest(ctx, e, p.MeetingID)
	if err != nil || m == nil {
		return err
	}
	return c.writeToGuest(ctx, e, m.MeetingBooked, to, guestMail{c.composeConfirmation(m.Link, m.Moves), func(hash string) commands.Command {
		return commands.ConfirmMeeting{MeetingID: p.MeetingID, AddressHash: hash}
	}})
}

// linkTo is where the guest moves or cancels a meeting.
func (c *MeetingConfirmer) linkTo(t linktoken.Token, m events.MeetingBooked) string {
	return c.Links.Meeting(linktoken.Token{Org: t.Org, Message: m.MeetingID})
}

// partsOf returns what all mails about meetings have in common.
func (c *MeetingConfirmer) partsOf(t linktoken.Token, from mailboxes.Mailbox, to mail.Address, id string) compose.Parts {
	_, domain, _ := strings.Cut(from.Address, "@")
	parts := compose.Parts{From: mail.Address{Name: from.DisplayName, Address: from.Address}, To: to, MessageID: id + "@" + domain, InReplyTo: c.Links.Signer.MessageID(t, domain),
		Date: c.Now(), AutoGenerated: true}
	if tagged, ok := from.TaggedAddress(c.Links.Signer.Tag(linktoken.Reply, t)); ok {
		parts.ReplyTo = mail.Address{Name: from.DisplayName, Address: tagged}
	}
	return parts
}

// meetingWords returns who a meeting is with, and its time, short and long.
func meetingWords(from mailboxes.Mailbox, m events.MeetingBooked) (with, day, when string) {
	with = cmp.Or(from.DisplayName, from.Address)
	local, err := zone.Load(m.TimeZone)
	if err != nil {
		local = time.UTC
	}
	start, end := m.StartsAt.In(local), m.EndsAt.In(local)
	day = start.Format("Mon 2 Jan 2006, 15:04") + " (" + local.String() + ")"
	return with, day, start.Format("Monday, 2 January 2006, 15:04") + "-" + end.Format("15:04") + " (" + local.String() + ")"
}

// calendarOf returns the calendar file of a meeting between the mailbox and the recipient.
func calendarOf(a calendar.Appointment, parts compose.Parts, with string, m events.MeetingBooked) *compose.Calendar {
	a.UID, a.Start, a.End, a.Summary, a.Organizer, a.Attendee = calendar.UID(m.MeetingID.String()), m.StartsAt, m.EndsAt, "Meeting with "+with, parts.From, parts.To
	return &compose.Calendar{Method: a.Method, ICS: calendar.ICS(a)}
}
