// Package calendar writes appointments as calendar programs read them (iCalendar, RFC 5545).
package calendar

import (
	"net/mail"
	"strings"
	"time"
	"unicode"

	ical "github.com/arran4/golang-ical"

	"outrider/internal/mail/compose"
)

// Methods of RFC 5546 that are used here.
const (
	Publish = "PUBLISH" // of a file that somebody fetches: nobody is asked anything
	Request = "REQUEST" // of a mail: programs put it into the calendar
	Cancel  = "CANCEL"  // of a mail: programs take it out
)

// Appointment is one meeting. Empty parts are left out, but UID, Stamp, Start, End and Summary must be there.
type Appointment struct {
	Method      string
	UID         string // the same for ever: a second file with it replaces the first
	Sequence    int    // 0 at first, and one more with each change (RFC 5546, 2.1.4): an older file changes nothing
	Stamp       time.Time
	Start, End  time.Time
	Summary     string
	Description string
	Location    string // where people meet: a link
	Organizer   mail.Address
	Attendee    mail.Address // who has accepted already, so that no program answers for them
}

// UID is that of a meeting, wherever its file is written.
func UID(meeting string) string { return meeting + "@meetings.outrider" }

// ICS returns the text, its lines folded at 75 bytes and ended with CR LF, times in UTC. The same appointment gives the same text.
func ICS(a Appointment) string {
	c := ical.NewCalendarFor("Outrider")
	c.SetCalscale("GREGORIAN")
	c.SetMethod(ical.Method(a.Method))
	e := c.AddEvent(a.UID)
	e.SetDtStampTime(a.Stamp.UTC())
	e.SetStartAt(a.Start.UTC())
	e.SetEndAt(a.End.UTC())
	e.SetSequence(a.Sequence)
	e.SetStatus(ical.ObjectStatusConfirmed)
	if a.Method == Cancel {
		e.SetStatus(ical.ObjectStatusCancelled)
	}
	e.SetSummary(withoutControls(a.Summary))
	if a.Description != "" {
		e.SetDescription(withoutControls(a.Description))
	}
	if a.Location != "" {
		e.SetLocation(withoutControls(a.Location))
	}
	if a.Organizer.Address != "" {
		e.SetOrganizer(compose.Mailto(a.Organizer.Address, ""), commonName(a.Organizer)...)
	}
	if a.Attendee.Address != "" {
		e.AddAttendee(compose.Mailto(a.Attendee.Address, ""), append(commonName(a.Attendee), ical.CalendarUserTypeIndividual, ical.ParticipationStatusAccepted, ical.WithRSVP(false))...)
	}
	return c.Serialize(ical.WithNewLineWindows)
}

func commonName(a mail.Address) []ical.PropertyParameter {
	if a.Name == "" {
		return nil
	}
	return []ical.PropertyParameter{ical.WithCN(strings.ReplaceAll(withoutControls(a.Name), `"`, "'"))} // a parameter can't hold quotes (3.1)
}

// withoutControls leaves line feeds, which are escaped, and no other control characters, which the library passes on.
func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
