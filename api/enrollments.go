package api

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/projections"
)

func (s *Server) enrollLeads(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var body gen.EnrollmentCreate
	if err := c.into(&body); err != nil {
		return err
	}
	object, _ := c.json.(map[string]any)
	_, byFilter := object["filter"]
	switch {
	case byFilter == (body.LeadIds != nil):
		return invalid(gen.FieldError{Field: "lead_ids", Reason: "either lead_ids or filter"})
	case !byFilter && body.Cursor != "":
		return invalid(gen.FieldError{Field: "cursor", Reason: "comes with filter"})
	case byFilter:
		return s.enrollByFilter(c, id, body.Filter, body.Cursor)
	}
	in, err := s.intend(c, c.who.Org, c.who.Org)
	if err != nil {
		return err
	}
	a, err := s.submit(in, commands.EnrollLeads{CampaignID: id, LeadIDs: body.LeadIds})
	if err != nil {
		return err
	}
	result := gen.EnrollmentResult{CampaignID: id, Refused: []gen.RefusedLead{}}
	if err := addEnrolled(&result, a, len(body.LeadIds), len(body.LeadIds)); err != nil {
		return err
	}
	return c.answer(200, result)
}

func (s *Server) pauseEnrollments(c *call) error {
	var body gen.EnrollmentPause
	if err := c.into(&body); err != nil {
		return err
	}
	return s.onEnrollments(c, func(id uuid.UUID) commands.Command {
		return commands.PauseEnrollments{CampaignID: id, LeadIDs: body.LeadIds, Until: body.Until.UTC().Truncate(time.Microsecond)}
	})
}

func (s *Server) resumeEnrollments(c *call) error {
	var body gen.EnrollmentSelection
	if err := c.into(&body); err != nil {
		return err
	}
	return s.onEnrollments(c, func(id uuid.UUID) commands.Command {
		return commands.ResumeEnrollments{CampaignID: id, LeadIDs: body.LeadIds}
	})
}

func (s *Server) stopEnrollments(c *call) error {
	var body gen.EnrollmentSelection
	if err := c.into(&body); err != nil {
		return err
	}
	return s.onEnrollments(c, func(id uuid.UUID) commands.Command {
		return commands.StopEnrollments{CampaignID: id, LeadIDs: body.LeadIds}
	})
}

func (s *Server) onEnrollments(c *call, cmd func(uuid.UUID) commands.Command) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return s.simple(c, cmd(id))
}

func (s *Server) listEnrollments(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	data, next, err := page(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Enrollment, error) {
		if _, err := projections.GetCampaign(c.ctx, tx, c.who.Org, id); err != nil {
			return nil, err
		}
		return projections.ListEnrollments(c.ctx, tx, c.who.Org, id, c.text("state"), after, limit)
	}, func(e *projections.Enrollment) int64 { return e.Oseq }, enrollmentOf)
	if err != nil {
		return err
	}
	return c.answer(200, gen.EnrollmentPage{Data: data, NextCursor: next})
}

func enrollmentOf(e *projections.Enrollment) (gen.Enrollment, error) {
	return gen.Enrollment{ID: e.EnrollmentID, CampaignID: e.CampaignID, LeadID: e.LeadID, Counted: e.Counted, State: gen.EnrollmentState(e.State), Reason: e.Reason,
		PausedUntil: or(e.PausedUntil), StoppedBy: or(e.StoppedBy), StepsVersion: e.StepsVersion, Step: e.Step, Steps: e.Steps, MailboxID: or(e.MailboxID), MessageID: or(e.MessageID),
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt}, nil
}
