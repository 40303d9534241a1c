package api

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
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
	in, err := s.intend(c, c.who.Org, c.who.Org)
	if err != nil {
		return err
	}
	a, err := s.submit(in, commands.EnrollLeads{CampaignID: id, LeadIDs: body.LeadIds})
	if err != nil {
		return err
	}
	result := gen.EnrollmentResult{CampaignID: id, Refused: []gen.RefusedLead{}}
	switch {
	case a.Outcome == es.Noop:
		result.Already = len(body.LeadIds)
	case len(a.Detail) == 0: // a single lead
		result.Enrolled = 1
	default:
		var batch events.EnrollmentBatchRecorded
		if err := json.Unmarshal(a.Detail, &batch); err != nil {
			return fmt.Errorf("read answer: %w", err)
		}
		result.Enrolled, result.Already = batch.Enrolled, batch.Already
		for _, r := range batch.Refused {
			result.Refused = append(result.Refused, gen.RefusedLead{LeadID: r.LeadID, Code: r.Code})
		}
	}
	return c.answer(200, result)
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
		return projections.ListEnrollments(c.ctx, tx, c.who.Org, id, after, limit)
	}, func(e *projections.Enrollment) int64 { return e.Oseq }, func(e *projections.Enrollment) (gen.Enrollment, error) {
		return gen.Enrollment{ID: e.EnrollmentID, CampaignID: e.CampaignID, LeadID: e.LeadID, Counted: e.Counted, CreatedAt: e.CreatedAt}, nil
	})
	if err != nil {
		return err
	}
	return c.answer(200, gen.EnrollmentPage{Data: data, NextCursor: next})
}
