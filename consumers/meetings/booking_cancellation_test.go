package meetings

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"
	gomessage "github.com/emersion/go-message"
	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/consumers/sending"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
	"outrider/internal/pii"
)

// cancelled is the fact that the meeting of the fixture is off.
func (p *post) cancelled(t *testing.T) *es.Event {
	t.Helper()
	e := reactortest.Fact(t, p.Org, events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: p.booked.MeetingID, LeadID: p.Lead}, Reason: "Ann is ill"})
	e.Time = reactortest.Noon().Add(time.Hour)
	return e
}

func (p *post) handle(t *testing.T, c *MeetingConfirmer, all ...*es.Event) {
	t.Helper()
	for _, e := range all {
		if _, err := c.handleMeeting(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// calendarIn is the file that a mail shows to calendars.
func calendarIn(t *testing.T, raw []byte) (method string, event *ical.VEvent, inType string) {
	t.Helper()
	e, err := gomessage.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Walk(func(_ []int, part *gomessage.Entity, err error) error {
		if kind, params, _ := part.Header.ContentType(); kind == "text/calendar" {
			c, err := ical.ParseCalendar(part.Body)
			if err != nil {
				return err
			}
			for _, p := range c.CalendarProperties {
				if p.IANAToken == "METHOD" {
					method = p.Value
				}
			}
			event, inType = c.Events()[0], params["method"]
		}
		return err
	}); err != nil || event == nil {
		t.Fatalf("no calendar (%v) in\n%s", err, raw)
	}
	return method, event, inType
}

func TestAGuestIsToldOnceThatTheMeetingIsOff(t *testing.T) {
	t.Parallel()
	p, c, booked := confirming(t)
	off := p.cancelled(t)
	p.handle(t, c, booked, off, off) // the last one comes again, in another life
	got := p.Arrived(t)
	if len(got) != 2 {
		t.Fatalf("%d mails arrived, want 2", len(got))
	}
	if !mailserver.BringsAppointment(got[1].Raw) {
		t.Error("whoever plays people takes the mail for one of a campaign")
	}
	_, before, _ := calendarIn(t, got[0].Raw)
	method, after, inType := calendarIn(t, got[1].Raw)
	value := func(e *ical.VEvent, p ical.ComponentProperty) string {
		if x := e.GetProperty(p); x != nil {
			return x.Value
		}
		return ""
	}
	if method != "CANCEL" || inType != "CANCEL" || value(after, ical.ComponentPropertyStatus) != "CANCELLED" || value(before, ical.ComponentPropertySequence) != "0" || value(after, ical.ComponentPropertySequence) != "1" {
		t.Errorf("%s (%s) %s", method, inType, after.Serialize(&ical.SerializationConfiguration{MaxLength: 75, NewLine: "\n"}))
	}
	for _, same := range []ical.ComponentProperty{ical.ComponentPropertyUniqueId, ical.ComponentPropertyOrganizer, ical.ComponentPropertyAttendee, ical.ComponentPropertyDtStart, ical.ComponentPropertyDtEnd} {
		if value(before, same) == "" || value(after, same) != value(before, same) {
			t.Errorf("%s: %q, then %q", same, value(before, same), value(after, same))
		}
	}
	if value(after, ical.ComponentPropertyDtstamp) != "20260302T130000Z" {
		t.Errorf("stamped %s", value(after, ical.ComponentPropertyDtstamp))
	}
	x := inbound.Read(got[1].Raw)
	if _, err := c.Links.Signer.VerifyMessageID(x.MessageID); err == nil || x.MessageID == "" || x.MessageID == inbound.Read(got[0].Raw).MessageID {
		t.Errorf("Message-ID %q", x.MessageID)
	}
	thread := c.Links.Signer.MessageID(linktoken.Token{Org: p.Org, Message: p.Message}, "acme.test")
	raw := strings.NewReplacer("=\r\n", "", "\r\n ", " ").Replace(string(got[1].Raw))
	for _, want := range []string{"In-Reply-To: <" + thread, "Auto-Submitted: auto-generated", "Subject: Cancelled: Jane, Tue 3 Mar 2026, 10:00 (Europe/Berlin)", "Tuesday, 3 March 2026, 10:00-10:30 (Europe/Berlin)", "is cancelled"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the mail lacks %q:\n%s", want, raw)
		}
	}
	if strings.Contains(raw, "Ann is ill") || !strings.Contains(raw, "To: <"+reactortest.Bob+">") {
		t.Errorf("the reason is told, or somebody else is:\n%s", raw)
	}
}

func TestWhoMustNotBeWrittenToIsNotToldThatAMeetingIsOff(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*post, *MeetingConfirmer){
		"suppressed": func(p *post, _ *MeetingConfirmer) {
			p.Decide = func(c *es.Command) es.Answer {
				return es.Answer{CommandID: c.ID, Outcome: es.Refused, Code: commands.CodeSuppressed}
			}
		},
		"erased":                   func(p *post, c *MeetingConfirmer) { c.Outbox = erased{p} },
		"booked without a mailbox": func(p *post, _ *MeetingConfirmer) { p.booked.MailboxID = uuid.Nil },
		"told by another process": func(p *post, _ *MeetingConfirmer) {
			p.Decide(&es.Command{Type: (commands.TellMeetingCancelled{}).CommandType()})
		},
		"of another company, given": func(p *post, c *MeetingConfirmer) { p.given = "victim@example.com" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, c, _ := confirming(t)
			spoil(p, c)
			p.handle(t, c, p.cancelled(t))
			asked := reactortest.Of[commands.TellMeetingCancelled](t, p.Boundary)
			got := p.Arrived(t)
			if name == "of another company, given" {
				if len(got) != 1 || !strings.Contains(string(got[0].Raw), "To: <"+reactortest.Bob+">") || asked[0].AddressHash != new(pii.Hasher).AddressHash(reactortest.Bob).String() {
					t.Errorf("%d mails, asked %+v", len(got), asked)
				}
				return
			}
			if len(got) != 0 || len(asked) > 0 != (name == "suppressed" || name == "told by another process") {
				t.Errorf("%d mails arrived, asked %+v", len(got), asked)
			}
		})
	}
}

type erased struct{ *post }

func (erased) OutgoingMessage(context.Context, uuid.UUID, uuid.UUID) (sending.OutgoingMessage, error) {
	return sending.OutgoingMessage{}, reaction.ErrGone
}
