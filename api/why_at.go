package api

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
)

func (s *Server) whyMessageAt(c *call, id uuid.UUID, at time.Time) error {
	return s.answerWhyAt(c, id, at, func(m *moment) (gen.Why, bool, bool) {
		row := m.past.Message(id)
		if row == nil {
			return gen.Why{}, false, false
		}
		w, ended := messageEnd(row)
		return w, ended, true
	}, func(_ *moment, now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool) {
		return aggregates.Why(now, o, id)
	})
}

func (s *Server) whyEnrollmentAt(c *call, id uuid.UUID, at time.Time) error {
	return s.answerWhyAt(c, id, at, func(m *moment) (gen.Why, bool, bool) {
		row := m.past.Enrollment(id)
		if row == nil {
			return gen.Why{}, false, false
		}
		w, ended := enrollmentEnd(row)
		return w, ended, true
	}, func(m *moment, now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool) {
		row := m.past.Enrollment(id)
		return aggregates.WhyLead(now, o, row.CampaignID, row.LeadID)
	})
}

// answerWhyAt answers as answerWhy would have then. Both come from the same events here: what hasn't ended and isn't known to
// the rules went with its campaign or its organisation.
func (s *Server) answerWhyAt(c *call, id uuid.UUID, at time.Time, end func(*moment) (w gen.Why, ended, there bool), weigh func(m *moment, now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool)) error {
	return s.momentAt(c, subject{c.who.Org, presentOf(c.route.Path), id, true}, at, func(m *moment) error {
		w, ended, there := end(m)
		if !there {
			return newProblem(commands.CodeNotFound, "there was none at that time")
		}
		if !ended {
			now := at.Truncate(time.Microsecond)
			weighed, open := weigh(m, now, commands.OrganizationOf(m.state))
			if !open {
				return newProblem(commands.CodeNotFound, "its campaign was gone at that time")
			}
			w = whyOf(weighed, now, m.trail.Oseq)
		}
		w.AsOf, w.Seq, w.Chain = at.Truncate(time.Microsecond), m.trail.Oseq, m.trail.Chain.String()
		return c.answer(http.StatusOK, w)
	})
}
