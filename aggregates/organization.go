package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Organization is all the state that the commands of one organisation decide on, and nothing else, in parts. It is read
// by Decide and written by Apply alone.
type Organization struct {
	ID uuid.UUID

	Account
	Quota
	Keys        APIKeys
	Leads       Leads
	Suppression Suppressions
	Imports     Imports
	Campaigns   Campaigns // and the enrollments on them
	Mailboxes   Mailboxes
	Messages    Messages
	Meetings    Meetings

	zones  Zones
	pacing pacing
}

// NewOrganization is the state before the first event.
func NewOrganization(id uuid.UUID) *Organization {
	return &Organization{ID: id, pacing: newPacing()}
}

// Apply takes a fact. It never fails and passes over what nothing here is decided on.
func (o *Organization) Apply(e events.Event) {
	switch e := events.As[events.Fact](e).(type) {
	case events.OrganizationDeleted:
		o.forgetAll()
	case events.OrganizationEvent:
		o.applyAccount(e)
		o.Quota.apply(e)
		o.applyBookingHours(e)
	case events.APIKeyEvent:
		o.Keys.apply(e)
	case events.LeadEvent:
		o.applyLead(e)
	case events.SuppressionEvent:
		o.Suppression.apply(e)
	case events.ImportEvent:
		o.Imports.apply(e)
	case events.CampaignEvent:
		o.applyCampaign(e)
	case events.EnrollmentEvent:
		o.Quota.countEnrollment(e)
		o.applyEnrollment(e)
	case events.MailboxEvent:
		o.applyMailbox(e)
	case events.MessageEvent:
		o.applyMessage(e)
	case events.MeetingEvent:
		o.Meetings.apply(e)
	case events.EngagementEvent:
		o.applyEngagement(e)
	}
}

// forgetAll leaves of a deleted organisation what its next commands are refused by.
func (o *Organization) forgetAll() {
	*o = Organization{ID: o.ID, Account: Account{Created: true, Deleted: true, Version: o.Version + 1}, pacing: pacing{ticked: o.pacing.ticked}}
}

// Due is when AdvanceClock must come next, and never the time of a tick that has been; zero = never.
func (o *Organization) Due() time.Time {
	if !o.Created || o.Deleted {
		return time.Time{}
	}
	due := toMicros(o.PeriodTo)
	sooner := func(at int64) {
		if at != 0 && at < due {
			due = at
		}
	}
	if o.Trial.isRunning() {
		sooner(toMicros(o.Trial.EndsAt))
	}
	for _, at := range o.pacing.dueTimes(o.maySend()) {
		sooner(at)
	}
	return toTime(max(due, o.pacing.ticked+1))
}

func setIfGiven[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
