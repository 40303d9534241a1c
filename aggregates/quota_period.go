package aggregates

import "time"

// PeriodAt returns the billing period [from, to) in which a time lies: months counted from the anchor, in UTC. An anchor on
// the 31st falls on the last day of a shorter month and comes back to the 31st after it. Before the anchor it is the
// first period.
func PeriodAt(anchor, at time.Time) (from, to time.Time) {
	anchor, at = anchor.UTC(), at.UTC()
	n := (at.Year()-anchor.Year())*12 + int(at.Month()) - int(anchor.Month())
	if n > 0 && addMonths(anchor, n).After(at) {
		n--
	}
	n = max(n, 0)
	return addMonths(anchor, n), addMonths(anchor, n+1)
}

func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	lastDay := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), lastDay)-1)
}
