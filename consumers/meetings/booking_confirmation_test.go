package meetings

import (
	"context"
	"encoding/json"
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
	"outrider/internal/mail/worker"
	"outrider/internal/pii"
	"outrider/projections"
)

// post is a mail server with what the read side shows of the message whose link was used.
type post struct {
	*reactortest.Post
	booked events.MeetingBooked // as the read side has it
	given  string
	moves  int
	link   string
}

func (p *post) Booking(context.Context, uuid.UUID, uuid.UUID) (Booking, error) {
	return Booking{p.booked, p.given, p.moves, p.link}, nil
}

func (p *post) OutgoingMessage(context.Context, uuid.UUID, uuid.UUID) (sending.OutgoingMessage, error) {
	return sending.OutgoingMessage{LeadID: p.Lead, To: reactortest.Bob}, nil
}

type hashes struct{}

func (hashes) Hasher(context.Context, uuid.UUID) (*pii.Hasher, error) { return &pii.Hasher{}, nil }

// confirming is a reactor before a domain that lets one mail of each kind through.
func confirming(t *testing.T) (*post, *MeetingConfirmer, *es.Event) {
	t.Helper()
	p := &post{Post: reactortest.NewPost(t)}
	claimed := map[string]bool{}
	p.Decide = func(c *es.Command) es.Answer {
		a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
		if claimed[c.Type] {
			a.Outcome = es.Noop
		}
		claimed[c.Type] = true
		return a
	}
	c, err := NewMeetingConfirmer(ConfirmConfig{Outbox: p, Bookings: p, Keys: reactortest.Ring{}, Hashes: hashes{}, Secrets: p, Commands: p.Boundary, Links: linktoken.Links{Signer: p.Signer, Base: "https://acme.test"}, Servers: worker.Direct{SMTP: smtp.Options{Dialer: p.Dialer}}, Now: reactortest.Noon, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := reactortest.KeyOf(p.Org, p.Lead).Seal(projections.MeetingField, []byte(`{"name":"Bob","email":"`+reactortest.Bob+`","note":"BUY NOW"}`))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	m := events.MeetingBooked{SentMessageRef: events.SentMessageRef{MessageID: p.Message, LeadID: p.Lead, MailboxID: p.Box.ID}, MeetingID: es.NewID(), StartsAt: start,
		EndsAt: start.Add(30 * time.Minute), TimeZone: "Europe/Berlin", Details: events.Sealed(s), BookedAt: reactortest.Noon()}
	p.booked, p.given = m, reactortest.Bob
	p.booked.Details = events.Sealed{}
	return p, c, reactortest.Fact(t, p.Org, m)
}

func TestAMeetingIsConfirmedOnceToWhoBookedIt(t *testing.T) {
	t.Parallel()
	p, c, e := confirming(t)
	for range 2 { // the event comes again, in another life
		if _, err := c.handleMeeting(context.Background(), e); err != nil {
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
		"Tuesday, 3 March 2026, 10:00-10:30 (Europe/Berlin)", "Content-Type: text/calendar;", "METHOD:REQUEST", c.Links.Meeting(linktoken.Token{Org: p.Org, Message: p.booked.MeetingID}), "DTSTART:20260303T090000Z", "Reply-To: \"Jane\" <jane+"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the confirmation lacks %q:\n%s", want, raw)
		}
	}
	if strings.Contains(raw, "BUY NOW") || strings.Contains(raw, "List-Unsubscribe") {
		t.Error("the confirmation holds what a visitor typed, or is a mailing")
	}
}

func TestAMeetingWithAHostIsConfirmedOnceItStandsInTheirCalendar(t *testing.T) {
	t.Parallel()
	p, c, _ := confirming(t)
	p.booked.HostID = es.NewID()
	placed := reactortest.Fact(t, p.Org, events.MeetingPlaced{MeetingRef: events.MeetingRef{MeetingID: p.booked.MeetingID, LeadID: p.Lead}})
	p.handle(t, c, reactortest.Fact(t, p.Org, p.booked))
	if asked := reactortest.Of[commands.ConfirmMeeting](t, p.Boundary); len(asked) != 0 {
		t.Fatal("it is confirmed before it stands there")
	}
	p.link, p.moves = "https://meet.example.com/abc", 2
	p.handle(t, c, placed, placed) // the last one comes again, in another life
	got := p.Arrived(t)
	if len(got) != 1 {
		t.Fatalf("%d confirmations arrived, want 1", len(got))
	}
	raw := strings.NewReplacer("=\r\n", "", "\r\n ", "").Replace(string(got[0].Raw))
	for _, want := range []string{"Join by this link:", p.link, "LOCATION:" + p.link, "SEQUENCE:2", "Confirmed: Jane"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the confirmation lacks %q:\n%s", want, raw)
		}
	}
}

func TestAConfirmationThatSomebodyElseHasClaimedIsNotSent(t *testing.T) {
	t.Parallel()
	p, c, e := confirming(t)
	p.Decide(&es.Command{Type: (commands.ConfirmMeeting{}).CommandType()})
	if _, err := c.handleMeeting(context.Background(), e); err != nil {
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
	if _, err := c.handleMeeting(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	if got := p.Arrived(t); len(got) != 0 || len(reactortest.Of[commands.ConfirmMeeting](t, p.Boundary)) != 0 {
		t.Errorf("%d confirmations arrived", len(got))
	}
}

// The form is open to whoever has the link: what is typed there decides nothing about who outside of the lead's company is written to.
func TestAConfirmationGoesToTheLeadOrTheirCompanyOnly(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                          reactortest.Bob,
		reactortest.Jane:            reactortest.Jane, // of the same company
		"JANE@ACME.TEST":            reactortest.Jane,
		"victim@example.com":        reactortest.Bob,
		"victim@sub.acme.test":      reactortest.Bob,
		"victim@notacme.test":       reactortest.Bob,
		"jane@acme.test, x@x.test":  reactortest.Bob,
		"x@x.test\r\nBcc: y@y.test": reactortest.Bob,
	} {
		_, c, e := confirming(t)
		booked, err := reaction.DecodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		m := booked.(events.MeetingBooked)
		plain, err := json.Marshal(map[string]string{"name": "Bob", "email": given})
		if err != nil {
			t.Fatal(err)
		}
		s, err := reactortest.KeyOf(e.Org, m.LeadID).Seal(projections.MeetingField, plain)
		if err != nil {
			t.Fatal(err)
		}
		m.Details = events.Sealed(s)
		if to, err := c.recipientOf(context.Background(), e.Org, m); err != nil || to.Address != want {
			t.Errorf("%q typed: written to %q (%v), want %s", given, to.Address, err, want)
		}
	}
	_, c, e := confirming(t)
	booked, _ := reaction.DecodeEvent(e)
	m := booked.(events.MeetingBooked)
	c.Outbox = &atFreeMail{&post{}}
	s, err := reactortest.KeyOf(e.Org, m.LeadID).Seal(projections.MeetingField, []byte(`{"email":"victim@gmail.com"}`))
	if err != nil {
		t.Fatal(err)
	}
	m.Details = events.Sealed(s)
	if to, err := c.recipientOf(context.Background(), e.Org, m); err != nil || to.Address != "bob@gmail.com" {
		t.Errorf("everybody at a free mail provider is a colleague: %v %v", to, err)
	}
}

type atFreeMail struct{ *post }

func (atFreeMail) OutgoingMessage(context.Context, uuid.UUID, uuid.UUID) (sending.OutgoingMessage, error) {
	return sending.OutgoingMessage{To: "bob@gmail.com"}, nil
}

func TestWhoIsSuppressedGetsNoConfirmation(t *testing.T) {
	t.Parallel()
	p, c, e := confirming(t)
	p.Decide = func(c *es.Command) es.Answer {
		return es.Answer{CommandID: c.ID, Outcome: es.Refused, Code: commands.CodeSuppressed}
	}
	if _, err := c.handleMeeting(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	asked := reactortest.Of[commands.ConfirmMeeting](t, p.Boundary)
	if got := p.Arrived(t); len(got) != 0 || len(asked) != 1 || asked[0].AddressHash != new(pii.Hasher).AddressHash(reactortest.Bob).String() {
		t.Errorf("%d confirmations arrived, asked %+v", len(got), asked)
	}
}
