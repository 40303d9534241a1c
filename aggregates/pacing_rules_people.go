package aggregates

import (
	"outrider/events"
)

func organizationRule(q *ruleContext) int64 {
	noteInput(q, "status", q.o.Status)
	return neverIf(!q.o.maySend(), q.at)
}

func campaignRule(q *ruleContext) int64 {
	noteInput(q, "status", q.e.campaign.Status)
	return neverIf(q.e.campaign.Status != events.CampaignIsActive, q.at)
}

func startRule(q *ruleContext) int64 {
	noteInput(q, "start_date", q.e.campaign.StartDate)
	return max(q.at, toMicros(q.o.startOf(q.e.campaign)))
}

func enrollmentRule(q *ruleContext) int64 {
	noteInput(q, "paused", q.e.hasFlag(enrollmentPaused))
	noteInput(q, "until", toTime(q.e.until))
	noteInput(q, "ended", q.e.hasFlag(enrollmentEnded))
	switch {
	case q.e.hasFlag(enrollmentEnded), q.e.hasFlag(enrollmentPaused) && q.e.until == 0:
		return never
	case q.e.hasFlag(enrollmentPaused):
		return max(q.at, q.e.until)
	}
	return q.at
}

func suppressedRule(q *ruleContext) int64 {
	by, covered := q.o.Suppression.CoveredBy(q.e.lead)
	if noteInput(q, "suppressed", covered); covered && q.explaining {
		noteInput(q, "kind", by.Kind())
		noteInput(q, "suppression_id", by.ID(q.o.ID).String())
	}
	return neverIf(covered, q.at)
}

func retryRule(q *ruleContext) int64 {
	at := q.e.due
	if q.msg != nil {
		at = max(at, q.msg.earliest)
	}
	noteInput(q, "earliest", toTime(at))
	return max(q.at, at)
}

// windowRule leaves time for the whole lease, so that what is claimed in the window also arrives in it.
func windowRule(q *ruleContext) int64 {
	loc := q.o.zoneOf(q.e)
	noteInput(q, "zone", loc.String())
	noteInput(q, "window", q.e.campaign.Settings.Window)
	if more := q.e.campaign.Pacing.MoreWindows; len(more) > 0 {
		noteInput(q, "more_windows", more)
	}
	return q.e.campaign.opensAt(q.at, loc)
}

func companyRule(q *ruleContext) int64 {
	last, ok := q.o.pacing.companies.sent[q.e.lead.Domain]
	if !ok || q.e.lead.FreeMail {
		return q.at
	}
	noteInput(q, "last_sent", toTime(last))
	noteInput(q, "gap_minutes", q.e.campaign.Settings.CompanyGapMinutes)
	return max(q.at, last+int64(q.e.campaign.Settings.CompanyGapMinutes)*minute)
}

// draftRule holds back messages that are not written, or that a person must approve first.
func draftRule(q *ruleContext) int64 {
	noteInput(q, "state", q.msg.State())
	noteInput(q, "drafts", q.msg.Drafts())
	noteInput(q, "needs_approval", q.msg.person)
	return neverIf(q.msg.state < messageReady, q.at)
}

// companyCapRule holds back whoever waits for a place at their company; askFor put them there.
func companyCapRule(q *ruleContext) int64 {
	noteInput(q, "deferred", q.e.hasFlag(enrollmentDeferred))
	noteInput(q, "active", q.o.companyActive(q.e))
	noteInput(q, "cap", q.e.campaign.Settings.CompanyCap)
	return neverIf(q.o.companyFull(q.e, 0), q.at)
}
