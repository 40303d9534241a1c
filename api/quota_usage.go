package api

import (
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/projections"
)

func (s *Server) listPlans(c *call) error {
	out := gen.PlanPage{Data: []gen.Plan{}}
	for _, name := range slices.Sorted(maps.Keys(s.cfg.Plans)) {
		out.Data = append(out.Data, gen.Plan{Name: name, Limits: s.cfg.Plans[name]})
	}
	return c.answerJSON(200, out)
}

// getUsage shows the billing period that is running now, used or not.
func (s *Server) getUsage(c *call) error {
	out, err := s.usageOf(c, c.who.Org)
	if err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

func (s *Server) usageOf(c *call, id uuid.UUID) (out gen.Usage, err error) {
	var org *projections.Organization
	var periods []*projections.Usage
	var seats int64
	if err := s.readInOrg(c, id, func(tx pgx.Tx) (err error) {
		if org, err = projections.GetOrganization(c.ctx, tx, id); err != nil {
			return err
		}
		if periods, err = projections.ListUsage(c.ctx, tx, id, 2); err != nil {
			return err
		}
		seats, err = projections.CountMembers(c.ctx, tx, id)
		return err
	}); err != nil {
		return out, err
	}
	limits, err := limitsOf(org)
	if err != nil {
		return out, err
	}
	out = gen.Usage{Plan: org.Plan, Limits: limits, Seats: seats}
	out.PeriodFrom, out.PeriodTo = aggregates.PeriodAt(org.BillingAnchor, s.cfg.Now())
	for _, p := range periods {
		if p.PeriodFrom.Equal(out.PeriodFrom) {
			out.LeadsProcessed, out.EmailsSent = int64(p.LeadsProcessed), int64(p.EmailsSent)
		}
	}
	if s.cfg.Calls != nil {
		if out.APICalls, err = s.cfg.Calls.Sum(c.ctx, id, out.PeriodFrom); err != nil {
			return out, err
		}
	}
	return out, nil
}
