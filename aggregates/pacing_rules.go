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
	RuleScore        = "score"      // not what the campaign demands
	RuleDraft        = "draft"      // not written or not approved yet
	RulePerson       = "person_gap" // another campaign has just written to this person
	RuleRetry        = "retry"      // was deferred, or is not due yet
	RuleWindow       = "window"
	RuleCompany      = "company_gap"
	RuleCompanyCap   = "company_cap"
	RuleMailbox      = "mailbox"      // not verified, paused
	RuleInbox        = "inbox_unread" // can't be read, so answers couldn't stop what is sent
	RuleFlight       = "in_flight"
	RuleGap          = "gap"
	RuleCap24h       = "cap_24h"
	RuleCapDay       = "cap_day"
	RuleCapHour      = "cap_hour"
	RuleHours        = "mailbox_window"
	RuleHoliday      = "public_holiday"  // where the recipient lives
	RuleOwnWindow    = "campaign_window" // in the campaign's zone
	RuleResearch     = "research"        // the company's site is being read

	// Limits that mailboxes share.
	RuleOrganizationCap = "organization_cap"
	RuleDomainCap       = "sending_domain_cap"
	RuleRecipientCap    = "recipient_domain_cap"
	RuleProviderCap     = "recipient_provider_cap"
	RuleNewPeople       = "campaign_new_people"

	// Of a mailbox that waits, or an enrollment.
	RuleNobody    = "nobody"          // nobody to write to
	RuleDelay     = "delay"           // the next step isn't due
	RuleMore      = "more"            // continues at once
	RuleShare     = "rotation"        // the other mailboxes take their share first
	RuleRequalify = "requalification" // it goes on then, as the rule that has paused it would let it
	RuleHandOver  = "hand_over"       // its follow-ups are handed over then, as it is stopped
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
	from       int64    // the first instant that is asked about: what is being sent counts as sent then; 0 = at
	claimed    int      // messages that count as sent at q.at, besides those recorded
	booked     *booking // likewise, of all mailboxes; nil = none
	days       dayMemo  // of plans; nil = none
	explaining bool
	inputs     map[string]any
}

// noteInput keeps what a rule looked at, for who asks why. Values are made into interfaces only then: rules are asked for each person who waits.
func noteInput[V any](q *ruleContext, name string, v V) {
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
	{RuleHours, mailboxHoursRule}, {RuleOrganizationCap, organizationCapRule}, {RuleDomainCap, domainCapRule},
}

// peopleRules decide when somebody may get a message, whatever its state.
var peopleRules = []rule{ //nolint:gochecknoglobals // a constant table
	{RuleOrganization, organizationRule}, {RuleCampaign, campaignRule}, {RuleStart, startRule}, {RuleEnrollment, enrollmentRule},
	{RuleSuppressed, suppressedRule}, {RuleResearch, researchRule}, {RuleScore, scoreRule}, {RulePerson, personRule}, {RuleRetry, retryRule}, {RuleHoliday, holidayRule}, {RuleWindow, windowRule},
	{RuleOwnWindow, campaignWindowRule}, {RuleCompany, companyRule}, {RuleRecipientCap, recipientCapRule}, {RuleProviderCap, providerCapRule}, {RuleNewPeople, newPeopleRule},
}

func neverIf(bound bool, at int64) int64 {
	if bound {
		return never
	}
	return at
}

// firstFree returns the first time at which none of the rules binds, and the one that bound last.
func (q ruleContext) firstFree(rules []rule) (at int64, bound string) {
	q.from = q.at
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

// waitsAlone reports whether a rule holds back a person, and not all who wait in the same line.
func waitsAlone(name string) bool {
	return name == RuleCompany || name == RulePerson || name == RuleRecipientCap || name == RuleProviderCap || name == RuleResearch
}

// readyAt returns when a person may get their message.
func (o *Organization) readyAt(e *Enrollment, msg *Message, from int64) (int64, string) {
	return ruleContext{o: o, e: e, msg: msg, at: from}.firstFree(peopleRules)
}
