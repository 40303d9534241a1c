package meetings

import (
	"context"
	"fmt"
	"net/mail"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/calendar"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/mail/compose"
)

// tellMoved writes to the guest that the meeting has another time.
func (c *MeetingConfirmer) tellMoved(ctx context.Context, e *es.Event, p events.MeetingRescheduled) error {
	m, to, err := c.findGuest(ctx, e, p.MeetingID)
	if err != nil || m == nil {
		return err
	}
	m.StartsAt, m.EndsAt = p.StartsAt, p.EndsAt
	return c.writeToGuest(ctx, e, m.MeetingBooked, to, guestMail{c.composeMove(e.Time, p, m.Link), func(hash string) commands.Command {
		return commands.TellMeetingMoved{MeetingID: p.MeetingID, Move: p.Move, AddressHash: hash}
	}})
}

// composeMove writes the mail with the file that moves the meeting in calendars: that of the confirmation with its UID and a higher number
// (RFC 5546, 3.2.2).
func (c *MeetingConfirmer) composeMove(at time.Time, p events.MeetingRescheduled, place string) func(linktoken.Token, mailboxes.Mailbox, mail.Address, events.MeetingBooked) ([]byte, error) {
	return func(t linktoken.Token, from mailboxes.Mailbox, to mail.Address, m events.MeetingBooked) ([]byte, error) {
		with, day, when := meetingWords(from, m)
		before := m
		before.StartsAt, before.EndsAt = p.WasAt, p.WasAt.Add(p.EndsAt.Sub(p.StartsAt))
		_, _, was := meetingWords(from, before)
		message := c.partsOf(t, from, to, fmt.Sprintf("meeting.%s.moved.%d", m.MeetingID, p.Move))
		message.Subject = "New time: " + with + ", " + day
		message.Text = "Your meeting with " + with + " has another time:\n\n" + when + "\n\n" + joinBy(place) + "It was to be on " + was + ". The attached file moves it in your calendar. If the new time doesn't suit you, choose another or cancel:\n" + c.linkTo(t, m) + "\n"
		message.Calendar = calendarOf(calendar.Appointment{Method: calendar.Request, Sequence: p.Move, Stamp: at, Location: place}, message, with, m)
		return compose.Bytes(message)
	}
}
