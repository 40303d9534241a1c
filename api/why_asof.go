package api

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/asof"
	"outrider/projections"
)

func (s *Server) whyMessageAt(c *call, id uuid.UUID, at time.Time) error {
	return s.answerWhyAt(c, id, at, func(m *asof.Snapshot) (gen.Why, bool, bool) {
		row := m.Past.Message(id)
		if row == nil {
			return gen.Why{}, false, false
		}
		w, ended := messageEnd(row)
		return w, ended, true
	}, func(_ *asof.Snapshot, now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool) {
		return aggregates.Why(now, o, id)
	})
}

func (s *Server) whyEnrollmentAt(c *call, id uuid.UUID, at time.Time) error {
	return s.answerWhyAt(c, id, at, func(m *asof.Snapshot) (gen.Why, bool, bool) {
		row := m.Past.Enrollment(id)
		if row == nil {
			return gen.Why{}, false, false
		}
		w, ended := enrollmentEnd(row)
		return w, ended, true
	}, func(m *asof.Snapshot, now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool) {
		row := m.Past.Enrollment(id)
		return aggregates.WhyLead(now, o, row.CampaignID, row.LeadID)
	})
}

// answerWhyAt answers as answerWhy would have then. Both come from the same events here: what hasn't ended and isn't known to
// the rules went with its campaign or its organisation.
func (p *pastSide) answerWhyAt(c *call, id uuid.UUID, at time.Time, end func(*asof.Snapshot) (w gen.Why, ended, there bool), weigh func(m *asof.Snapshot, now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool)) error {
	return p.showPast(c, asof.Subject{Org: c.who.Org, Model: readModelOf(c.route.Path), Only: id, Decides: true}, at, func(m *asof.Snapshot) error {
		w, ended, there := end(m)
		if !there {
			return newProblem(commands.CodeNotFound, "there was none at that time")
		}
		if !ended {
			now := at.Truncate(time.Microsecond)
			weighed, open := weigh(m, now, m.Organization())
			if !open {
				return newProblem(commands.CodeNotFound, "its campaign was gone at that time")
			}
			w = whyOf(weighed, now, m.Verifier.Oseq)
			if row := m.Past.Message(weighed.Message); row != nil && w.State == projections.MessageHeld {
				w.Reason = row.Reason
			}
		}
		w.AsOf, w.Oseq, w.Chain = at.Truncate(time.Microsecond), m.Verifier.Oseq, m.Verifier.Chain.String()
		return c.answerJSON(http.StatusOK, w)
	})
}
