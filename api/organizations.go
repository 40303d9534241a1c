package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections"
)

// createOrganization reserves the slug first: the log can't know the slugs of other organisations.
func (s *Server) createOrganization(c *call) error {
	body := gen.OrganizationCreate{Plan: "starter", TimeZone: "UTC", TrialDays: commands.TrialDays}
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	limits, err := findPlan(s.cfg.Plans, body.Plan)
	if err != nil {
		return err
	}
	if err := checkZone(body.TimeZone); err != nil {
		return err
	}
	in, err := s.beginWrite(c, uuid.Nil, es.SystemOrg)
	if err != nil {
		return err
	}
	in.org = in.newID("organization")
	if err := s.reserveSlug(c, body.Slug, in.org); err != nil {
		return err
	}
	cmd := commands.CreateOrganization{OrganizationID: in.org, Slug: body.Slug, Name: body.Name, Plan: body.Plan, Limits: limits, TimeZone: body.TimeZone,
		PostalAddress: body.PostalAddress, TrialDays: body.TrialDays}
	a, err := s.submitCommand(in, cmd)
	var p *problem
	if errors.As(err, &p) && p.Code != commands.CodeAlreadyExists {
		err = errors.Join(err, s.cfg.Slugs.Release(c.ctx, body.Slug, in.org))
	}
	if err != nil {
		return err
	}
	if err := s.cfg.Slugs.Confirm(c.ctx, body.Slug, in.org); err != nil {
		return fmt.Errorf("confirm slug of %s: %w", in.org, err) // the organisation is there; a repeat confirms again
	}
	if a.Outcome == es.Noop {
		return s.showAfterChange(c, "organizations", a, func() error { return s.showOrganization(c, in.org) })
	}
	out := gen.Organization{ID: in.org, Slug: cmd.Slug, Name: cmd.Name, Plan: cmd.Plan, Limits: limits, TimeZone: cmd.TimeZone, PostalAddress: strings.TrimSpace(cmd.PostalAddress), PersonGapMinutes: projections.DefaultPersonGapMinutes, ReplyUndoSeconds: projections.DefaultReplyUndoSeconds,
		Status: gen.OrganizationStatusActive, Version: 1, CreatedAt: a.Time, UpdatedAt: a.Time}
	if cmd.TrialDays > 0 {
		out.TrialEndsAt = a.Time.AddDate(0, 0, cmd.TrialDays)
		out.NextStatus, out.NextStatusAt = events.StatusSuspended, out.TrialEndsAt
	}
	return c.answerCreated(out, "/v1/organizations/"+a.Subject, 1)
}

func findPlan(plans map[string]events.Limits, name string) (events.Limits, error) {
	limits, ok := plans[name]
	if !ok {
		return limits, invalidProblem(gen.FieldError{Field: "plan", Reason: "is not a plan; see /v1/plans"})
	}
	return limits, nil
}

// pathOrganization returns the {id} of the path. An organisation's key knows its own only.
func (c *call) pathOrganization() (uuid.UUID, error) {
	id, err := c.pathID()
	if err == nil && !c.who.Platform && id != c.who.Org {
		err = notFoundProblem()
	}
	return id, err
}

func (s *Server) getOrganization(c *call) error {
	id, err := c.pathOrganization()
	if err != nil {
		return err
	}
	return showNowOrPast((*Server).showOrganization, (*Server).organizationAt)(s, c, id)
}

func (s *Server) showOrganization(c *call, id uuid.UUID) error {
	out, err := s.loadOrganization(c, id)
	if err != nil {
		return err
	}
	return c.answerVersioned(out, out.Version)
}

func (r *readSide) loadOrganization(c *call, id uuid.UUID) (out gen.Organization, err error) {
	var row *projections.Organization
	if err := r.readInOrg(c, id, func(tx pgx.Tx) (err error) {
		row, err = projections.GetOrganization(c.ctx, tx, id)
		return err
	}); err != nil {
		return out, err
	}
	return organizationOf(row)
}

func organizationOf(row *projections.Organization) (gen.Organization, error) {
	out := gen.Organization{ID: row.OrgID, Slug: row.Slug, Name: row.Name, Plan: row.Plan, TimeZone: row.TimeZone, PostalAddress: row.PostalAddress, PersonGapMinutes: row.PersonGapMinutes, ReplyUndoSeconds: row.ReplyUndoSeconds, Status: gen.OrganizationStatus(row.Status),
		StatusReason: row.StatusReason, StatusCause: gen.OrganizationStatusCause(row.StatusCause), NextStatus: gen.OrganizationStatus(row.NextStatus),
		NextStatusAt: valueOrZero(row.NextStatusAt), TrialEndsAt: valueOrZero(row.TrialEndsAt), Version: row.Version, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt, DeletedAt: valueOrZero(row.DeletedAt),
		DeletionRequestedAt: valueOrZero(row.DeletionAsked), EraseAt: valueOrZero(row.EraseAt)}
	if err := json.Unmarshal(row.Limits, &out.Limits); err != nil {
		return out, fmt.Errorf("read limits: %w", err)
	}
	return out, nil
}

