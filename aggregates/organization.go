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
	if _, ok := e.(events.OrganizationDeleted); ok {
		o.forgetAll()
		return
	}
	o.applyAccount(e)
	o.Quota.applyEvent(e)
	o.Keys.applyEvent(e)
	o.applyLead(e)
	o.Suppression.applyEvent(e)
	o.Imports.applyEvent(e)
	o.applyMailbox(e)
	o.applyCampaign(e)
	o.applyEnrollment(e)
	o.applyMessage(e)
	o.applyEngagement(e)
	o.applyBooking(e)
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
