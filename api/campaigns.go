package api

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

func (s *Server) createCampaign(c *call, body gen.CampaignCreate) error {
	if err := errors.Join(checkZone(body.TimeZone), checkDate("start_date", body.StartDate), checkDate("end_date", body.EndDate)); err != nil {
		return err
	}
	if body.CampaignType == "" {
		body.CampaignType = gen.CampaignTypeColdOutreach
	}
	if body.Approval == "" {
		body.Approval = gen.ApprovalNone
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	actor := c.actorOf()
	steps := in.completeSteps(body.Steps)
	approval := approvalOf(string(body.Approval), body.ApprovalSample, body.ApprovalBelow)
	if approval != nil {
		body.Approval = gen.ApprovalAll // until the next command says more
	}
	cmd := commands.CreateCampaign{CampaignRef: events.CampaignRef{CampaignID: in.newID("campaign")}, Name: body.Name, CampaignType: string(body.CampaignType), TimeZone: body.TimeZone, StartDate: body.StartDate,
		EndDate: body.EndDate, CreatedBy: actor.Kind + ":" + actor.ID, Approval: string(body.Approval), Steps: steps, Templates: analyzeTemplates(steps)}
	a, err := s.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	if a.Outcome == es.Noop { // it was there before, and may have changed since
		return s.showAfterChange(c, "campaigns", a, func() error { return s.showCampaign(c, cmd.CampaignID) })
	}
	if approval != nil {
		approval.CampaignID = cmd.CampaignID
		if a, err = s.submitPart(in, "approval", *approval); err != nil {
			return err
		}
		return s.showAfterChange(c, "campaigns", a, func() error { return s.answerNewCampaign(c, cmd.CampaignID) })
	}
	return c.answerCreated(gen.Campaign{ID: cmd.CampaignID, Name: cmd.Name, CampaignType: body.CampaignType, Status: gen.CampaignStatusDraft, TimeZone: cmd.TimeZone, StartDate: cmd.StartDate,
		EndDate: cmd.EndDate, Approval: body.Approval, Steps: nonNil(cmd.Steps), StepsVersion: 1, Settings: settingsOf(aggregates.DefaultSettings()), MailboxIds: []uuid.UUID{},
		CreatedBy: cmd.CreatedBy, Version: 1, CreatedAt: a.Time, UpdatedAt: a.Time},
		"/v1/campaigns/"+a.Subject, 1)
}

func (s *Server) updateCampaign(c *call, id uuid.UUID) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	var body gen.CampaignPatch
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	update, err := campaignUpdate(c, id)
	if err != nil {
		return err
	}
	approval := approvalOf(string(body.Approval), body.ApprovalSample, body.ApprovalBelow)
	if approval != nil && update != nil {
		if update.Approval = nil; *update == (commands.UpdateCampaign{CampaignID: id}) {
			update = nil
		}
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	var last es.Answer
	if body.Name != "" {
		if last, err = s.submitPart(in, "name", commands.RenameCampaign{CampaignID: id, Name: body.Name, IfVersion: version}); err != nil {
			return err
		}
		version = versionAfter(version, last)
	}
	if update != nil {
		update.IfVersion = version
		if last, err = s.submitPart(in, "update", *update); err != nil {
			return err
		}
		version = versionAfter(version, last)
	}
	if approval != nil {
		approval.CampaignID, approval.IfVersion = id, version
		if last, err = s.submitPart(in, "approval", *approval); err != nil {
			return err
		}
		version = versionAfter(version, last)
	}
	if body.Steps != nil {
		steps := in.completeSteps(body.Steps)
		set := commands.SetCampaignSteps{CampaignID: id, Steps: steps, Templates: analyzeTemplates(steps), IfVersion: version}
		if last, err = s.submitPart(in, "steps", set); err != nil {
			return err
		}
	}
	return s.showAfterChange(c, "campaigns", last, func() error { return s.showCampaign(c, id) })
}

// versionAfter is the version that the next command of a request expects.
func versionAfter(version *int, a es.Answer) *int {
	if version == nil || a.Outcome != es.Accepted {
		return version
	}
	return new(*version + 1)
}

func deleteCampaign(c *call, id uuid.UUID) (commands.Command, error) {
	version, err := c.ifVersion()
	return commands.DeleteCampaign{CampaignID: id, IfVersion: version}, err
}

func (s *Server) showCampaign(c *call, id uuid.UUID) error {
	row, err := s.loadCampaign(c, id)
	if err != nil {
		return err
	}
	campaign, err := campaignOf(row)
	if err != nil {
		return err
	}
	steps, err := stepsIn(row)
	if err != nil {
		return err
	}
	campaign.Warnings = warningsOf(steps)
	return c.answerVersioned(campaign, campaign.Version)
}

func campaignOf(r *projections.Campaign) (gen.Campaign, error) {
	out := gen.Campaign{ID: r.CampaignID, Name: r.Name, CampaignType: gen.CampaignType(r.CampaignType), Status: gen.CampaignStatus(r.Status), TimeZone: r.TimeZone, StartDate: r.StartDate,
		EndDate: r.EndDate, Approval: gen.Approval(r.Approval), ApprovalSample: r.ApprovalSample, ApprovalBelow: r.ApprovalBelow, StepsVersion: r.StepsVersion, PauseReason: r.PauseReason, CompletedReason: r.CompletedReason, LaunchedAt: valueOrZero(r.LaunchedAt),
		CompletedAt: valueOrZero(r.CompletedAt), Enrolled: r.Enrolled, CreatedBy: r.CreatedBy, Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	steps, err := stepsIn(r)
	if err != nil {
		return out, err
	}
	settings, err := settingsIn(r)
	if err != nil {
		return out, err
	}
	out.ArchivedAt, out.LaunchRequest = valueOrZero(r.ArchivedAt), launchRequestOf(r)
	out.Steps, out.Settings, out.Booking = nonNil(steps), settingsOf(settings), bookingOf(r)
	if err := json.Unmarshal(r.Missing, &out.Missing); err != nil {
		return out, fmt.Errorf("read what is missing: %w", err)
	}
	if out.MailboxIds, err = mailboxesIn(r); err != nil {
		return out, err
	}
	return out, nil
}

func mailboxesIn(r *projections.Campaign) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	if err := json.Unmarshal(r.Mailboxes, &ids); err != nil {
		return nil, fmt.Errorf("read mailboxes: %w", err)
	}
	return nonNil(ids), nil
}
