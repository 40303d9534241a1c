package meetings

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/consumers/sending"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
	"outrider/internal/mail/smtp"
	"outrider/projections"
)

// post is a mail server with what the read side shows of the message whose link was used.
type post struct{ *reactortest.Post }

func (p *post) OutgoingMessage(context.Context, uuid.UUID, uuid.UUID) (sending.OutgoingMessage, error) {
	return sending.OutgoingMessage{LeadID: p.Lead, To: reactortest.Bob}, nil
}

// confirming is a reactor before a domain that lets one confirmation through.
func confirming(t *testing.T) (*post, *MeetingConfirmer, *es.Event) {
	t.Helper()
	p := &post{reactortest.NewPost(t)}
	confirmed := false
	p.Decide = func(c *es.Command) es.Answer {
		a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
		if c.Type == (commands.ConfirmMeeting{}).CommandType() {
			if confirmed {
				a.Outcome = es.Noop
			}
			confirmed = true
		}
		return a
	}
	c, err := NewMeetingConfirmer(ConfirmConfig{Outbox: p, Keys: reactortest.Ring{}, Secrets: p, Commands: p.Boundary, Links: linktoken.Links{Signer: p.Signer, Base: "https://acme.test"}, SMTP: smtp.Options{Dialer: p.Dialer}, Now: reactortest.Noon, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := reactortest.KeyOf(p.Org, p.Lead).Seal(projections.MeetingField, []byte(`{"name":"Bob","email":"`+reactortest.Bob+`","note":"BUY NOW"}`))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	e := reactortest.Fact(t, p.Org, events.MeetingBooked{SentMessageRef: events.SentMessageRef{MessageID: p.Message, LeadID: p.Lead, MailboxID: p.Box.ID}, MeetingID: es.NewID(), StartsAt: start,
		EndsAt: start.Add(30 * time.Minute), TimeZone: "Europe/Berlin", Details: events.Sealed{K: int64(s.Key), C: s.Ciphertext}, BookedAt: reactortest.Noon()})
	return p, c, e
}

func TestAMeetingIsConfirmedOnceToWhoBookedIt(t *testing.T) {
	t.Parallel()
	p, c, e := confirming(t)
	for range 2 { // the event comes again, in another life
		if _, err := c.handleBooked(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	got := p.Arrived(t)
	if len(got) != 1 {
		t.Fatalf("%d confirmations arrived, want 1", len(got))
	}
	x := inbound.Read(got[0].Raw)
	if _, err := c.Links.Signer.VerifyMessageID(x.MessageID); err == nil || x.MessageID == "" {
		t.Errorf("Message-ID %q reads as a campaign's message", x.MessageID)
	}
	thread := c.Links.Signer.MessageID(linktoken.Token{Org: p.Org, Message: p.Message}, "acme.test")
	raw := strings.NewReplacer("=\r\n", "", "\r\n ", "").Replace(string(got[0].Raw))
	for _, want := range []string{"In-Reply-To: <" + thread, "References: <" + thread, "Auto-Submitted: auto-generated", "Confirmed: Jane, Tue 3 Mar 2026, 10:00 (Europe/Berlin)",
		"Tuesday, 3 March 2026, 10:00-10:30 (Europe/Berlin)", "Content-Type: text/calendar;", "METHOD:REQUEST", "DTSTART:20260303T090000Z", "Reply-To: \"Jane\" <jane+"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the confirmation lacks %q:\n%s", want, raw)
		}
	}
	if strings.Contains(raw, "BUY NOW") || strings.Contains(raw, "List-Unsubscribe") {
		t.Error("the confirmation holds what a visitor typed, or is a mailing")
	}
}

func TestAConfirmationThatSomebodyElseHasClaimedIsNotSent(t *testing.T) {
	t.Parallel()
	p, c, e := confirming(t)
	p.Decide(&es.Command{Type: (commands.ConfirmMeeting{}).CommandType()})
	if _, err := c.handleBooked(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	if got := p.Arrived(t); len(got) != 0 {
		t.Errorf("%d confirmations arrived", len(got))
	}
}

func TestNobodyIsWrittenToWhoWasErased(t *testing.T) {
	t.Parallel()
	p, c, e := confirming(t)
	booked, err := reaction.DecodeEvent(e)
	if err != nil {
		t.Fatal(err)
	}
	c.Keys = reactortest.Ring{Erased: map[uuid.UUID]bool{booked.(events.MeetingBooked).LeadID: true}}
	if _, err := c.handleBooked(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	if got := p.Arrived(t); len(got) != 0 || len(reactortest.Of[commands.ConfirmMeeting](t, p.Boundary)) != 0 {
		t.Errorf("%d confirmations arrived", len(got))
	}
}
