package aggregates

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

// used counts what is in the air as sent now.
func (q *question) used(since int64) int {
	return q.m.since(since) + q.m.claimed + q.claimed
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

// slot gives when a mailbox may send next.
func (o *Organization) slot(m *Mailbox, now int64, claimed int) (int64, string) {
	return question{o: o, m: m, at: now, claimed: claimed}.when(mailboxRules)
}
