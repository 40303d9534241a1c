package aggregates

import (
	"time"

	"outrider/events"
)

// Window is when messages may arrive, in somebody's local time.
type Window struct {
	days     uint8 // bit 0 = Monday
	from, to int   // minutes of the day
	holidays map[int]struct{}
}

// ParseClock reads "09:30", or "24:00", as minutes of the day.
func ParseClock(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

// NewWindow reads a window that Decide has checked.
func NewWindow(w events.Window, holidays []string) Window {
	var out Window
	for _, d := range w.Days {
		if d >= 1 && d <= 7 {
			out.days |= 1 << (d - 1)
		}
	}
	out.from, _ = ParseClock(w.From)
	out.to, _ = ParseClock(w.To)
	for _, h := range holidays {
		if t, err := time.Parse(time.DateOnly, h); err == nil {
			if out.holidays == nil {
				out.holidays = map[int]struct{}{}
			}
			out.holidays[dayNumber(t)] = struct{}{}
		}
	}
	return out
}

// dayNumber counts the days of the calendar, whatever the zone.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// isWorkday reports whether a day of the calendar is one of the window's days, which are also the business days.
func (w *Window) isWorkday(day int) bool {
	weekday := (day + 3) % 7 // 1970-01-01 was a Thursday
	if w.days&(1<<weekday) == 0 {
		return false
	}
	_, holiday := w.holidays[day]
	return !holiday
}

// Open reports whether t lies in the window.
func (w *Window) Open(t time.Time, loc *time.Location) bool {
	local := t.In(loc)
	h, m, _ := local.Clock()
	minutes := h*60 + m
	return minutes >= w.from && minutes < w.to && w.isWorkday(dayNumber(local))
}

// Next returns the first instant in the window, from t on; zero when there is none for more than a year.
func (w *Window) Next(t time.Time, loc *time.Location) time.Time {
	if w.Open(t, loc) {
		return t
	}
	local := t.In(loc)
	y, m, d := local.Date()
	for i := range 400 {
		if day := dayNumber(local) + i; !w.isWorkday(day) {
			continue
		}
		if at := w.opensOn(y, m, d+i, loc); !at.IsZero() && !at.Before(t) {
			return at
		}
		// The window of this day began before t; where the clock is put back it may come once more.
		for at := t.Truncate(time.Minute).Add(time.Minute); i == 0 && at.Before(t.Add(3*time.Hour)); at = at.Add(time.Minute) {
			if w.Open(at, loc) {
				return at.UTC()
			}
		}
	}
	return time.Time{}
}

// opensOn returns the first instant of the window on a day, also where the clock jumps there; zero when it jumps over it.
func (w *Window) opensOn(y int, m time.Month, d int, loc *time.Location) time.Time {
	at := time.Date(y, m, d, w.from/60, w.from%60, 0, 0, loc)
	first := at.Add(-3 * time.Hour)
	if h, minute, _ := at.Clock(); h*60+minute == w.from {
		first = at
		for _, back := range []time.Duration{30 * time.Minute, time.Hour} { // the hour may come twice
			if early := at.Add(-back); w.Open(early, loc) && dayNumber(early) == dayNumber(at) {
				first = early
			}
		}
		if first.Equal(at) {
			return at.UTC()
		}
	}
	want := dayNumber(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
	for t := first; t.Before(first.Add(6 * time.Hour)); t = t.Add(time.Minute) {
		if dayNumber(t) == want && w.Open(t, loc) {
			return t.UTC()
		}
	}
	return time.Time{}
}

// Closes returns the end of the window that is open at t, or else of the next one; zero when there is none for more than a year.
func (w *Window) Closes(t time.Time, loc *time.Location) time.Time {
	at := w.Next(t, loc)
	if at.IsZero() {
		return at
	}
	y, m, d := at.In(loc).Date()
	return time.Date(y, m, d, w.to/60, w.to%60, 0, 0, loc).UTC()
}

// After returns the first instant of the window that is n business days after t, and not before t.
func (w *Window) After(t time.Time, loc *time.Location, n int) time.Time {
	return w.afterDays(t, loc, n, nil)
}

// afterDays is After where some days more, by number, are no business days.
func (w *Window) afterDays(t time.Time, loc *time.Location, n int, off map[int]string) time.Time {
	local := t.In(loc)
	day := dayNumber(local)
	skip := 0
	for left := n; left > 0 && skip < 4000; {
		skip++
		if _, isOff := off[day+skip]; !isOff && w.isWorkday(day+skip) {
			left--
		}
	}
	if n == 0 {
		return w.Next(t, loc)
	}
	return w.Next(startOfDay(local, skip, loc), loc)
}

// startOfDay returns the first instant of the day n days after t's, in UTC.
func startOfDay(t time.Time, n int, loc *time.Location) time.Time {
	y, m, d := t.In(loc).Date()
	want := dayNumber(time.Date(y, m, d+n, 0, 0, 0, 0, time.UTC))
	at := time.Date(y, m, d+n, 0, 0, 0, 0, loc)
	for dayNumber(at) < want { // the clock jumps over midnight
		at = at.Add(15 * time.Minute)
	}
	return at.UTC()
}

func (w *Window) nextWithRoom(at int64, loc *time.Location) int64 {
	for range 3 {
		t := w.Next(toTime(at), loc)
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
