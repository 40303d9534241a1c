package aggregates

import (
	"slices"
	"sort"
	"time"

	"outrider/events"
)

// meter counts the messages of several mailboxes that left within the last 26 hours, and those that are being sent.
type meter struct {
	sends   []int64 // oldest first
	claimed int
}

// record counts a message that left.
func (m *meter) record(at int64) {
	i := sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > at })
	m.sends = slices.Insert(m.sends, i, at)
	old := sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > m.sends[len(m.sends)-1]-26*hour })
	m.sends = m.sends[old:]
}

func (m *meter) sentSince(at int64) int {
	return len(m.sends) - sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > at })
}

// roomIn returns when enough is out of a stretch of that length for one more to fit below a limit. extra are counted, too, until the stretch is over.
func (m *meter) roomIn(at, length int64, limit, extra int) int64 {
	over := m.sentSince(at-length) + extra - limit
	if limit == 0 || over < 0 {
		return at
	}
	first := len(m.sends) - m.sentSince(at-length)
	if first+over >= len(m.sends) {
		return at + length
	}
	return m.sends[first+over] + length
}

// roomOnDay returns when one more fits below a limit of a local day.
func (m *meter) roomOnDay(at int64, limit, extra int, loc *time.Location) int64 {
	if limit == 0 || m.sentSince(startOfDay(toTime(at), 0, loc).UnixMicro()-1)+extra < limit {
		return at
	}
	return startOfDay(toTime(at), 1, loc).UnixMicro()
}

// leaving returns how many of those that are leaving when the question is asked still count in a stretch that ends at q.at.
func (q *ruleContext) leaving(n int, within int64) int {
	if q.from != 0 && q.at-q.from >= within {
		return 0
	}
	return n
}

// leavingToday is leaving of a local day.
func (q *ruleContext) leavingToday(n int, loc *time.Location) int {
	if q.from != 0 && dayNumber(toTime(q.at).In(loc)) != dayNumber(toTime(q.from).In(loc)) {
		return 0
	}
	return n
}

// underCaps returns when one more fits below all caps, and says what was looked at.
func (q *ruleContext) underCaps(caps events.Caps, m *meter, more int) int64 {
	loc := q.o.zones.firstLocation(q.o.zones.home)
	until, per, limit := q.at, "", 0
	n := m.claimed + more
	for _, x := range []struct {
		per   string
		limit int
		until int64
	}{
		{"day", caps.PerDay, m.roomOnDay(q.at, caps.PerDay, q.leavingToday(n, loc), loc)},
		{"24h", caps.Per24h, m.roomIn(q.at, 24*hour, caps.Per24h, q.leaving(n, 24*hour))},
		{"hour", caps.PerHour, m.roomIn(q.at, hour, caps.PerHour, q.leaving(n, hour))},
	} {
		if x.limit > 0 && (per == "" || x.until > until) {
			until, per, limit = x.until, x.per, x.limit
		}
	}
	if q.explaining && per != "" {
		since := q.at - hour
		switch per {
		case "day":
			since = startOfDay(toTime(q.at), 0, loc).UnixMicro() - 1
		case "24h":
			since = q.at - 24*hour
		}
		noteInput(q, "per", per)
		noteInput(q, "cap", limit)
		noteInput(q, "sent", m.sentSince(since)+m.claimed)
	}
	return until
}
