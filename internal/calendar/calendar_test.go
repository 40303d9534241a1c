package calendar_test

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"outrider/internal/calendar"
)

func TestAnAppointmentReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 3, 10, 0, 0, 0, time.FixedZone("", 3600))
	a := calendar.Appointment{Method: calendar.Request, UID: "m1@outrider.test", Stamp: at.Add(-time.Hour), Start: at, End: at.Add(30 * time.Minute),
		Summary: "Meeting with Zoë, \"Acme\"; and " + strings.Repeat("very long names ", 10), Description: "line 1\nline 2\r\nBEGIN:VALARM",
		Organizer: mail.Address{Name: "Zoë: \"Z\"", Address: "zoe@sender.test"}, Attendee: mail.Address{Address: "li@example.com"}}
	text := calendar.ICS(a)
	if text != calendar.ICS(a) {
		t.Error("another time, another text")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
	}
	c, err := ical.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Events()) != 1 || len(c.Components) != 1 || len(c.Events()[0].Components) != 0 {
		t.Fatalf("got %s", text)
	}
	e := c.Events()[0]
	start, err := e.GetStartAt()
	if err != nil || !start.Equal(at) {
		t.Errorf("starts %s, %v", start, err)
	}
	if got := e.GetProperty(ical.ComponentPropertySummary).Value; got != a.Summary {
		t.Errorf("got %q", got)
	}
	for _, want := range []string{"METHOD:REQUEST\r\n", "DTSTART:20260303T090000Z\r\n", "DTEND:20260303T093000Z\r\n", "UID:m1@outrider.test\r\n", "PARTSTAT=ACCEPTED", "mailto:li@example.com"} {
		if !strings.Contains(strings.ReplaceAll(text, "\r\n ", ""), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
