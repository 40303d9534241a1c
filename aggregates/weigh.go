package aggregates

import (
	"math"
	"time"

	"outrider/events"
)

// Rules that can hold a message back, by name.
const (
	RuleOrganization = "organization"  // suspended, cancelled
	RuleCampaign     = "campaign"      // not active
	RuleStart        = "campaign_date" // hasn't begun
	RuleEnrollment   = "enrollment"    // paused, at its end
	RuleSuppressed   = "suppressed"
	RuleDraft        = "draft" // isn't written or approved
	RuleRetry        = "retry" // was deferred, or is not due yet
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
	RuleMore   = "more"   // goes on at once
)

// never is when what no clock ends, ends.
const never = int64(math.MaxInt64)

// question is whether a message may leave a mailbox at a time. A mailbox alone can be asked about too.
type question struct {
	o       *Organization
	m       *Mailbox
	e       *Enrollment
	msg     *Message
	at      int64
	claimed int // messages that count as sent now, beyond what is recorded
	explain bool
	inputs  map[string]any
}

func (q *question) say(name string, v any) {
	if q.explain {
		q.inputs[name] = v
	}
}

// rule gives the first time from q.at on at which it lets the message leave; q.at itself when it doesn't bind.
type rule struct {
	name  string
	until func(q *question) int64
}

// mailboxRules say when a mailbox has a slot.
var mailboxRules = []rule{{RuleMailbox, mailboxRule}, {RuleFlight, flightRule}, {RuleGap, gapRule}, {RuleCap24h, cap24hRule}, {RuleCapDay, capDayRule}, {RuleCapHour, capHourRule}} //nolint:gochecknoglobals // a constant table

// peopleRules say when somebody may get a message, whatever its state.
//
//nolint:gochecknoglobals // a constant table
var peopleRules = []rule{{RuleOrganization, organizationRule}, {RuleCampaign, campaignRule}, {RuleStart, startRule}, {RuleEnrollment, enrollmentRule},
	{RuleSuppressed, suppressedRule}, {RuleRetry, retryRule}, {RuleWindow, windowRule}, {RuleCompany, companyRule}}

func organizationRule(q *question) int64 {
	q.say("status", q.o.Status)
	return unless(!q.o.paces(), q.at)
}

func campaignRule(q *question) int64 {
	q.say("status", q.e.campaign.Status)
	return unless(q.e.campaign.Status != events.CampaignIsActive, q.at)
}

func startRule(q *question) int64 {
	q.say("start_date", q.e.campaign.start)
	return max(q.at, micros(q.o.startOf(q.e.campaign)))
}

func enrollmentRule(q *question) int64 {
	q.say("paused", q.e.is(enrollmentPaused))
	q.say("until", instant(q.e.until))
	q.say("ended", q.e.is(enrollmentEnded))
	switch {
	case q.e.is(enrollmentEnded), q.e.is(enrollmentPaused) && q.e.until == 0:
		return never
	case q.e.is(enrollmentPaused):
		return max(q.at, q.e.until)
	}
	return q.at
}

func suppressedRule(q *question) int64 {
	covered := q.o.Suppression.Covers(q.e.lead)
	q.say("suppressed", covered)
	return unless(covered, q.at)
}

func retryRule(q *question) int64 {
	at := q.e.due
	if q.msg != nil {
		at = max(at, q.msg.earliest)
	}
	q.say("earliest", instant(at))
	return max(q.at, at)
}

// windowRule leaves room for the whole lease, so that what is claimed in the window also arrives in it.
func windowRule(q *question) int64 {
	w, loc := &q.e.campaign.window, q.o.zoneOf(q.e)
	q.say("zone", loc.String())
	q.say("window", q.e.campaign.Settings.Window)
	return w.room(q.at, loc)
}

func (w *Window) room(at int64, loc *time.Location) int64 {
	for range 3 {
		t := w.Next(instant(at), loc)
		if t.IsZero() {
			return never
		}
		if at = t.UnixMicro(); w.Open(t.Add(Lease), loc) {
			return at
		}
		at += Lease.Microseconds()
	}
	return never
}

func companyRule(q *question) int64 {
	last, ok := q.o.companies.sent[q.e.lead.Domain]
	if !ok || q.e.lead.FreeMail {
		return q.at
	}
	q.say("last_sent", instant(last))
	q.say("gap_minutes", q.e.campaign.Settings.CompanyGapMinutes)
	return max(q.at, last+int64(q.e.campaign.Settings.CompanyGapMinutes)*minute)
}

func mailboxRule(q *question) int64 {
	q.say("status", q.m.Status())
	return unless(!q.m.Sending(), q.at)
}

// flightRule waits for the result of the message before where there is a gap to keep behind it.
func flightRule(q *question) int64 {
	q.say("in_flight", q.m.flying)
	flying := q.m.flying
	if q.msg != nil && q.msg.state == messageScheduled {
		flying--
	}
	return unless(flying > 0 && q.m.Pace.GapSeconds > 0, q.at)
}

func gapRule(q *question) int64 {
	q.say("gap_seconds", q.m.Pace.GapSeconds)
	q.say("until", instant(q.m.free))
	if q.m.Pace.GapSeconds > 0 && q.claimed > 0 {
		return never
	}
	return max(q.at, q.m.free)
}

// used counts what is in the air as sent now.
func (q *question) used(since int64) int {
	return q.m.since(since) + q.m.claimed + q.claimed
}

func cap24hRule(q *question) int64 {
	limit, used := q.o.CapAt(q.m, instant(q.at)), q.used(q.at-24*hour)
	q.say("cap", limit)
	q.say("sent_24h", used)
	return q.freed(used, limit, q.at-24*hour, 24*hour)
}

func capHourRule(q *question) int64 {
	limit := q.m.Pace.CapPerHour
	if limit == 0 {
		return q.at
	}
	used := q.used(q.at - hour)
	q.say("cap", limit)
	q.say("sent_hour", used)
	return q.freed(used, limit, q.at-hour, hour)
}

// freed gives when so many of the sends since then have left a window of that length that one more fits.
func (q *question) freed(used, limit int, since, length int64) int64 {
	over := used - limit
	if over < 0 {
		return q.at
	}
	first := len(q.m.sends) - q.m.since(since) // the oldest in the window
	if limit == 0 || first+over >= len(q.m.sends) {
		return q.at + length // what is in the air will be in it
	}
	return q.m.sends[first+over] + length
}

func capDayRule(q *question) int64 {
	loc, at := q.o.mailboxZone(q.m), instant(q.at)
	limit, used := q.o.CapAt(q.m, at), q.used(startOfDay(at, 0, loc).UnixMicro()-1)
	q.say("cap", limit)
	q.say("sent_day", used)
	if used < limit {
		return q.at
	}
	return startOfDay(at, 1, loc).UnixMicro()
}

func unless(bound bool, at int64) int64 {
	if bound {
		return never
	}
	return at
}

// when gives the first time at which none of the rules binds, and the one that bound last.
func (q question) when(rules []rule) (at int64, bound string) {
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

// slot gives when a mailbox may send next.
func (o *Organization) slot(m *Mailbox, now int64, claimed int) (int64, string) {
	return question{o: o, m: m, at: now, claimed: claimed}.when(mailboxRules)
}

// ready gives when a person may get their message.
func (o *Organization) ready(e *Enrollment, msg *Message, from int64) (int64, string) {
	return question{o: o, e: e, msg: msg, at: from}.when(peopleRules)
}
