package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Organization is all the state that the commands of one organisation decide on, and nothing else. Fields are read by
// Decide and written by Apply alone.
type Organization struct {
	ID  uuid.UUID
	Now time.Time // of the command being decided; Apply doesn't look at it

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
}

// Trial of an organisation.
type Trial struct {
	EndsAt time.Time // zero = there is none
	Ended  bool
}

// NewOrganization is the state before the first event.
func NewOrganization(id uuid.UUID) *Organization { return &Organization{ID: id} }

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
		*o = Organization{ID: o.ID, Now: o.Now, Created: true, Deleted: true, Version: o.Version + 1}
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
	case events.CampaignCreated, events.CampaignRenamed, events.CampaignStepsChanged, events.CampaignDeleted:
		o.applyCampaign(e)
	case events.EnrollmentStarted:
		o.enrolled(e)
	case events.MailboxAdded:
		o.Mailboxes.add(e)
	case events.MailboxRemoved:
		o.Mailboxes.remove(e)
	default:
		o.Imports.apply(e)
	}
}

func (o *Organization) created(e events.OrganizationCreated) {
	o.Created, o.Version = true, 1
	o.Slug, o.Name, o.TimeZone, o.PostalAddress, o.Status = e.Slug, e.Name, e.TimeZone, e.PostalAddress, events.StatusActive
	o.Plan, o.Limits = e.Plan, e.Limits
	o.Trial.EndsAt = e.TrialEndsAt
	o.BillingAnchor = e.BillingAnchor
	_, o.PeriodTo = PeriodAt(e.BillingAnchor, e.BillingAnchor)
}

// Due is when AdvanceClock must come next: the end of the trial or of the billing period; zero = never.
func (o *Organization) Due() time.Time {
	if !o.Created || o.Deleted {
		return time.Time{}
	}
	due := o.PeriodTo
	if o.Trial.running() && o.Trial.EndsAt.Before(due) {
		due = o.Trial.EndsAt
	}
	return due
}

func (t Trial) running() bool { return !t.Ended && !t.EndsAt.IsZero() }

// OverAt says whether the trial has come to its end without that being recorded.
func (t Trial) OverAt(now time.Time) bool { return t.running() && !now.Before(t.EndsAt) }

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
