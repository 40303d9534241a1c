package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// CreateOrganizationV1 has limits that say nothing of what is stored and imported.
type CreateOrganizationV1 struct {
	OrganizationID uuid.UUID       `json:"organization_id"`
	Slug           string          `json:"slug"`
	Name           string          `json:"name"`
	Plan           string          `json:"plan"`
	Limits         events.LimitsV1 `json:"limits"`
	TimeZone       string          `json:"time_zone"`
	PostalAddress  string          `json:"postal_address"`
	TrialDays      int             `json:"trial_days"`
}

func (CreateOrganizationV1) CommandType() string { return "organization.create.v1" }

// Decide leaves unlimited what was not limited then.
func (c CreateOrganizationV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return CreateOrganization{OrganizationID: c.OrganizationID, Slug: c.Slug, Name: c.Name, Plan: c.Plan, Limits: c.Limits.Upcast(), TimeZone: c.TimeZone, PostalAddress: c.PostalAddress,
		TrialDays: c.TrialDays}.Decide(now, o)
}

// ChangePlanV1 likewise.
type ChangePlanV1 struct {
	Plan   string          `json:"plan"`
	Limits events.LimitsV1 `json:"limits"`
}

func (ChangePlanV1) CommandType() string { return "organization.change_plan.v1" }

// Decide leaves unlimited what was not limited then.
func (c ChangePlanV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return ChangePlan{Plan: c.Plan, Limits: c.Limits.Upcast()}.Decide(now, o)
}

// ChangeStatusV1 doesn't say who wants it.
type ChangeStatusV1 struct {
	Status string `json:"status"`
	Reason string `json:"reason"`
}

func (ChangeStatusV1) CommandType() string { return "organization.change_status.v1" }

// Decide takes it for an operator's.
func (c ChangeStatusV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return ChangeStatus{Status: c.Status, Reason: c.Reason}.Decide(now, o)
}
