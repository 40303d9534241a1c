package api

import (
	"time"

	"github.com/google/uuid"

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

func enrollmentOf(e *projections.Enrollment) (gen.Enrollment, error) {
	return gen.Enrollment{ID: e.EnrollmentID, CampaignID: e.CampaignID, LeadID: e.LeadID, Counted: e.Counted, State: gen.EnrollmentState(e.State), Reason: e.Reason,
		PausedUntil: valueOrZero(e.PausedUntil), StoppedBy: valueOrZero(e.StoppedBy), StepsVersion: e.StepsVersion, Step: e.Step, Steps: e.Steps, MailboxID: valueOrZero(e.MailboxID), MessageID: valueOrZero(e.MessageID),
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt}, nil
}
