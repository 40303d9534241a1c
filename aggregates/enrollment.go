package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// EnrollmentID follows from campaign and lead.
func EnrollmentID(campaign, lead uuid.UUID) uuid.UUID {
	return es.DeriveID(campaign, "enrollment", lead.String())
}

// Enrollment is a lead on a campaign's sequence. There are many: mind its size.
type Enrollment struct {
	lead     *Lead
	campaign *Campaign
	mailbox  *Mailbox // of the first step; nil = any of the campaign's
	message  *Message // the open one
	due      int64    // of the next step; 0 = at once
	until    int64    // end of the pause; 0 = none by the clock
	order    uint32
	plan     uint16 // which of the campaign's
	step     uint8  // steps sent
	attempt  uint8  // of the next step
	previous uint8  // attempt of the last step + 1; 0 = none was sent
	flags    uint8
}

const (
	enrollmentPaused   = 1 << iota
	enrollmentDeferred // waits for a place at its company
	enrollmentEnded
	enrollmentCounted // among the company's people
	enrollmentQueued  // in a line
)

func (e *Enrollment) hasFlag(flag uint8) bool { return e.flags&flag != 0 }
func (e *Enrollment) setFlag(flag uint8, on bool) {
	e.flags &^= flag
	if on {
		e.flags |= flag
	}
}

// Paused reports whether it is paused.
func (e *Enrollment) Paused() bool { return e.hasFlag(enrollmentPaused) }

// Step is the number of steps sent.
func (e *Enrollment) Step() int { return int(e.step) }

// Message returns its open message, or nil.
func (e *Enrollment) Message() *Message { return e.message }

// Ref names it.
func (e *Enrollment) Ref() events.EnrollmentRef {
	return events.EnrollmentRef{EnrollmentID: EnrollmentID(e.campaign.ID, e.lead.ID), LeadID: e.lead.ID, CampaignID: e.campaign.ID}
}

func (e *Enrollment) planSteps() []planStep { return e.campaign.plans[e.plan].steps }

// messageID of a step of it.
func messageID(enrollment, step uuid.UUID, attempt uint8) uuid.UUID {
	return es.DeriveID(enrollment, "message", step.String(), string('0'+rune(attempt)))
}

// PausedBeyond reports whether it is paused by hand, or until then or later.
func (e *Enrollment) PausedBeyond(t time.Time) bool {
	return e.hasFlag(enrollmentPaused) && (e.until == 0 || e.until >= toMicros(t))
}

// BackAt returns when who is out of office is written to again: one business day behind the date, else so many days from
// now.
func (o *Organization) BackAt(now time.Time, e *Enrollment, date string, days int) time.Time {
	loc := o.zoneOf(e)
	t, err := time.ParseInLocation(time.DateOnly, date, loc)
	if err != nil {
		return now.AddDate(0, 0, days)
	}
	return e.campaign.window.After(t.Add(12*time.Hour), loc, 1)
}
