package aggregates

import (
	"time"

	"github.com/google/uuid"
)

// ExplainedRule is what a rule decides about a message at a time.
type ExplainedRule struct {
	Rule   string         `json:"rule"`
	Inputs map[string]any `json:"inputs"` // what it looked at
	Binds  bool           `json:"binds"`
	Until  time.Time      `json:"until,omitzero"` // when it binds no more, if the time alone decides
}

// Explanation is why a message waits, or why nothing holds it.
type Explanation struct {
	State string `json:"state"` // of the message; waiting = none was requested yet
	// Message is the message of the step; zero when none was requested yet.
	Message uuid.UUID       `json:"message,omitzero"`
	Rules   []ExplainedRule `json:"rules"`
	Bound   string          `json:"bound,omitzero"` // the rule that binds longest; empty = none
	// NotBefore is the first time at which no rule binds, by what is known now; zero when something must happen first.
	NotBefore time.Time `json:"not_before,omitzero"`
	// LookedAtNext is when the clock looks at its mailbox again; zero = only when something happens.
	LookedAtNext time.Time `json:"looked_at_next,omitzero"`
}

// Why explains every rule for an unfinished message at a time, with the same code that decides. It changes
// nothing. A finished message is no longer known here.
func Why(now time.Time, o *Organization, message uuid.UUID) (Explanation, bool) {
	m := o.Messages[message]
	if m == nil {
		return Explanation{}, false
	}
	return o.explainRules(toMicros(now), m.e, m, m.mailbox), true
}

// WhyLead explains the rules for the next step of a lead on a campaign, whether its message was requested or not.
func WhyLead(now time.Time, o *Organization, campaign, lead uuid.UUID) (Explanation, bool) {
	c := o.Campaigns[campaign]
	if c == nil {
		return Explanation{}, false
	}
	e := c.Enrollment(o.Leads.byID[lead])
	if e == nil {
		return Explanation{}, false
	}
	if e.message != nil {
		return Why(now, o, e.message.ID)
	}
	return o.explainRules(toMicros(now), e, nil, e.mailbox), true
}

func (o *Organization) explainRules(now int64, e *Enrollment, msg *Message, m *Mailbox) Explanation {
	w := Explanation{State: "waiting"}
	if msg != nil {
		w.State, w.Message = msg.State(), msg.ID
	}
	rules, m := o.rulesFor(now, e, msg, m)
	if m != nil && m.reading.reason != "" {
		rules = append(rules[:len(rules):len(rules)], rule{RuleInbox, inboxRule})
	}
	if m != nil && m.wake.at != 0 {
		w.LookedAtNext = toTime(max(m.wake.at, now)) // what is overdue comes at once
	}
	for _, r := range rules {
		q := ruleContext{o: o, m: m, e: e, msg: msg, at: now, explaining: true, inputs: map[string]any{}}
		until := r.until(&q)
		x := ExplainedRule{Rule: r.name, Inputs: q.inputs, Binds: until > now}
		if x.Binds && until != never {
			x.Until = toTime(until)
		}
		w.Rules = append(w.Rules, x)
	}
	at, bound := ruleContext{o: o, m: m, e: e, msg: msg, at: now}.firstFree(rules)
	w.Bound = bound
	if at != never {
		w.NotBefore = toTime(at)
	}
	return w
}

// rulesFor returns the rules that decide about a person's next message, and the mailbox that would send it; nil = none could.
func (o *Organization) rulesFor(now int64, e *Enrollment, msg *Message, m *Mailbox) ([]rule, *Mailbox) {
	rules := peopleRules[:len(peopleRules):len(peopleRules)]
	if msg != nil {
		rules = append(rules, rule{RuleDraft, draftRule})
	} else {
		rules = append(rules, rule{RuleCompanyCap, companyCapRule})
	}
	if m == nil || m.removed {
		m = o.mailboxFor(e.campaign, now)
	}
	if m == nil {
		return append(rules, rule{RuleMailbox, noMailboxRule}), nil
	}
	return append(rules, mailboxRules...), m
}

// mailboxFor returns the campaign's mailbox that can write to somebody new first; nil when it has none.
func (o *Organization) mailboxFor(c *Campaign, now int64) (best *Mailbox) {
	first := never
	for _, m := range c.mailboxes {
		if at, _ := o.nextSlot(m, now, 0); best == nil || at < first {
			best, first = m, at
		}
	}
	return best
}

// noMailboxRule holds back people on a campaign that has no mailbox left.
func noMailboxRule(q *ruleContext) int64 {
	noteInput(q, "status", "none")
	return never
}
