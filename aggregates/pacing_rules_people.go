package aggregates

import (
	"time"

	"outrider/events"
)

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
	return unless(flying > 0 && q.m.gap() > 0, q.at)
}

func gapRule(q *question) int64 {
	q.say("gap_seconds", q.m.Pace.GapSeconds)
	q.say("until", instant(q.m.free))
	if q.m.gap() > 0 && q.claimed > 0 {
		return never
	}
	return max(q.at, q.m.free)
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
