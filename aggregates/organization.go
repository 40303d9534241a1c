package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Organization is all the state that the commands of one organisation decide on, and nothing else. Fields are read by
// Decide and written by Apply alone.
type Organization struct {
	ID uuid.UUID

	Created, Deleted bool
	Version          int // +1 with every organization.* event
	Slug             string
	Name             string
	TimeZone         string
	PostalAddress    string
	Status           string

	Quota
	Trial       Trial
	Keys        map[uuid.UUID]*APIKey
	Leads       Leads
	Suppression Suppressions
	Imports     Imports
	Campaigns   map[uuid.UUID]*Campaign
	Mailboxes   Mailboxes
	Messages    map[uuid.UUID]*Message // not at their end
	Fields      Fields
	Booking     Booking

	zones     Zones
	zone      uint16
	campaigns []*Campaign // in order
	companies companies
	timers    timers
	leases    []*Message // claimed, the oldest first
	resumes   queue      // paused until a time
	serial    uint32
	ticked    int64 // the newest tick
}

// next numbers what must keep its order.
func (o *Organization) next() uint32 {
	o.serial++
	return o.serial
}

// Trial of an organisation.
type Trial struct {
	EndsAt time.Time // zero = there is none
	Ended  bool
}

// NewOrganization is the state before the first event.
func NewOrganization(id uuid.UUID) *Organization {
	return &Organization{ID: id, resumes: queue{byUntil: true}}
}

// Ticked says that the clock was advanced at a time, whatever came of it. Two ticks must have two due times: their ids
// follow from them.
func (o *Organization) Ticked(at time.Time) { o.ticked = max(o.ticked, micros(at)) }

// Apply takes a fact. It never fails and passes over what nothing here is decided on.
func (o *Organization) Apply(e events.Event) {
	switch e := e.(type) {
	case events.OrganizationCreated:
		o.created(e)
	case events.OrganizationUpdated:
		o.Version++
		set(&o.Name, e.Name)
		set(&o.TimeZone, e.TimeZone)
		set(&o.PostalAddress, e.PostalAddress)
		o.zone = o.zones.ref(o.TimeZone)
		if e.TimeZone != nil {
			for _, c := range o.campaigns { // windows are open at other times now
				o.reconsider(c)
			}
		}
	case events.OrganizationPlanChanged:
		o.Version++
		o.Plan, o.Limits = e.Plan, e.Limits
	case events.OrganizationTrialEnded:
		o.Version++
		o.Trial.Ended = true
	case events.OrganizationStatusChanged:
		o.Version++
		o.Status = e.Status
	case events.OrganizationDeleted:
		*o = Organization{ID: o.ID, Created: true, Deleted: true, Version: o.Version + 1, ticked: o.ticked}
	case events.UsagePeriodStarted:
		o.PeriodTo = e.To
	case events.QuotaRefused:
		o.refused(e)
	case events.APIKeyIssued, events.APIKeyRevoked:
		o.applyKey(e)
	case events.LeadCreated, events.LeadUpdated, events.LeadRemoved, events.LeadErased:
		o.applyLead(e)
	case events.SuppressionAdded:
		o.Suppression.add(e)
	case events.SuppressionRemoved:
		o.Suppression.remove(e)
	default:
		o.Imports.apply(e)
		o.applyMailbox(e)
		o.applyCampaign(e)
		o.applyEnrollment(e)
		o.applyMessage(e)
		o.applyEngagement(e)
		o.applyBooking(e)
	}
}

func (o *Organization) created(e events.OrganizationCreated) {
	o.Created, o.Version = true, 1
	o.Slug, o.Name, o.TimeZone, o.PostalAddress, o.Status = e.Slug, e.Name, e.TimeZone, e.PostalAddress, events.StatusActive
	o.Plan, o.Limits = e.Plan, e.Limits
	o.Trial.EndsAt = e.TrialEndsAt
	o.BillingAnchor = e.BillingAnchor
	o.zone = o.zones.ref(e.TimeZone)
	_, o.PeriodTo = PeriodAt(e.BillingAnchor, e.BillingAnchor)
}

// Due is when AdvanceClock must come next, and never the time of a tick that has been; zero = never.
func (o *Organization) Due() time.Time {
	if !o.Created || o.Deleted {
		return time.Time{}
	}
	due := micros(o.PeriodTo)
	sooner := func(at int64) {
		if at != 0 && at < due {
			due = at
		}
	}
	if o.Trial.running() {
		sooner(micros(o.Trial.EndsAt))
	}
	if len(o.leases) > 0 {
		sooner(o.leases[0].lease)
	}
	if o.paces() {
		if len(o.timers) > 0 {
			sooner(o.timers[0].at)
		}
		if len(o.resumes.items) > 0 {
			sooner(o.resumes.items[0].until)
		}
	}
	return instant(max(due, o.ticked+1))
}

// paces says whether anything may be sent at all.
func (o *Organization) paces() bool {
	return o.Created && !o.Deleted && o.Status != events.StatusSuspended && o.Status != events.StatusCancelled
}

func (t Trial) running() bool { return !t.Ended && !t.EndsAt.IsZero() }

// OverAt says whether the trial has come to its end without that being recorded.
func (t Trial) OverAt(now time.Time) bool { return t.running() && !now.Before(t.EndsAt) }

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
