package meetings

import (
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
)

// moved is the fact that the meeting of the fixture is a day later.
func (p *post) moved(t *testing.T) *es.Event {
	t.Helper()
	start := p.booked.StartsAt.AddDate(0, 0, 1)
	e := reactortest.Fact(t, p.Org, events.MeetingRescheduled{MeetingRef: events.MeetingRef{MeetingID: p.booked.MeetingID, LeadID: p.Lead}, Move: 1, WasAt: p.booked.StartsAt, StartsAt: start, EndsAt: start.Add(30 * time.Minute)})
	e.Time = reactortest.Noon().Add(time.Hour)
	return e
}

func TestAGuestIsToldOnceThatTheMeetingIsMoved(t *testing.T) {
	t.Parallel()
	p, c, booked := confirming(t)
	moved := p.moved(t)
	p.handle(t, c, booked, moved, moved) // the last one comes again, in another life
	p.moves = 1
	p.handle(t, c, p.cancelled(t))
	got := p.Arrived(t)
	if len(got) != 3 {
		t.Fatalf("%d mails arrived, want 3", len(got))
	}
	if asked := reactortest.Of[commands.TellMeetingMoved](t, p.Boundary); len(asked) != 2 || asked[0].Move != 1 {
		t.Errorf("asked %+v", asked)
	}
	_, before, _ := calendarIn(t, got[0].Raw)
	method, after, _ := calendarIn(t, got[1].Raw)
	_, off, _ := calendarIn(t, got[2].Raw)
	value := func(e *ical.VEvent, p ical.ComponentProperty) string {
		if x := e.GetProperty(p); x != nil {
			return x.Value
		}
		return ""
	}
	if method != "REQUEST" || value(after, ical.ComponentPropertyUniqueId) != value(before, ical.ComponentPropertyUniqueId) || value(after, ical.ComponentPropertySequence) != "1" || value(off, ical.ComponentPropertySequence) != "2" {
		t.Errorf("%s of %s: sequence %s, then %s", method, value(after, ical.ComponentPropertyUniqueId), value(after, ical.ComponentPropertySequence), value(off, ical.ComponentPropertySequence))
	}
	if from, to := value(before, ical.ComponentPropertyDtStart), value(after, ical.ComponentPropertyDtStart); from != "20260303T090000Z" || to != "20260304T090000Z" {
		t.Errorf("moved from %s to %s", from, to)
	}
	raw := strings.NewReplacer("=\r\n", "", "\r\n ", " ").Replace(string(got[1].Raw))
	for _, want := range []string{c.linkTo(linktoken.Token{Org: p.Org}, p.booked), "Subject: New time: Jane, Wed 4 Mar 2026, 10:00 (Europe/Berlin)", "Wednesday, 4 March 2026, 10:00-10:30 (Europe/Berlin)", "Tuesday, 3 March 2026, 10:00-10:30 (Europe/Berlin)", "Auto-Submitted: auto-generated", "To: <" + reactortest.Bob + ">"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the mail lacks %q:\n%s", want, raw)
		}
	}
}
