package api

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/projections"
)

func (s *Server) enrollLeads(c *call, id uuid.UUID, body gen.EnrollmentCreate) error {
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
	in, err := s.beginOwn(c)
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

func pauseEnrollments(_ *call, id uuid.UUID, body gen.EnrollmentPause) (commands.Command, error) {
	return commands.PauseEnrollments{CampaignID: id, LeadIDs: body.LeadIds, Until: body.Until.UTC().Truncate(time.Microsecond)}, nil
}

func resumeEnrollments(_ *call, id uuid.UUID, body gen.EnrollmentSelection) (commands.Command, error) {
	return commands.ResumeEnrollments{CampaignID: id, LeadIDs: body.LeadIds}, nil
}

func stopEnrollments(_ *call, id uuid.UUID, body gen.EnrollmentSelection) (commands.Command, error) {
	return commands.StopEnrollments{CampaignID: id, LeadIDs: body.LeadIds}, nil
}

func (s *Server) listEnrollments(c *call, id uuid.UUID) error {
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