// listOrganizations takes the names from identity, as nobody reads the projection across organisations.
func (s *Server) listOrganizations(c *call) error {
	after, err := s.cursors.openParam(c, es.SystemOrg)
	if err != nil {
		return err
	}
	limit := c.numberParam("limit", defaultPage)
	slugs, err := s.cfg.Slugs.List(c.ctx, after, limit+1)
	if err != nil {
		return err
	}
	out := gen.OrganizationPage{Data: []gen.Organization{}}
	if len(slugs) > limit {
		slugs = slugs[:limit]
		if out.NextCursor, err = s.cursors.sealNext(c, es.SystemOrg, slugs[limit-1].Slug); err != nil {
			return err
		}
	}
	for _, slug := range slugs {
		o, err := s.loadOrganization(c, slug.Org)
		if errors.Is(err, pgx.ErrNoRows) {
			continue // created, not projected yet
		}
		if err != nil {
			return err
		}
		out.Data = append(out.Data, o)
	}
	return c.answerJSON(200, out)
}

// organizationPatch is what a request changes of an organisation; nil and "" = nothing.
type organizationPatch struct {
	Name          *string `json:"name"`
	Slug          string  `json:"slug"`
	TimeZone      *string `json:"time_zone"`
	PostalAddress *string `json:"postal_address"`
	PersonGap     *int    `json:"person_gap_minutes"`
	ReplyUndo     *int    `json:"reply_undo_seconds"`
	Plan          string  `json:"plan"`
	Status        string  `json:"status"`
	StatusReason  string  `json:"status_reason"`
}

func (p organizationPatch) check(who identity.Principal) error {
	switch {
	case (p.Plan != "" || p.Status != "" || p.StatusReason != "") && !who.Platform:
		return forbiddenProblem("a platform key: plan, status and status_reason are the operator's", identity.PlatformAdmin)
	case p.StatusReason != "" && p.Status == "":
		return invalidProblem(gen.FieldError{Field: "status_reason", Reason: "comes with status"})
	}
	return checkZone(valueOrZero(p.TimeZone))
}

// changesFields reports whether it changes what belongs to the organisation itself, rather than to its operator.
func (p organizationPatch) changesFields() bool {
	return p.Name != nil || p.TimeZone != nil || p.PostalAddress != nil || p.PersonGap != nil || p.ReplyUndo != nil
}

func (s *Server) updateOrganization(c *call) error {
	id, err := c.pathOrganization()
	if err != nil {
		return err
	}
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	var body organizationPatch
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if err := body.check(c.who); err != nil {
		return err
	}
	var limits events.Limits
	if body.Plan != "" {
		if limits, err = findPlan(s.cfg.Plans, body.Plan); err != nil {
			return err
		}
	}
	in, err := s.beginWrite(c, id, scopeOf(c, id))
	if err != nil {
		return err
	}
	// First even when it changes nothing: it is the one that knows versions.
	last, err := s.submitPart(in, "fields", commands.UpdateOrganization{Name: body.Name, TimeZone: body.TimeZone, PostalAddress: body.PostalAddress, IfVersion: version})
	if err != nil && (version != nil || body.changesFields() || refusalCode(err) != commands.CodeOrganizationSuspended) {
		return err
	}
	if body.PersonGap != nil {
		if last, err = s.submitPart(in, "person gap", commands.SetPersonGap{Minutes: *body.PersonGap}); err != nil {
			return err
		}
	}
	if body.ReplyUndo != nil {
		if last, err = s.submitPart(in, "reply undo", commands.SetReplyUndo{Seconds: *body.ReplyUndo}); err != nil {
			return err
		}
	}
	if body.Slug != "" {
		if last, err = s.changeSlug(c, in, body.Slug); err != nil {
			return err
		}
	}
	if body.Plan != "" {
		if last, err = s.submitPart(in, "plan", commands.ChangePlan{Plan: body.Plan, Limits: limits}); err != nil {
			return err
		}
	}
	if body.Status != "" {
		if last, err = s.submitPart(in, "status", commands.ChangeStatus{Status: body.Status, Reason: body.StatusReason, Cause: events.CauseOperator}); err != nil {
			return err
		}
	}
	return s.showAfterChange(c, "organizations", last, func() error { return s.showOrganization(c, id) })
}

// scopeOf keeps the platform's Idempotency-Keys apart from those of an organisation.
func scopeOf(c *call, org uuid.UUID) uuid.UUID {
	if c.who.Platform {
		return es.DeriveID(es.SystemOrg, "platform", org.String())
	}
	return org
}
