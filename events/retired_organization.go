package events

import (
	"time"

	"github.com/google/uuid"
)

// LimitsV1 says nothing of what is stored and imported.
type LimitsV1 struct {
	LeadsPerMonth        int64 `json:"leads_per_month"`
	Mailboxes            int64 `json:"mailboxes"`
	Seats                int64 `json:"seats"`
	APIRequestsPerMinute int64 `json:"api_requests_per_minute"`
	AIBudgetMicros       int64 `json:"ai_budget_micros"`
}

// Upcast leaves unlimited what was not limited then: an organisation keeps what it was given until it gets a plan again.
func (l LimitsV1) Upcast() Limits {
	return Limits{LeadsPerMonth: l.LeadsPerMonth, Mailboxes: l.Mailboxes, Seats: l.Seats, APIRequestsPerMinute: l.APIRequestsPerMinute, AIBudgetMicros: l.AIBudgetMicros,
		LeadsStored: NoLimit, ImportBytes: NoLimit, ImportRows: NoLimit, ImportsAtOnce: NoLimit}
}

// OrganizationCreatedV1 has the limits of then.
type OrganizationCreatedV1 struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	Slug           string    `json:"slug"`
	Name           string    `json:"name"`
	Plan           string    `json:"plan"`
	Limits         LimitsV1  `json:"limits"`
	TimeZone       string    `json:"time_zone"`
	PostalAddress  string    `json:"postal_address"`
	TrialEndsAt    time.Time `json:"trial_ends_at,omitzero"`
	BillingAnchor  time.Time `json:"billing_anchor"`
}

func (OrganizationCreatedV1) EventType() string     { return "organization.created.v1" }
func (e OrganizationCreatedV1) AggregateID() string { return e.OrganizationID.String() }

// Upcast fills the limits.
func (e OrganizationCreatedV1) Upcast() Event {
	return OrganizationCreated{OrganizationRef: OrganizationRef{e.OrganizationID}, Slug: e.Slug, Name: e.Name, Plan: e.Plan, Limits: e.Limits.Upcast(), TimeZone: e.TimeZone, PostalAddress: e.PostalAddress,
		TrialEndsAt: e.TrialEndsAt, BillingAnchor: e.BillingAnchor}
}

// OrganizationPlanChangedV1 has the limits of then.
type OrganizationPlanChangedV1 struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	Plan           string    `json:"plan"`
	Limits         LimitsV1  `json:"limits"`
}

func (OrganizationPlanChangedV1) EventType() string     { return "organization.plan_changed.v1" }
func (e OrganizationPlanChangedV1) AggregateID() string { return e.OrganizationID.String() }

// Upcast fills the limits.
func (e OrganizationPlanChangedV1) Upcast() Event {
	return OrganizationPlanChanged{OrganizationRef: OrganizationRef{e.OrganizationID}, Plan: e.Plan, Limits: e.Limits.Upcast()}
}

// OrganizationStatusChangedV1 doesn't say who wanted it. There were only operators then.
type OrganizationStatusChangedV1 struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	Status         string    `json:"status"`
	Reason         string    `json:"reason"`
}

func (OrganizationStatusChangedV1) EventType() string     { return "organization.status_changed.v1" }
func (e OrganizationStatusChangedV1) AggregateID() string { return e.OrganizationID.String() }

// Upcast fills the cause; nothing followed by itself.
func (e OrganizationStatusChangedV1) Upcast() Event {
	return OrganizationStatusChanged{OrganizationRef: OrganizationRef{e.OrganizationID}, Status: e.Status, Reason: e.Reason, Cause: CauseOperator}
}
