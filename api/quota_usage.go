package api

import (
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/projections"
)

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
	var seats, stored, boxes int64
	var models map[int64]projections.AIPeriod
	if err := s.readInOrg(c, id, func(tx pgx.Tx) (err error) {
		if org, err = projections.GetOrganization(c.ctx, tx, id); err != nil {
			return err
		}
		if periods, err = projections.ListUsage(c.ctx, tx, id, mostPeriods); err != nil {
			return err
		}
		if models, err = projections.AIPeriods(c.ctx, tx, id, time.Time{}); err != nil {
			return err
		}
		if stored, boxes, err = projections.CountStored(c.ctx, tx, id); err != nil {
			return err
		}
		seats, err = projections.CountMembers(c.ctx, tx, id)
		return err
	}); err != nil {
		return out, err
	}
	limits, err := limitsOf(org.Limits)
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
	out.AiCostMicros = models[out.PeriodFrom.UnixMicro()].PlatformMicros
	now := s.cfg.Now()
	out.Lines = []gen.UsageLine{usageLine(gen.UsageLineKeyLeadsPerMonth, out.LeadsProcessed, limits.LeadsPerMonth), usageLine(gen.UsageLineKeyLeadsStored, stored, limits.LeadsStored),
		usageLine(gen.UsageLineKeyMailboxes, boxes, limits.Mailboxes), usageLine(gen.UsageLineKeySeats, seats, limits.Seats), usageLine(gen.UsageLineKeyAiBudgetMicros, out.AiCostMicros, limits.AIBudgetMicros)}
	out.Lines[0].RunsOutAt = runsOutAt(out.LeadsProcessed, limits.LeadsPerMonth, out.PeriodFrom, out.PeriodTo, now)
	out.Lines[4].RunsOutAt = runsOutAt(out.AiCostMicros, limits.AIBudgetMicros, out.PeriodFrom, out.PeriodTo, now)
	calls := map[int64]int64{}
	if s.cfg.Calls != nil {
		if calls, err = s.cfg.Calls.Sums(c.ctx, id); err != nil {
			return out, err
		}
	}
	out.APICalls = calls[out.PeriodFrom.UnixMicro()]
	out.Periods = usagePeriods(org.BillingAnchor, now, periods, models, calls)
	return out, nil
}

// mostPeriods bounds the billing periods that are shown: ten years of them.
const mostPeriods = 120

// usagePeriods are all billing periods from the running one back to the first, used or not.
func usagePeriods(anchor, now time.Time, counted []*projections.Usage, models map[int64]projections.AIPeriod, calls map[int64]int64) (out []gen.UsagePeriod) {
	by := map[int64]*projections.Usage{}
	for _, p := range counted {
		by[p.PeriodFrom.UnixMicro()] = p
	}
	for at := now; len(out) < mostPeriods; {
		p := gen.UsagePeriod{}
		p.From, p.To = aggregates.PeriodAt(anchor, at)
		key := p.From.UnixMicro()
		p.APICalls, p.AiCostMicros = calls[key], models[key].PlatformMicros
		if u := by[key]; u != nil {
			p.LeadsProcessed, p.EmailsSent = int64(u.LeadsProcessed), int64(u.EmailsSent)
		}
		v := url.Values{"type": {"enrollment.started."}, "q": {`"counted":true`}, "from": {p.From.Format(time.RFC3339Nano)}, "to": {p.To.Format(time.RFC3339Nano)}}
		p.LeadsEvents = "/v1/audit/events?" + v.Encode()
		v.Set("type", "message.sent.")
		v.Del("q")
		p.EmailsEvents = "/v1/audit/events?" + v.Encode()
		v.Set("type", "ai_call.settled.")
		p.AiEvents = "/v1/audit/events?" + v.Encode()
		out = append(out, p)
		if !p.From.After(anchor) {
			break
		}
		at = p.From.Add(-time.Microsecond)
	}
	return out
}

func usageLine(key gen.UsageLineKey, used, limit int64) gen.UsageLine {
	l := gen.UsageLine{Key: key, Used: used}
	if limit >= 0 {
		l.Limit = &limit
	}
	return l
}

// runsOutAt is when a limit of a period is used up if it goes on as so far; zero when that is after the period, or can't be told yet.
func runsOutAt(used, limit int64, from, to, now time.Time) time.Time {
	passed := now.Sub(from)
	if limit < 0 || used <= 0 || passed < 24*time.Hour {
		return time.Time{}
	}
	at := from.Add(time.Duration(float64(passed) * float64(limit) / float64(used)))
	switch {
	case used >= limit:
		return now.UTC()
	case at.Before(to):
		return at.UTC().Truncate(time.Second)
	}
	return time.Time{}
}
