package aggregates

import (
	"time"

	"outrider/events"
)

// Account is the name, the status and the trial of an organisation.
type Account struct {
	Created, Deleted bool
	Version          int // +1 with every organization.* event
	Slug             string
	Name             string
	TimeZone         string
	PostalAddress    string
	Status           string
	Trial            Trial
	EraseAt          time.Time // when it is deleted for good; zero = nobody has asked for that
}

// Trial of an organisation.
type Trial struct {
	EndsAt time.Time // zero = there is none
	Ended  bool
}

func (o *Organization) applyAccount(event events.OrganizationEvent) {
	switch e := event.(type) {
	case events.OrganizationCreated:
		o.Created, o.Version = true, 1
		o.Slug, o.Name, o.TimeZone, o.PostalAddress, o.Status = e.Slug, e.Name, e.TimeZone, e.PostalAddress, events.StatusActive
		o.Trial.EndsAt = e.TrialEndsAt
		o.zones.home = o.zones.refOf(e.TimeZone)
	case events.OrganizationUpdated:
		o.Version++
		setIfGiven(&o.Name, e.Name)
		setIfGiven(&o.TimeZone, e.TimeZone)
		setIfGiven(&o.PostalAddress, e.PostalAddress)
		o.zones.home = o.zones.refOf(o.TimeZone)
		if e.TimeZone != nil {
			for _, c := range o.pacing.campaigns { // windows open, and days end, at different times now
				o.wakeMailboxesOf(c)
				o.scheduleCampaign(c)
			}
		}
	case events.OrganizationPersonGapSet:
		o.Version++
		o.setPersonGap(e)
	case events.OrganizationPlanChanged:
		o.Version++
	case events.OrganizationTrialEnded:
		o.Version++
		o.Trial.Ended = true
	case events.OrganizationStatusChanged:
		o.Version++
		o.Status = e.Status
	case events.OrganizationSlugChanged:
		o.Version++
		o.Slug = e.Slug
	case events.OrganizationDeletionRequested:
		o.Version++
		o.EraseAt = e.EraseAt
	case events.OrganizationRestored:
		o.Version++
		o.EraseAt = time.Time{}
	case events.UsagePeriodStarted, events.QuotaRefused, events.ExportRequested, events.ExportCompleted, events.ExportFailed, events.ExportDiscarded, events.ExportDownloaded, events.PersonalDataDownloaded, events.BulkRequested, events.BulkChunkRecorded, events.BulkCompleted, events.BookingHoursSet, events.OrganizationDeleted: // change nothing here
	}
}

// maySend reports whether anything may be sent at all.
func (a *Account) maySend() bool {
	return a.Created && !a.Deleted && a.EraseAt.IsZero() && a.Status != events.StatusSuspended && a.Status != events.StatusCancelled
}

func (t Trial) isRunning() bool { return !t.Ended && !t.EndsAt.IsZero() }

// EraseDue reports whether the time to restore it is over by then.
func (a *Account) EraseDue(now time.Time) bool { return !a.EraseAt.IsZero() && !now.Before(a.EraseAt) }

// OverAt reports whether the trial has ended by then and that is not recorded yet.
func (t Trial) OverAt(now time.Time) bool { return t.isRunning() && !now.Before(t.EndsAt) }
