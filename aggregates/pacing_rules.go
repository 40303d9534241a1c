package aggregates

import (
	"math"
)

// Rules that can hold a message back, by name.
const (
	RuleOrganization = "organization"  // suspended, cancelled
	RuleCampaign     = "campaign"      // not active
	RuleStart        = "campaign_date" // hasn't begun
	RuleEnrollment   = "enrollment"    // paused, at its end
	RuleSuppressed   = "suppressed"
	RuleDraft        = "draft"      // not written or not approved yet
	RulePerson       = "person_gap" // another campaign has just written to this person
	RuleRetry        = "retry"      // was deferred, or is not due yet
	RuleWindow       = "window"
	RuleCompany      = "company_gap"
	RuleCompanyCap   = "company_cap"
	RuleMailbox      = "mailbox" // not verified, paused
	RuleFlight       = "in_flight"
	RuleGap          = "gap"
	RuleCap24h       = "cap_24h"
	RuleCapDay       = "cap_day"
	RuleCapHour      = "cap_hour"

	// Of a mailbox that waits, or an enrollment.
	RuleNobody = "nobody" // nobody to write to
	RuleDelay  = "delay"  // the next step isn't due
	RuleMore   = "more"   // continues at once
)

// never is the end of what no clock ends.
const never = int64(math.MaxInt64)

// ruleContext is the question whether a message may leave a mailbox at a time. It can also be asked about a mailbox alone.
type ruleContext struct {
	o          *Organization
	m          *Mailbox
	e          *Enrollment
	msg        *Message
	at         int64
	claimed    int // messages that count as sent at q.at, besides those recorded
	explaining bool
	inputs     map[string]any
}

func (q *ruleContext) noteInput(name string, v any) {
	if q.explaining {
		q.inputs[name] = v
	}
}

// rule returns the first time, from q.at on, at which it lets the message leave; q.at itself when it doesn't bind.
type rule struct {
	name  string
	until func(q *ruleContext) int64
}

// mailboxRules decide when a mailbox has a free slot.
var mailboxRules = []rule{ //nolint:gochecknoglobals // a constant table
	{RuleMailbox, mailboxRule}, {RuleFlight, flightRule}, {RuleGap, gapRule}, {RuleCap24h, cap24hRule}, {RuleCapDay, capDayRule}, {RuleCapHour, capHourRule},
}

// peopleRules decide when somebody may get a message, whatever its state.
var peopleRules = []rule{ //nolint:gochecknoglobals // a constant table
	{RuleOrganization, organizationRule}, {RuleCampaign, campaignRule}, {RuleStart, startRule}, {RuleEnrollment, enrollmentRule},
	{RuleSuppressed, suppressedRule}, {RulePerson, personRule}, {RuleRetry, retryRule}, {RuleWindow, windowRule}, {RuleCompany, companyRule},
}

func neverIf(bound bool, at int64) int64 {
	if bound {
		return never
	}
	return at
}

// firstFree returns the first time at which none of the rules binds, and the one that bound last.
func (q ruleContext) firstFree(rules []rule) (at int64, bound string) {
	for range 1000 {
		moved := false
		for _, r := range rules {
			until := r.until(&q)
			if until == never {
				return never, r.name
			}
			if until > q.at {
				q.at, bound, moved = until, r.name, true
			}
		}
		if !moved {
			return q.at, bound
		}
	}
	return never, bound
}

// readyAt returns when a person may get their message.
func (o *Organization) readyAt(e *Enrollment, msg *Message, from int64) (int64, string) {
	return ruleContext{o: o, e: e, msg: msg, at: from}.firstFree(peopleRules)
}
