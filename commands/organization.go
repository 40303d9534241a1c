package commands

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
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

func (CreateOrganization) CommandType() string { return "organization.create.v2" }

// Decide refuses another organisation under the same id, and has nothing to do for the same one.
func (c CreateOrganization) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Created {
		if o.Slug == c.Slug {
			return nil, nil
		}
		return nil, errAlreadyExists(o.ID)
	}
	if err := c.checkFields(o); err != nil {
		return nil, err
	}
	e := events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Slug: c.Slug, Name: c.Name, Plan: c.Plan, Limits: c.Limits,
		TimeZone: c.TimeZone, PostalAddress: strings.TrimSpace(c.PostalAddress), BillingAnchor: now}
	if c.TrialDays > 0 {
		e.TrialEndsAt = now.Add(time.Duration(c.TrialDays) * 24 * time.Hour)
	}
	return oneEvent(e)
}

func (c CreateOrganization) checkFields(o *aggregates.Organization) error {
	switch {
	case c.OrganizationID != o.ID:
		return errInvalid("organization_id", "is not the command's organisation")
	case !validSlug(c.Slug):
		return errInvalid("slug", "must be 2 to 40 of a-z, 0-9 and -, not at the ends")
	case c.TrialDays < 0 || c.TrialDays > 366:
		return errInvalid("trial_days", "must be 0 to 366")
	}
	return firstError(
		checkText("name", c.Name, 1, 200),
		checkText("time_zone", c.TimeZone, 1, 64), checkZone("time_zone", c.TimeZone),
		checkText("postal_address", c.PostalAddress, 0, 500),
		checkPlan(c.Plan, c.Limits),
	)
}

// UpdateOrganization changes the fields that aren't nil.
type UpdateOrganization struct {
	Name          *string `json:"name,omitzero"`
	TimeZone      *string `json:"time_zone,omitzero"`
	PostalAddress *string `json:"postal_address,omitzero"`
	IfVersion     *int    `json:"if_version,omitzero"`
}

func (UpdateOrganization) CommandType() string { return "organization.update.v1" }

// Decide records only what differs, and refuses to remove what live campaigns needed for their launch.
func (c UpdateOrganization) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	e := events.OrganizationUpdated{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Name: ifDifferent(c.Name, o.Name), TimeZone: ifDifferent(c.TimeZone, o.TimeZone),
		PostalAddress: ifDifferent(trimmed(c.PostalAddress), o.PostalAddress)}
	if e.Name == nil && e.TimeZone == nil && e.PostalAddress == nil {
		return nil, nil
	}
	if err := firstError(
		checkVersion(o.ID, c.IfVersion, o.Version),
		checkOptional("name", e.Name, 1, 200),
		checkOptional("time_zone", e.TimeZone, 1, 64), checkOptionalZone("time_zone", e.TimeZone),
		checkOptional("postal_address", e.PostalAddress, 0, 500),
	); err != nil {
		return nil, err
	}
	if err := keepAllReady(now, o, func(r *aggregates.Readiness) {
		r.PostalAddress = valueOr(e.PostalAddress, r.PostalAddress)
		r.HomeZone = valueOr(e.TimeZone, r.HomeZone)
	}); err != nil {
		return nil, err
	}
	return oneEvent(e)
}

// ChangePlan carries the plan's limits: Decide reads no configuration.
type ChangePlan struct {
	Plan   string        `json:"plan"`
	Limits events.Limits `json:"limits"`
}

func (ChangePlan) CommandType() string { return "organization.change_plan.v2" }

// Decide allows a plan that is smaller than what is in use: what exceeds it is paused, nothing is removed (aggregates.Organization.FitPlan). What was
// agreed for this organisation alone holds with every plan. The plan of a trial can be
// chosen too; what its end has stopped goes on.
func (c ChangePlan) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkPlan(c.Plan, c.Limits); err != nil {
		return nil, err
	}
	limits := o.Billing.Overridden(c.Limits)
	if c.Plan == o.Plan && limits == o.Limits && !o.Trial.WaitsForPlan() {
		return nil, nil
	}
	out := []events.Event{events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Plan: c.Plan, Limits: limits}}
	if o.Status == events.StatusSuspended && o.StatusCause == events.CauseTrial {
		out = append(out, statusChange(now, o, events.StatusActive, "a plan was chosen", events.CauseTrial))
	}
	return out, nil
}

// DeletionDays is how long a deletion can be taken back.
const DeletionDays = 30

// DeleteOrganization stops everything at once, and ends the organisation for good after DeletionDays.
type DeleteOrganization struct{}

func (DeleteOrganization) CommandType() string { return "organization.delete.v1" }

// Decide never refuses; it is also called for a deleted organisation.
func (DeleteOrganization) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Deleted || !o.EraseAt.IsZero() {
		return nil, nil
	}
	return oneEvent(events.OrganizationDeletionRequested{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, EraseAt: now.AddDate(0, 0, DeletionDays)})
}

// RestoreOrganization takes a deletion back.
type RestoreOrganization struct{}

func (RestoreOrganization) CommandType() string { return "organization.restore.v1" }

// Decide refuses when the time for it is over, also before the clock has said so.
func (RestoreOrganization) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case o.EraseAt.IsZero():
		return nil, nil
	case o.EraseDue(now):
		return nil, es.Refuse(CodeOrganizationDeleted, nil)
	}
	return oneEvent(events.OrganizationRestored{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Status: o.Status})
}
