package api

import (
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/projections"
)

func (s *Server) whyMessageNow(c *call, id uuid.UUID) error {
	return s.answerWhy(c, "messages", func() (gen.Why, bool, error) {
		var row *projections.Message
		err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			row, err = projections.GetMessage(c.ctx, tx, c.who.Org, id)
			return err
		})
		if err != nil {
			return gen.Why{}, false, err
		}
		w, ended := messageEnd(row)
		return w, ended, nil
	}, func(now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool) {
		return aggregates.Why(now, o, id)
	})
}

// messageEnd says how a message ended, if it has.
func messageEnd(row *projections.Message) (gen.Why, bool) {
	w := gen.Why{State: row.State, Reason: row.Reason, Rules: []gen.RuleWeighed{}}
	switch row.State {
	case projections.MessageSent:
		w.EndedAt = valueOrZero(row.SentAt)
	case projections.MessageFailed:
		if w.EndedAt = valueOrZero(row.FailedAt); w.EndedAt.IsZero() { // it was in doubt, and wasn't sent
			w.EndedAt = row.UpdatedAt
		}
		if w.Reason == "" {
			w.Reason = refusalOf(row)
		}
	case projections.MessageCancelled:
		w.EndedAt = row.UpdatedAt
	default:
		return w, false
	}
	return w, true
}

// refusalOf is what the receiver said in short.
func refusalOf(m *projections.Message) string {
	if m.SMTPText != "" {
		return m.SMTPText
	}
	return m.SMTPStage
}

func (s *Server) whyEnrollmentNow(c *call, id uuid.UUID) error {
	var row *projections.Enrollment
	return s.answerWhy(c, "campaigns", func() (gen.Why, bool, error) {
		err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			row, err = projections.GetEnrollment(c.ctx, tx, c.who.Org, id)
			return err
		})
		if err != nil {
			return gen.Why{}, false, err
		}
		w, ended := enrollmentEnd(row)
		return w, ended, nil
	}, func(now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool) {
		return aggregates.WhyLead(now, o, row.CampaignID, row.LeadID)
	})
}

// enrollmentEnd says how a sequence ended, if it has.
func enrollmentEnd(row *projections.Enrollment) (gen.Why, bool) {
	ended := row.State == projections.EnrollmentStopped || row.State == projections.EnrollmentCompleted
	return gen.Why{State: row.State, Reason: row.Reason, EndedAt: row.UpdatedAt, Rules: []gen.RuleWeighed{}}, ended
}

// answerWhy answers with how something has ended, or with the rules that hold it. The two stores don't move together: what the
// one calls open and the other doesn't know any more has just come to its end.
func (p *pastSide) answerWhy(c *call, projection string, end func() (gen.Why, bool, error), weigh func(now time.Time, o *aggregates.Organization) (aggregates.Explanation, bool)) error {
	if err := p.reads.awaitIn(c, projection); err != nil {
		return err
	}
	w, ended, err := end()
	if err != nil {
		return err
	}
	if ended {
		return c.answerJSON(200, w)
	}
	if p.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	var weighed aggregates.Explanation
	var open bool
	var now time.Time
	seq, err := p.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		now = laterOf(p.clock(), last)
		weighed, open = weigh(now, o)
	})
	if err != nil {
		return err
	}
	if open {
		w := whyOf(weighed, now, seq)
		if w.State == projections.MessageHeld {
			if err := p.reads.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
				row, err := projections.GetMessage(c.ctx, tx, c.who.Org, weighed.Message)
				if err == nil {
					w.Reason = row.Reason
				}
				return err
			}); err != nil {
				return err
			}
		}
		return c.answerJSON(200, w)
	}
	if w, ended, err = end(); err != nil {
		return err
	}
	if ended {
		return c.answerJSON(200, w)
	}
	return unavailableProblem(codeBehind, nil)
}

func whyOf(w aggregates.Explanation, now time.Time, seq int64) gen.Why {
	out := gen.Why{State: w.State, Bound: w.Bound, NotBefore: w.NotBefore, LookedAtNext: w.LookedAtNext, AsOf: now, Oseq: seq, Rules: make([]gen.RuleWeighed, len(w.Rules))}
	for i, r := range w.Rules {
		maps.DeleteFunc(r.Inputs, func(_ string, v any) bool { t, ok := v.(time.Time); return ok && t.IsZero() }) // there is none
		out.Rules[i] = gen.RuleWeighed{Rule: r.Rule, Binds: r.Binds, Until: r.Until, Inputs: r.Inputs}
	}
	return out
}
