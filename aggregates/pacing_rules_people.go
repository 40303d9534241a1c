package aggregates

import (
	"outrider/events"
)

func organizationRule(q *ruleContext) int64 {
	q.noteInput("status", q.o.Status)
	return neverIf(!q.o.maySend(), q.at)
}

func campaignRule(q *ruleContext) int64 {
	q.noteInput("status", q.e.campaign.Status)
	return neverIf(q.e.campaign.Status != events.CampaignIsActive, q.at)
}

func startRule(q *ruleContext) int64 {
	q.noteInput("start_date", q.e.campaign.StartDate)
	return max(q.at, toMicros(q.o.startOf(q.e.campaign)))
}

func enrollmentRule(q *ruleContext) int64 {
	q.noteInput("paused", q.e.hasFlag(enrollmentPaused))
	q.noteInput("until", toTime(q.e.until))
	q.noteInput("ended", q.e.hasFlag(enrollmentEnded))
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
	if q.noteInput("suppressed", covered); covered && q.explaining {
		q.noteInput("kind", by.Kind())
		q.noteInput("suppression_id", by.ID(q.o.ID).String())
	}
	return neverIf(covered, q.at)
}

func retryRule(q *ruleContext) int64 {
	at := q.e.due
	if q.msg != nil {
		at = max(at, q.msg.earliest)
	}
	q.noteInput("earliest", toTime(at))
	return max(q.at, at)
}

// windowRule leaves time for the whole lease, so that what is claimed in the window also arrives in it.
func windowRule(q *ruleContext) int64 {
	loc := q.o.zoneOf(q.e)
	q.noteInput("zone", loc.String())
	q.noteInput("window", q.e.campaign.Settings.Window)
	if more := q.e.campaign.Pacing.MoreWindows; len(more) > 0 {
		q.noteInput("more_windows", more)
	}
	return q.e.campaign.opensAt(q.at, loc)
}

func companyRule(q *ruleContext) int64 {
	last, ok := q.o.pacing.companies.sent[q.e.lead.Domain]
	if !ok || q.e.lead.FreeMail {
		return q.at
	}
	q.noteInput("last_sent", toTime(last))
	q.noteInput("gap_minutes", q.e.campaign.Settings.CompanyGapMinutes)
	return max(q.at, last+int64(q.e.campaign.Settings.CompanyGapMinutes)*minute)
}

// draftRule holds back messages that are not written, or that a person must approve first.
func draftRule(q *ruleContext) int64 {
	q.noteInput("state", q.msg.State())
	q.noteInput("drafts", q.msg.Drafts())
	q.noteInput("needs_approval", q.msg.person)
	return neverIf(q.msg.state < messageReady, q.at)
}

// companyCapRule holds back whoever waits for a place at their company; askFor put them there.
func companyCapRule(q *ruleContext) int64 {
	q.noteInput("deferred", q.e.hasFlag(enrollmentDeferred))
	q.noteInput("active", q.o.companyActive(q.e))
	q.noteInput("cap", q.e.campaign.Settings.CompanyCap)
	return neverIf(q.o.companyFull(q.e, 0), q.at)
}
