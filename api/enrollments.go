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
	byFilter, err := c.choosesByFilter(body.LeadIds != nil, body.Cursor)
	if err != nil {
		return err
	}
	if byFilter {
		return s.enrollByFilter(c, id, body)
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	a, err := s.submitCommand(in, commands.EnrollLeads{CampaignID: id, LeadIDs: body.LeadIds, SkipActiveElsewhere: body.SkipActiveElsewhere})
	if err != nil {
		return err
	}
	result := gen.EnrollmentResult{CampaignID: id, Refused: []gen.RefusedLead{}, RefusedByCode: map[string]int{}}
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

// listEnrollments shows those of a campaign.
func (s *Server) listEnrollments(c *call, id uuid.UUID) error {
	return s.showEnrollments(c, projections.EnrollmentFilter{CampaignID: id}, func(tx pgx.Tx) error {
		_, err := projections.GetCampaign(c.ctx, tx, c.who.Org, id)
		return err
	})
}

// listLeadEnrollments shows those of a lead.
func (s *Server) listLeadEnrollments(c *call, id uuid.UUID) error {
	if err := s.awaitIn(c, "leads"); err != nil {
		return err
	}
	return s.showEnrollments(c, projections.EnrollmentFilter{LeadID: id}, func(tx pgx.Tx) error {
		_, err := projections.GetLead(c.ctx, tx, c.who.Org, id)
		return err
	})
}

func (s *Server) showEnrollments(c *call, f projections.EnrollmentFilter, exists func(pgx.Tx) error) error {
	f.State, f.Search = c.textParam("state"), c.textParam("q")
	data, next, total, err := listSorted(s.readSide, c, func(tx pgx.Tx, l projections.Listing) (*projections.Page[projections.Enrollment], error) {
		if err := exists(tx); err != nil {
			return nil, err
		}
		return projections.ListEnrollments(c.ctx, tx, c.who.Org, f, l)
	}, enrollmentOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.EnrollmentPage{Data: data, NextCursor: next, Total: total})
}

func enrollmentOf(e *projections.Enrollment) (gen.Enrollment, error) {
	return gen.Enrollment{ID: e.EnrollmentID, CampaignID: e.CampaignID, LeadID: e.LeadID, Counted: e.Counted, State: gen.EnrollmentState(e.State), Reason: e.Reason,
		PausedUntil: valueOrZero(e.PausedUntil), StoppedBy: valueOrZero(e.StoppedBy), StepsVersion: e.StepsVersion, Step: e.Step, Steps: e.Steps, MailboxID: valueOrZero(e.MailboxID), MessageID: valueOrZero(e.MessageID),
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt}, nil
}
