package commands

import (
	"github.com/google/uuid"

	"outrider/events"
)

// TrialDays is the usual length of a trial.
const TrialDays = 14

// CreateOrganization is sent after the edge has reserved the slug.
type CreateOrganization struct {
	OrganizationID uuid.UUID     `json:"organization_id"`
	Slug           string        `json:"slug"`
	Name           string        `json:"name"`
	Plan           string        `json:"plan"`
	Limits         events.Limits `json:"limits"`
	TimeZone       string        `json:"time_zone"`
	PostalAddress  string        `json:"postal_address"`
	TrialDays      int           `json:"trial_days"` // 0 = no trial
}

func (CreateOrganization) CommandType() string { return "organization.create.v1" }

// UpdateOrganization changes what isn't nil.
type UpdateOrganization struct {
	Name          *string `json:"name,omitempty"`
	TimeZone      *string `json:"time_zone,omitempty"`
	PostalAddress *string `json:"postal_address,omitempty"`
	IfVersion     *int    `json:"if_version,omitempty"`
}

func (UpdateOrganization) CommandType() string { return "organization.update.v1" }

// ChangePlan brings the plan's limits along: Decide reads no configuration.
type ChangePlan struct {
	Plan   string        `json:"plan"`
	Limits events.Limits `json:"limits"`
}

func (ChangePlan) CommandType() string { return "organization.change_plan.v1" }

// ChangeStatus comes from billing or an operator.
type ChangeStatus struct {
	Status string `json:"status"`
	Reason string `json:"reason"`
}

func (ChangeStatus) CommandType() string { return "organization.change_status.v1" }

// DeleteOrganization is a soft delete without a way back.
type DeleteOrganization struct{}

func (DeleteOrganization) CommandType() string { return "organization.delete.v1" }
