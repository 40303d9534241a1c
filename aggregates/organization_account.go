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
	StatusCause      string            // of the newest change of status; "" = there was none
	NextStatus       events.StatusStep // that the clock brings; zero = none
	Trial            Trial
	ReplyUndoSeconds int       // how long an answer from the inbox can be taken back
	EraseAt          time.Time // when it is deleted for good; zero = nobody has asked for that
}

// DefaultReplyUndoSeconds is of an organisation that has set nothing else.
const DefaultReplyUndoSeconds = 10

// Trial of an organisation.
type Trial struct {
	EndsAt   time.Time // zero = there is none
	Ended    bool
	Chosen   bool // a plan to go on with
	reminded int  // days left at the newest reminder, 0 = none
}

// TrialReminders are the days before its end at which a trial is spoken of.
var TrialReminders = []int{3, 1} //nolint:gochecknoglobals // a constant

func (o *Organization) applyAccount(event events.OrganizationEvent) {
	switch e := event.(type) {
	case events.OrganizationCreated:
		o.Created, o.Version = true, 1
		o.Slug, o.Name, o.TimeZone, o.PostalAddress, o.Status = e.Slug, e.Name, e.TimeZone, e.PostalAddress, events.StatusActive
		o.Trial.EndsAt = e.TrialEndsAt
		o.Trial.skipReminders(e.BillingAnchor)
		o.ReplyUndoSeconds = DefaultReplyUndoSeconds
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
	case events.OrganizationReplyUndoSet:
		o.Version++
		o.ReplyUndoSeconds = e.Seconds
	case events.OrganizationPacingSet:
		o.setPacing(e.OrganizationPacing)
	case events.OrganizationHolidaysSet:
		o.setHolidays(e)
	case events.OrganizationPlanChanged:
		o.Version++
		if e.Plan != o.Plan { // what a lead costs beyond it is another question
			o.Billing.ExtraLeads = 0
		}
		o.Billing.named = false
		o.Trial.Chosen = true
	case events.OrganizationTrialReminded:
		o.Version++
		o.Trial.reminded = e.DaysLeft
	case events.OrganizationTrialEnded:
		o.Version++
		o.Trial.Ended = true
	case events.OrganizationStatusChanged:
		o.Version++
		o.Status, o.StatusCause, o.NextStatus = e.Status, e.Cause, e.Next
	case events.OrganizationSlugChanged:
		o.Version++
		o.Slug = e.Slug
	case events.OrganizationDeletionRequested:
		o.Version++
		o.EraseAt = e.EraseAt
	case events.OrganizationRestored:
		o.Version++
		o.EraseAt = time.Time{}
	case events.UsagePeriodStarted, events.QuotaRefused, events.QuotaWarned, events.ExportRequested, events.ExportCompleted, events.ExportFailed, events.ExportDiscarded, events.ExportDownloaded, events.PersonalDataDownloaded, events.BulkRequested, events.BulkChunkRecorded, events.BulkCompleted, events.BookingHoursSet, events.OrganizationDeleted: // change nothing here
	}
}

// maySend reports whether anything may be sent at all.
func (a *Account) maySend() bool {
	return a.Created && !a.Deleted && a.EraseAt.IsZero() && !IsStopped(a.Status)
}

// IsStopped reports whether a status stops sending and writing.
func IsStopped(status string) bool {
	return status == events.StatusSuspended || status == events.StatusCancelled
}

// StatusDue reports whether the next status has come by then.
func (a *Account) StatusDue(now time.Time) bool {
	return a.NextStatus.Status != "" && !now.Before(a.NextStatus.At)
}

func (t Trial) isRunning() bool { return !t.Ended && !t.EndsAt.IsZero() }

// EraseDue reports whether the time to restore it is over by then.
func (a *Account) EraseDue(now time.Time) bool { return !a.EraseAt.IsZero() && !now.Before(a.EraseAt) }

// OverAt reports whether the trial has ended by then and that is not recorded yet.
func (t Trial) OverAt(now time.Time) bool { return t.isRunning() && !now.Before(t.EndsAt) }

// WaitsForPlan reports whether it runs, or has ended, and nobody has chosen a plan.
func (t Trial) WaitsForPlan() bool { return !t.EndsAt.IsZero() && !t.Chosen }

// skipReminders leaves out those that would come before a short trial has begun.
func (t *Trial) skipReminders(began time.Time) {
	for _, days := range TrialReminders {
		if !t.EndsAt.IsZero() && !t.reminderAt(days).After(began) {
			t.reminded = days
		}
	}
}

func (t Trial) reminderAt(days int) time.Time {
	return t.EndsAt.Add(-time.Duration(days) * 24 * time.Hour)
}

// nextReminder returns when the trial is spoken of next; zero = not again.
func (t Trial) nextReminder() time.Time {
	if !t.isRunning() || t.Chosen {
		return time.Time{}
	}
	for _, days := range TrialReminders {
		if t.reminded == 0 || days < t.reminded {
			return t.reminderAt(days)
		}
	}
	return time.Time{}
}

// ReminderDue returns how many days are left, of TrialReminders, when that is to be said by then; 0 = nothing is. One that comes late
// leaves out those before it.
func (t Trial) ReminderDue(now time.Time) (days int) {
	if next := t.nextReminder(); next.IsZero() || now.Before(next) {
		return 0
	}
	for _, d := range TrialReminders {
		if !now.Before(t.reminderAt(d)) {
			days = d
		}
	}
	return days
}
