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
		return invalidProblem(gen.FieldError{Field: "lead_ids", Reason: "either lead_ids or filter"})
	case !byFilter && body.Cursor != "":
		return invalidProblem(gen.FieldError{Field: "cursor", Reason: "comes with filter"})
	case byFilter:
		return s.enrollByFilter(c, id, body.Filter, body.Cursor)
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	a, err := s.submitCommand(in, commands.EnrollLeads{CampaignID: id, LeadIDs: body.LeadIds})
	if err != nil {
		return err
	}
	result := gen.EnrollmentResult{CampaignID: id, Refused: []gen.RefusedLead{}}
	if err := addEnrolled(&result, a, len(body.LeadIds), len(body.LeadIds)); err != nil {
		return err
	}
	return c.answerJSON(200, result)
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
	data, next, err := listPage(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Enrollment, error) {
		if _, err := projections.GetCampaign(c.ctx, tx, c.who.Org, id); err != nil {
			return nil, err
		}
		return projections.ListEnrollments(c.ctx, tx, c.who.Org, id, c.textParam("state"), after, limit)
	}, func(e *projections.Enrollment) int64 { return e.Oseq }, enrollmentOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.EnrollmentPage{Data: data, NextCursor: next})
}

func enrollmentOf(e *projections.Enrollment) (gen.Enrollment, error) {
	return gen.Enrollment{ID: e.EnrollmentID, CampaignID: e.CampaignID, LeadID: e.LeadID, Counted: e.Counted, State: gen.EnrollmentState(e.State), Reason: e.Reason,
		PausedUntil: valueOrZero(e.PausedUntil), StoppedBy: valueOrZero(e.StoppedBy), StepsVersion: e.StepsVersion, Step: e.Step, Steps: e.Steps, MailboxID: valueOrZero(e.MailboxID), MessageID: valueOrZero(e.MessageID),
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt}, nil
}
