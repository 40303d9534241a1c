package aggregates

import (
	"time"

	"github.com/google/uuid"
)

// RuleWeighed is what a rule says of a message at a time.
type RuleWeighed struct {
	Rule   string         `json:"rule"`
	Inputs map[string]any `json:"inputs"` // what it looked at
	Binds  bool           `json:"binds"`
	Until  time.Time      `json:"until,omitzero"` // when it binds no more, if the time alone decides
}

// Weighed is why a message waits, or why nothing holds it.
type Weighed struct {
	State string        `json:"state"` // of the message; waiting = none is asked for yet
	Rules []RuleWeighed `json:"rules"`
	Bound string        `json:"bound,omitzero"` // the rule that holds longest; empty = none
	// NotBefore is the first time at which no rule binds, by what is known now; zero when something must happen first.
	NotBefore time.Time `json:"not_before,omitzero"`
	// LookedAtNext is when its mailbox is decided on again by the clock; zero = when something happens.
	LookedAtNext time.Time `json:"looked_at_next,omitzero"`
}

// Why weighs every rule for a message that has not come to its end, at a time: by the same code that decides. It changes
// nothing. A finished message is no longer known here.
func Why(now time.Time, o *Organization, message uuid.UUID) (Weighed, bool) {
	m := o.Messages[message]
	if m == nil {
		return Weighed{}, false
	}
	return o.weigh(micros(now), m.e, m, m.mailbox), true
}

// WhyLead weighs the rules for the next step of a lead on a campaign, whether a message is asked for already or not.
func WhyLead(now time.Time, o *Organization, campaign, lead uuid.UUID) (Weighed, bool) {
	c := o.Campaigns[campaign]
	if c == nil || c.enrolled[lead] == nil {
		return Weighed{}, false
	}
	e := c.enrolled[lead]
	if e.message != nil {
		return Why(now, o, e.message.ID)
	}
	return o.weigh(micros(now), e, nil, e.mailbox), true
}

func (o *Organization) weigh(now int64, e *Enrollment, msg *Message, m *Mailbox) Weighed {
	w := Weighed{State: "waiting"}
	rules := peopleRules[:len(peopleRules):len(peopleRules)]
	if msg != nil {
		w.State = msg.State()
		rules = append(rules, rule{RuleDraft, draftRule})
	} else {
		rules = append(rules, rule{RuleCompanyCap, companyCapRule})
	}
	if m != nil {
		rules = append(rules, mailboxRules...)
		if m.wake.at != 0 {
			w.LookedAtNext = instant(max(m.wake.at, now)) // what is overdue is looked at at once
		}
	}
	for _, r := range rules {
		q := question{o: o, m: m, e: e, msg: msg, at: now, explain: true, inputs: map[string]any{}}
		until := r.until(&q)
		x := RuleWeighed{Rule: r.name, Inputs: q.inputs, Binds: until > now}
		if x.Binds && until != never {
			x.Until = instant(until)
		}
		w.Rules = append(w.Rules, x)
	}
	at, bound := question{o: o, m: m, e: e, msg: msg, at: now}.when(rules)
	w.Bound = bound
	if at != never {
		w.NotBefore = instant(at)
	}
	return w
}

// draftRule holds what isn't written, or that a person must see first.
func draftRule(q *question) int64 {
	q.say("state", q.msg.State())
	q.say("drafts", q.msg.Drafts())
	q.say("needs_approval", q.msg.person)
	return unless(q.msg.state < messageReady, q.at)
}

// companyCapRule holds who waits for a place at their company; ask is what put them there.
func companyCapRule(q *question) int64 {
	q.say("deferred", q.e.is(enrollmentDeferred))
	q.say("active", q.o.companyActive(q.e))
	q.say("cap", q.e.campaign.Settings.CompanyCap)
	return unless(q.o.companyFull(q.e, 0), q.at)
}

func (o *Organization) companyActive(e *Enrollment) int {
	return int(o.companies.active[e.lead.Domain])
}

// companyFull says that enough people of the same company have had a message, and their sequences aren't at their end.
func (o *Organization) companyFull(e *Enrollment, more int) bool {
	limit := e.campaign.Settings.CompanyCap
	return !e.is(enrollmentCounted) && !e.lead.FreeMail && limit > 0 && o.companyActive(e)+more >= limit
}
