package events

import (
	"time"

	"github.com/google/uuid"
)

// Status of an organisation.
const (
	StatusActive    = "active"
	StatusPastDue   = "past_due"
	StatusSuspended = "suspended"
	StatusCancelled = "cancelled"
)

// NoLimit stands for a limit that is none.
const NoLimit = -1

// Limits of a plan; NoLimit where there is none.
type Limits struct {
	LeadsPerMonth        int64 `json:"leads_per_month"` // leads processed in a billing period
	Mailboxes            int64 `json:"mailboxes"`
	Seats                int64 `json:"seats"`
	APIRequestsPerMinute int64 `json:"api_requests_per_minute"`
	AIBudgetMicros       int64 `json:"ai_budget_micros"` // USD micro-units a billing period
	LeadsStored          int64 `json:"leads_stored"`     // at a time
	ImportBytes          int64 `json:"import_bytes"`     // of a file
	ImportRows           int64 `json:"import_rows"`      // of a file
	ImportsAtOnce        int64 `json:"imports_at_once"`  // that are read or undone
}

// Fields returns the limits by the names in their JSON.
func (l *Limits) Fields() map[string]*int64 {
	return map[string]*int64{LimitLeads: &l.LeadsPerMonth, LimitMailboxes: &l.Mailboxes, LimitSeats: &l.Seats, "api_requests_per_minute": &l.APIRequestsPerMinute,
		LimitAIBudget: &l.AIBudgetMicros, LimitLeadsStored: &l.LeadsStored, LimitImportBytes: &l.ImportBytes, LimitImportRows: &l.ImportRows, LimitImportsAtOnce: &l.ImportsAtOnce}
}

// With returns the limits with some of them replaced, by name. Names that there aren't are passed over.
func (l Limits) With(overrides map[string]int64) Limits {
	if len(overrides) == 0 {
		return l
	}
	fields := l.Fields()
	for name, value := range overrides {
		if f := fields[name]; f != nil {
			*f = value
		}
	}
	return l
}

// OrganizationCreated confirms the slug that the edge has reserved, and starts the first billing period and the trial.
type OrganizationCreated struct {
	OrganizationRef
	Slug          string    `json:"slug"`
	Name          string    `json:"name"`
	Plan          string    `json:"plan"`
	Limits        Limits    `json:"limits"`
	TimeZone      string    `json:"time_zone"` // IANA
	PostalAddress string    `json:"postal_address"`
	TrialEndsAt   time.Time `json:"trial_ends_at,omitzero"` // zero = no trial
	BillingAnchor time.Time `json:"billing_anchor"`         // billing periods are months counted from here
}

func (OrganizationCreated) EventType() string { return "organization.created.v2" }

// OrganizationUpdated holds what changed; nil = unchanged.
type OrganizationUpdated struct {
	OrganizationRef
	Name          *string `json:"name,omitzero"`
	TimeZone      *string `json:"time_zone,omitzero"`
	PostalAddress *string `json:"postal_address,omitzero"`
}

func (OrganizationUpdated) EventType() string { return "organization.updated.v1" }

// OrganizationSlugChanged gives it another short name, which the edge has reserved; the old one leads here for a while.
type OrganizationSlugChanged struct {
	OrganizationRef
	Slug string `json:"slug"`
	From string `json:"from"`
}

func (OrganizationSlugChanged) EventType() string { return "organization.slug_changed.v1" }

// What of people can leave in a file besides exports, which have events of their own.
const (
	DownloadedHistory      = "history"       // with its proof
	DownloadedImportErrors = "import_errors" // rows of an import
)

// PersonalDataDownloaded says that somebody, the event's actor, began to fetch a file with data of people.
type PersonalDataDownloaded struct {
	OrganizationRef
	What string    `json:"what"`
	Of   uuid.UUID `json:"of,omitzero"` // the import
}

func (PersonalDataDownloaded) EventType() string { return "personal_data.downloaded.v1" }

// OrganizationPersonGapSet says how much time must lie between messages of two campaigns to one person.
type OrganizationPersonGapSet struct {
	OrganizationRef
	Minutes int `json:"minutes"` // 0 = none
}

func (OrganizationPersonGapSet) EventType() string { return "organization.person_gap_set.v1" }

// OrganizationReplyUndoSet says how long answers from the inbox can be taken back, unless one says otherwise.
type OrganizationReplyUndoSet struct {
	OrganizationRef
	Seconds int `json:"seconds"` // 0 = not at all
}

func (OrganizationReplyUndoSet) EventType() string { return "organization.reply_undo_set.v1" }

// OrganizationPlanChanged brings the new limits; they hold from here on, for the running period too.
type OrganizationPlanChanged struct {
	OrganizationRef
	Plan   string `json:"plan"`
	Limits Limits `json:"limits"`
}

func (OrganizationPlanChanged) EventType() string { return "organization.plan_changed.v2" }

// OrganizationTrialReminded says that the trial ends soon and no plan was chosen yet. It comes three days and one day before.
type OrganizationTrialReminded struct {
	OrganizationRef
	DaysLeft int       `json:"days_left"`
	EndsAt   time.Time `json:"ends_at"`
}

func (OrganizationTrialReminded) EventType() string { return "organization.trial_reminded.v1" }

// OrganizationTrialEnded changes neither status nor limits. Where no plan was chosen a change of status stands beside it.
type OrganizationTrialEnded struct {
	OrganizationRef
}

func (OrganizationTrialEnded) EventType() string { return "organization.trial_ended.v1" }

// Why a status changed.
const (
	CauseOperator = "operator" // somebody who runs the installation
	CauseTrial    = "trial"    // ended without a plan, or a plan was chosen after it
	CausePayment  = "payment"  // is overdue, or has come
)

// OrganizationStatusChanged: suspended and cancelled stop writes, nothing is lost.
type OrganizationStatusChanged struct {
	OrganizationRef
	Status string     `json:"status"`
	Reason string     `json:"reason"`
	Cause  string     `json:"cause"`
	Next   StatusStep `json:"next,omitzero"` // what follows by itself unless something happens
}

// StatusStep is a status that comes at a time.
type StatusStep struct {
	Status string    `json:"status"`
	At     time.Time `json:"at"`
}

func (OrganizationStatusChanged) EventType() string { return "organization.status_changed.v2" }

// OrganizationDeletionRequested stops everything; until EraseAt the organisation can be restored as it is.
type OrganizationDeletionRequested struct {
	OrganizationRef
	EraseAt time.Time `json:"erase_at"`
}

func (OrganizationDeletionRequested) EventType() string { return "organization.deletion_requested.v1" }

// OrganizationRestored takes a deletion back.
type OrganizationRestored struct {
	OrganizationRef
	Status string `json:"status"` // that it has again
}

func (OrganizationRestored) EventType() string { return "organization.restored.v1" }

// OrganizationDeleted ends an organisation for good: its keys are destroyed, so that what the log keeps of persons can't be read, and every
// further command is refused.
type OrganizationDeleted struct {
	OrganizationRef
}

func (OrganizationDeleted) EventType() string { return "organization.deleted.v1" }
