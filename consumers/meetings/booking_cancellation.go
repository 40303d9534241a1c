package meetings

import (
	"context"
	"errors"
	"net/mail"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/calendar"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
)

// Bookings is the read side of meetings.
type Bookings interface {
	// Booking returns a meeting as it is now. It returns ErrGone for what no longer exists.
	Booking(ctx context.Context, org, meeting uuid.UUID) (Booking, error)
}

// Booking is a meeting at its present time, without its details.
type Booking struct {
	events.MeetingBooked
	Given string // the address that was given with it; "" for none
	Moves int
	Link  string // where people meet; "" for none
}

// tellCancelled writes to the guest that the meeting is cancelled, whoever cancelled it.
func (c *MeetingConfirmer) tellCancelled(ctx context.Context, e *es.Event, p events.MeetingCancelled) error {
	m, to, err := c.findGuest(ctx, e, p.MeetingID)
	if err != nil || m == nil {
		return err
	}
	return c.writeToGuest(ctx, e, m.MeetingBooked, to, guestMail{c.composeCancellation(e.Time, m.Moves+1), func(hash string) commands.Command {
		return commands.TellMeetingCancelled{MeetingID: p.MeetingID, AddressHash: hash}
	}})
}

// findGuest returns a booking and whom to write to about it; nil = it is gone, or no mailbox of ours booked it.
func (c *MeetingConfirmer) findGuest(ctx context.Context, e *es.Event, meeting uuid.UUID) (*Booking, mail.Address, error) {
	if err := c.Await.For(ctx, e, "messages", "leads", "campaigns", "mailboxes", "meetings"); err != nil {
		return nil, mail.Address{}, err
	}
	m, err := c.Bookings.Booking(ctx, e.Org, meeting)
	if errors.Is(err, reaction.ErrGone) || err == nil && (m.MailboxID == uuid.Nil || m.Service != "") {
		return nil, mail.Address{}, nil
	}
	if err != nil {
		return nil, mail.Address{}, err
	}
	to, err := c.guestOrLead(ctx, e.Org, m.MessageID, addressOrNone(m.Given))
	return &m, to, err
}

// composeCancellation writes the mail with the file that removes the meeting from calendars: that of the confirmation with its UID, a higher
// number and METHOD:CANCEL (RFC 5546, 3.2.5). It doesn't say why the meeting was cancelled.
func (c *MeetingConfirmer) composeCancellation(at time.Time, sequence int) func(linktoken.Token, mailboxes.Mailbox, mail.Address, events.MeetingBooked) ([]byte, error) {
	return func(t linktoken.Token, from mailboxes.Mailbox, to mail.Address, m events.MeetingBooked) ([]byte, error) {
		with, day, when := meetingWords(from, m)
		message := c.partsOf(t, from, to, "meeting."+m.MeetingID.String()+".cancelled")
		message.Subject = "Cancelled: " + with + ", " + day
		message.Text = "Your meeting with " + with + " is cancelled:\n\n" + when + "\n\nThe attached file takes it out of your calendar. To find another time:\n" + c.Links.Booking(t) + "\n"
		message.Calendar = calendarOf(calendar.Appointment{Method: calendar.Cancel, Sequence: sequence, Stamp: at}, message, with, m)
		return compose.Bytes(message)
	}
}
