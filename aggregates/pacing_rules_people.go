package aggregates

import (
	"outrider/events"
)

func organizationRule(q *question) int64 {
	q.say("status", q.o.Status)
	return unless(!q.o.maySend(), q.at)
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

func companyRule(q *question) int64 {
	last, ok := q.o.pacing.companies.sent[q.e.lead.Domain]
	if !ok || q.e.lead.FreeMail {
		return q.at
	}
	q.say("last_sent", instant(last))
	q.say("gap_minutes", q.e.campaign.Settings.CompanyGapMinutes)
	return max(q.at, last+int64(q.e.campaign.Settings.CompanyGapMinutes)*minute)
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
