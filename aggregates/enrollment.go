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

// Enrollment is a lead on a campaign's sequence. There are many, so keep it small.
type Enrollment struct {
	lead     *Lead
	campaign *Campaign
	mailbox  *Mailbox // of the first step; nil = any of the campaign's
	message  *Message // the open one
	due      int64    // of the next step; 0 = at once
	until    int64    // end of the pause; 0 = it is not paused, or until it is resumed
	order    uint32
	held     uint32 // end of the gap after another campaign's message, as of when it was queued, in seconds; 0 = none
	plan     uint16 // index into the campaign's plans
	step     uint8  // steps sent
	attempt  uint8  // of the next step
	previous uint8  // attempt of the last step + 1; 0 = it was sent before this enrollment, or none was
	base     uint8  // first attempt of a step; above 0 where the address was on the campaign before
	attempts uint8  // one above the highest attempt of any step: the first that no message has had
	flags    uint8
}

const (
	enrollmentPaused   = 1 << iota
	enrollmentDeferred // waits for a place at its company
	enrollmentEnded
	enrollmentCounted    // counted among the company's people
	enrollmentQueued     // in a waiting line
	enrollmentDelayDrawn // the delay that it waits for is that of an experiment
)

func (e *Enrollment) hasFlag(flag uint8) bool { return e.flags&flag != 0 }
func (e *Enrollment) setFlag(flag uint8, on bool) {
	e.flags &^= flag
	if on {
		e.flags |= flag
	}
}

// dueAt returns when its next step is due.
func (e *Enrollment) dueAt() int64 { return max(e.due, int64(e.held)*second) }

// Paused reports whether it is paused.
func (e *Enrollment) Paused() bool { return e.hasFlag(enrollmentPaused) }

// Step returns the number of steps sent.
func (e *Enrollment) Step() int { return int(e.step) }

// Message returns its open message, or nil.
func (e *Enrollment) Message() *Message { return e.message }

// Campaign returns the campaign whose sequence it is on.
func (e *Enrollment) Campaign() *Campaign { return e.campaign }

// Ref returns its ids.
func (e *Enrollment) Ref() events.EnrollmentRef {
	return events.EnrollmentRef{EnrollmentID: EnrollmentID(e.campaign.ID, e.lead.ID), LeadID: e.lead.ID, CampaignID: e.campaign.ID}
}

func (e *Enrollment) planSteps() []planStep { return e.campaign.plans[e.plan].steps }

// lastSent returns the newest message that was sent in it, or in an earlier enrollment; zero = none was.
func (o *Organization) lastSent(e *Enrollment) uuid.UUID {
	if e.previous > 0 {
		return messageID(EnrollmentID(e.campaign.ID, e.lead.ID), e.planSteps()[e.step-1].id, e.previous-1)
	}
	if e.step > 0 {
		return o.Recipients.was[recipientKey{e.lead.Address, e.campaign.serial()}].Last
	}
	return uuid.Nil
}

// messageID returns the id of the message of a step.
func messageID(enrollment, step uuid.UUID, attempt uint8) uuid.UUID {
	return es.DeriveID(enrollment, "message", step.String(), string('0'+rune(attempt)))
}

// PausedBeyond reports whether it is paused by hand, or at least until then.
func (e *Enrollment) PausedBeyond(t time.Time) bool {
	return e.hasFlag(enrollmentPaused) && (e.until == 0 || e.until >= toMicros(t))
}

// BackAt returns when somebody who is out of office is written to again: one business day after the date, or without one so many days from
// now.
func (o *Organization) BackAt(now time.Time, e *Enrollment, date string, days int) time.Time {
	loc := o.zoneOf(e)
	t, err := time.ParseInLocation(time.DateOnly, date, loc)
	if err != nil {
		return now.AddDate(0, 0, days)
	}
	return e.campaign.window.After(t.Add(12*time.Hour), loc, 1)
}
