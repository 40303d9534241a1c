package aggregates

import "time"

func mailboxRule(q *ruleContext) int64 {
	noteInput(q, "status", q.m.Status())
	return neverIf(!q.m.Sending(), q.at)
}

// inboxRule explains what a claim refuses (Freshness). A slot is given all the same: it may be read again by then.
func inboxRule(q *ruleContext) int64 {
	reason, since := q.m.ReadingFailure()
	noteInput(q, "reason", reason)
	noteInput(q, "since", since)
	return neverIf(reason != "", q.at)
}

// flightRule waits for the result of the previous message when there is a gap to keep after it.
func flightRule(q *ruleContext) int64 {
	noteInput(q, "in_flight", q.m.inFlight)
	inFlight := q.m.inFlight
	if q.msg != nil && q.msg.state == messageScheduled {
		inFlight--
	}
	return neverIf(inFlight > 0 && q.m.gapLength() > 0, q.at)
}

func gapRule(q *ruleContext) int64 {
	noteInput(q, "gap_seconds", q.m.Pace.GapSeconds)
	noteInput(q, "until", toTime(q.m.free))
	if q.m.gapLength() > 0 && q.claimed > 0 {
		return never
	}
	return max(q.at, q.m.free)
}

func cap24hRule(q *ruleContext) int64 {
	limit, used := q.o.CapAt(q.m, toTime(q.at)), q.usedSince(q.at-24*hour)
	noteInput(q, "cap", limit)
	noteInput(q, "sent_24h", used)
	return q.freedAt(used, limit, q.at-24*hour, 24*hour)
}

func capHourRule(q *ruleContext) int64 {
	limit := q.m.Pace.CapPerHour
	if limit == 0 {
		return q.at
	}
	used := q.usedSince(q.at - hour)
	noteInput(q, "cap", limit)
	noteInput(q, "sent_hour", used)
	return q.freedAt(used, limit, q.at-hour, hour)
}

func capDayRule(q *ruleContext) int64 {
	loc, at := q.o.mailboxZone(q.m), toTime(q.at)
	var from int64
	if q.days != nil {
		from = q.days.dayAt(at, loc).from
	} else {
		from = startOfDay(at, 0, loc).UnixMicro()
	}
	limit, used := q.o.CapAt(q.m, at), q.usedSince(from-1)
	noteInput(q, "cap", limit)
	noteInput(q, "sent_day", used)
	if used < limit {
		return q.at
	}
	return startOfDay(at, 1, loc).UnixMicro()
}

// daySpan is a day of a zone.
type daySpan struct{ from, to int64 }

// dayMemo remembers the day that was asked about last, by zone, for who asks about the same one again and again.
type dayMemo map[*time.Location]daySpan

func (m dayMemo) dayAt(at time.Time, loc *time.Location) daySpan {
	if day, ok := m[loc]; ok && day.from <= toMicros(at) && toMicros(at) < day.to {
		return day
	}
	day := daySpan{startOfDay(at, 0, loc).UnixMicro(), startOfDay(at, 1, loc).UnixMicro()}
	m[loc] = day
	return day
}

// usedSince counts the sends since a time; messages being sent count as sent now.
func (q *ruleContext) usedSince(since int64) int {
	return q.m.sentSince(since) + q.m.claimed + q.claimed
}

// freedAt returns when enough of the sends since then are out of a window of that length for one more to fit.
func (q *ruleContext) freedAt(used, limit int, since, length int64) int64 {
	over := used - limit
	if over < 0 {
		return q.at
	}
	first := len(q.m.sends) - q.m.sentSince(since) // the oldest in the window
	if limit == 0 || first+over >= len(q.m.sends) {
		return q.at + length // messages being sent will be in it
	}
	return q.m.sends[first+over] + length
}

// nextSlot returns when a mailbox may send next.
func (o *Organization) nextSlot(m *Mailbox, now int64, claimed int) (int64, string) {
	return ruleContext{o: o, m: m, at: now, claimed: claimed}.firstFree(mailboxRules)
}
