package aggregates

import "time"

// planRelax names the rules that a run leaves out.
type planRelax map[string]bool

// peopleRules are those that the run doesn't leave out; they note whom they hold back.
func (r *planRun) peopleRules() (rules []rule) {
	for _, x := range peopleRules {
		name, until := x.name, x.until
		switch name {
		case RuleRetry:
			name = RuleDelay
		case RuleWindow:
			until = r.windowRule
		}
		if r.relax[name] {
			continue
		}
		rules = append(rules, rule{x.name, func(q *ruleContext) int64 {
			at := until(q)
			if at > q.at {
				r.bound[name] = true
			}
			return at
		}})
	}
	return rules
}

// boxRules are those of mailboxes that the run doesn't leave out; of those that mailboxes share they note that they held one back.
func (r *planRun) boxRules() (rules []rule) {
	for _, x := range mailboxRules {
		switch {
		case r.relax[x.name]:
		case x.name == RuleDomainCap || x.name == RuleOrganizationCap:
			rules = append(rules, rule{x.name, func(q *ruleContext) int64 {
				at := x.until(q)
				if at > q.at {
					r.bound[x.name] = true
				}
				return at
			}})
		default:
			rules = append(rules, x)
		}
	}
	return rules
}

// windowKey is of whom a window opens at the same time.
type windowKey struct {
	c   *Campaign
	loc *time.Location
}

// windowSpan is from when on a window was asked about, and when it opens: the answer to all that ask in between.
type windowSpan struct{ from, opens int64 }

// windowRule is windowRule, asked once of all who wait for the same window, and as if there were no holidays when the run leaves them out.
func (r *planRun) windowRule(q *ruleContext) int64 {
	key := windowKey{q.e.campaign, q.o.zoneOf(q.e)}
	if s, ok := r.windows[key]; ok && s.from <= q.at && q.at <= s.opens {
		return s.opens
	}
	c := *q.e.campaign
	if r.relax[PlanHoliday] {
		c.window.holidays = nil
	}
	opens := c.opensAt(q.at, key.loc)
	if opens != never {
		r.windows[key] = windowSpan{q.at, opens}
	}
	return opens
}

// readyAt is Organization.readyAt by the rules of the run. What was found for an earlier instant holds until then.
func (r *planRun) readyAt(p *runPerson, from int64) int64 {
	if p.from == 0 || from > p.at || from < p.from {
		p.from = from
		p.at, p.bound = ruleContext{o: r.o, e: p.e, msg: p.msg, at: from}.firstFree(r.rules)
	}
	return p.at
}
