// Package meetings confirms meetings to who booked them.
package meetings

import (
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
	"outrider/internal/pii"
	"outrider/internal/retry"
	"outrider/internal/zone"
	"outrider/projections"
)

// ConfirmConfig is what the meeting confirmer works with.
type ConfirmConfig struct {
	Outbox   sending.Outbox
	Keys     sealedtext.Keyring
	Secrets  mailboxes.Secrets
	Commands reaction.Commander
	Links    linktoken.Links
	SMTP     smtp.Options
	Await    reaction.Await
	Now      func() time.Time
	Log      *slog.Logger
}

// MeetingConfirmer writes to who booked a meeting, from the mailbox of the message whose link was used. It claims that before it
// writes, and writes only when the claim was its own: after a crash between the two nobody is written to twice, and that
// one confirmation is lost. The page on which the meeting was booked has shown it already.
type MeetingConfirmer struct {
	ConfirmConfig
}

// NewMeetingConfirmer makes a meeting confirmer; an error names what is missing.
func NewMeetingConfirmer(c ConfirmConfig) (*MeetingConfirmer, error) {
	if err := (reaction.Required{"outbox": c.Outbox != nil, "keys": c.Keys != nil, "secrets": c.Secrets != nil, "commands": c.Commands != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("meeting confirmer"); err != nil {
		return nil, err
	}
	return &MeetingConfirmer{ConfirmConfig: c}, nil
}

// Attempts to hand a confirmation over, when nothing has left; the waits between them double.
const (
	confirmTries = 4
	confirmWait  = time.Second
)

// Reactor is how it is run.
func (c *MeetingConfirmer) Reactor() react.Reactor {
	return react.Reactor{Name: "confirm", Wants: reaction.WantEvents(events.MeetingBooked{}), Concurrency: 8, Handle: c.handleBooked}
}

func (c *MeetingConfirmer) handleBooked(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	m, ok := p.(events.MeetingBooked)
	if !ok || m.MailboxID == uuid.Nil {
		return nil, nil
	}
	if err := c.Await.ForMessage(ctx, e); err != nil {
		return nil, err
	}
	from, err := c.Outbox.Mailbox(ctx, e.Org, m.MailboxID)
	if errors.Is(err, reaction.ErrGone) {
		return nil, nil // nobody to write from
	}
	if err != nil {
		return nil, err
	}
	to, err := c.recipientOf(ctx, e.Org, m)
	if err != nil || to.Address == "" {
		return nil, err
	}
	raw, err := c.composeConfirmation(linktoken.Token{Org: e.Org, Message: m.MessageID}, from, to, m)
	if errors.Is(err, compose.ErrInvalid) {
		c.Log.Warn("a meeting can't be confirmed", "meeting", m.MeetingID, "org", e.Org, "error", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a, err := mailboxes.AccountOf(ctx, c.Secrets, e.Org, from.SMTP)
	if err != nil {
		return nil, err
	}
	// A new id with every life: the answer to an older one would let it through once more.
	claim, err := reaction.Submit(ctx, c.Commands, reaction.CausedBy(e, "confirm"), es.NewID(), c.Now(), commands.ConfirmMeeting{MeetingID: m.MeetingID})
	if err != nil || claim.Outcome != es.Accepted {
		return nil, err
	}
	c.sendConfirmation(ctx, e, m, smtp.New(a, c.SMTP), from.Address, to.Address, raw)
	return nil, nil
}

var errNotConfirmed = errors.New("the meeting was not confirmed")

// sendConfirmation tries again only what surely hasn't left.
func (c *MeetingConfirmer) sendConfirmation(ctx context.Context, e *es.Event, m events.MeetingBooked, client *smtp.Client, from, to string, raw []byte) {
	defer client.Close()
	var r smtp.Result
	err := retry.Do(ctx, retry.Policy{First: confirmWait, Attempts: confirmTries}, func() error {
		switch r = client.Send(ctx, from, to, raw); r.Outcome {
		case smtp.Accepted:
			return nil
		case smtp.Temporary:
			return errNotConfirmed
		default:
			return retry.Stop(errNotConfirmed)
		}
	})
	if err != nil {
		c.Log.Warn("a meeting was not confirmed", "meeting", m.MeetingID, "org", e.Org, "outcome", r.Outcome, "stage", r.Stage, "code", r.Code)
	}
}

// recipientOf is who booked, as they said, else the lead; nobody once the person is erased.
func (c *MeetingConfirmer) recipientOf(ctx context.Context, org uuid.UUID, m events.MeetingBooked) (mail.Address, error) {
	if !m.Details.IsZero() {
		keys, err := c.Keys.Existing(ctx, org, []uuid.UUID{m.LeadID})
		if err != nil {
			return mail.Address{}, err
		}
		plain, err := keys[m.LeadID].Open(projections.MeetingField, pii.Sealed{Key: pii.KeyID(m.Details.K), Ciphertext: m.Details.C})
		if errors.Is(err, pii.ErrUnreadable) {
			return mail.Address{}, nil
		}
		var said struct {
			Email string `json:"email"`
		}
		if err == nil {
			err = json.Unmarshal(plain, &said)
		}
		if err != nil {
			return mail.Address{}, fmt.Errorf("read who booked: %w", err)
		}
		if said.Email != "" {
			return mail.Address{Address: said.Email}, nil
		}
	}
	letter, err := c.Outbox.OutgoingMessage(ctx, org, m.MessageID)
	if errors.Is(err, reaction.ErrGone) {
		return mail.Address{}, nil
	}
	return mail.Address{Address: letter.To}, err
}

// composeConfirmation writes the mail. It says nothing that was typed into the page: whoever has the link could else send their own words
// from our mailbox. Its Message-ID is no token, so nothing takes it for a message of a campaign; the thread's is in its
// References, which an answer repeats.
func (c *MeetingConfirmer) composeConfirmation(t linktoken.Token, from mailboxes.Mailbox, to mail.Address, m events.MeetingBooked) ([]byte, error) {
	_, domain, _ := strings.Cut(from.Address, "@")
	ours := mail.Address{Name: from.DisplayName, Address: from.Address}
	with := from.DisplayName
	if with == "" {
		with = from.Address
	}
	local, err := zone.Load(m.TimeZone)
	if err != nil {
		local = time.UTC
	}
	start, end := m.StartsAt.In(local), m.EndsAt.In(local)
	when := start.Format("Monday, 2 January 2006, 15:04") + "-" + end.Format("15:04") + " (" + local.String() + ")"
	message := compose.Message{From: ours, To: to, Subject: "Confirmed: " + with + ", " + start.Format("Mon 2 Jan 2006, 15:04") + " (" + local.String() + ")",
		MessageID: "meeting." + m.MeetingID.String() + "@" + domain, InReplyTo: c.Links.Signer.MessageID(t, domain), Date: c.Now(), AutoGenerated: true,
		Text: "Your meeting with " + with + " is booked:\n\n" + when + "\n\nThe calendar file is attached. To move or cancel it, answer this mail.\n"}
	if plus, ok := linktoken.PlusAddress(from.Address, c.Links.Signer.Tag(linktoken.Reply, t)); ok {
		message.ReplyTo = mail.Address{Name: from.DisplayName, Address: plus}
	}
	message.Calendar = &compose.Calendar{Method: calendar.Request, ICS: calendar.ICS(calendar.Appointment{Method: calendar.Request, UID: calendar.UID(m.MeetingID.String()), Stamp: m.BookedAt,
		Start: m.StartsAt, End: m.EndsAt, Summary: "Meeting with " + with, Organizer: ours, Attendee: to})}
	return compose.Bytes(message)
}
