package aggregates

import (
	"outrider/events"
)

func organizationRule(q *ruleContext) int64 {
	q.explain("status", q.o.Status)
	return neverIf(!q.o.maySend(), q.at)
}

func campaignRule(q *ruleContext) int64 {
	q.explain("status", q.e.campaign.Status)
	return neverIf(q.e.campaign.Status != events.CampaignIsActive, q.at)
}

func startRule(q *ruleContext) int64 {
	q.explain("start_date", q.e.campaign.start)
	return max(q.at, toMicros(q.o.startOf(q.e.campaign)))
}

func enrollmentRule(q *ruleContext) int64 {
	q.explain("paused", q.e.hasFlag(enrollmentPaused))
	q.explain("until", toTime(q.e.until))
	q.explain("ended", q.e.hasFlag(enrollmentEnded))
	switch {
	case q.e.hasFlag(enrollmentEnded), q.e.hasFlag(enrollmentPaused) && q.e.until == 0:
		return never
	case q.e.hasFlag(enrollmentPaused):
		return max(q.at, q.e.until)
	}
	return q.at
}

func suppressedRule(q *ruleContext) int64 {
	covered := q.o.Suppression.Covers(q.e.lead)
	q.explain("suppressed", covered)
	return neverIf(covered, q.at)
}

func retryRule(q *ruleContext) int64 {
	at := q.e.due
	if q.msg != nil {
		at = max(at, q.msg.earliest)
	}
	q.explain("earliest", toTime(at))
	return max(q.at, at)
}

// windowRule leaves room for the whole lease, so that what is claimed in the window also arrives in it.
func windowRule(q *ruleContext) int64 {
	w, loc := &q.e.campaign.window, q.o.zoneOf(q.e)
	q.explain("zone", loc.String())
	q.explain("window", q.e.campaign.Settings.Window)
	return w.nextWithRoom(q.at, loc)
}

func companyRule(q *ruleContext) int64 {
	last, ok := q.o.pacing.companies.sent[q.e.lead.Domain]
	if !ok || q.e.lead.FreeMail {
		return q.at
	}
	q.explain("last_sent", toTime(last))
	q.explain("gap_minutes", q.e.campaign.Settings.CompanyGapMinutes)
	return max(q.at, last+int64(q.e.campaign.Settings.CompanyGapMinutes)*minute)
}

// draftRule holds what isn't written, or that a person must see first.
func draftRule(q *ruleContext) int64 {
	q.explain("state", q.msg.State())
	q.explain("drafts", q.msg.Drafts())
	q.explain("needs_approval", q.msg.person)
	return neverIf(q.msg.state < messageReady, q.at)
}

// companyCapRule holds who waits for a place at their company; ask is what put them there.
func companyCapRule(q *ruleContext) int64 {
	q.explain("deferred", q.e.hasFlag(enrollmentDeferred))
	q.explain("active", q.o.companyActive(q.e))
	q.explain("cap", q.e.campaign.Settings.CompanyCap)
	return neverIf(q.o.companyFull(q.e, 0), q.at)
}
