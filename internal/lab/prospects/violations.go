package prospects

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// judgeMail walks through what arrived, in order of time.
func (v *Judgement) judgeMail(people []Line, p Params) {
	if p.Lease == 0 {
		p.Lease = 30 * time.Second
	}
	w := &violationWatch{v: v, p: p, stops: isStop(people, p), seen: map[string]bool{}, boxes: map[string][]time.Time{}, days: map[string]int{},
		people: map[string]bool{}, zones: map[string]*time.Location{}}
	for _, l := range sortedArrivals(people) {
		if p.notOurs(l) {
			continue
		}
		l.Mailbox = plainAddress(l.Mailbox)
		w.checkSentTwice(l)
		w.checkStopped(l)
		w.checkPace(l)
		w.checkWindow(l)
		w.checkQuota(l)
	}
}

// plainAddress leaves out a plus-part: senders may put a name for the message there (RFC 5233).
func plainAddress(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

type violationWatch struct {
	v      *Judgement
	p      Params
	stops  map[string][]stopPeriod
	seen   map[string]bool
	boxes  map[string][]time.Time // arrivals of a mailbox
	days   map[string]int         // of a mailbox and local day
	people map[string]bool
	zones  map[string]*time.Location
}

func (w *violationWatch) addBreach(count *int, rule string, l Line, why string, args ...any) {
	*count++
	w.v.Broken = append(w.v.Broken, Breach{rule, l, fmt.Sprintf(why, args...)})
}

func (w *violationWatch) zoneOf(name string) *time.Location {
	if w.zones[name] == nil {
		w.zones[name] = loadZone(name)
	}
	return w.zones[name]
}

// checkSentTwice finds the same message again, or the same words to the same person under another Message-ID.
func (w *violationWatch) checkSentTwice(l Line) {
	id, words := "id "+l.Person+" "+l.MessageID, "words "+l.Person+" "+l.Digest
	if w.seen[id] || w.seen[words] {
		w.addBreach(&w.v.Violations.SentTwice, "sent_twice", l, "%s has it already", l.Person)
	}
	w.seen[id], w.seen[words] = true, true
}

func (w *violationWatch) checkStopped(l Line) {
	inFlight := false
	for _, s := range w.stops[l.Person] {
		if !l.At.After(s.from) || !s.until.IsZero() && !l.At.Before(s.until) {
			continue
		}
		if l.At.Sub(s.from) <= w.p.Lease {
			inFlight = true
			continue
		}
		w.addBreach(&w.v.Violations.SentAfterStop, "sent_after_stop", l, "%s since %s", strings.TrimSpace(s.why), s.from.Format(time.RFC3339))
		return
	}
	if inFlight {
		w.v.InFlight++
	}
}

func (w *violationWatch) checkPace(l Line) {
	box, ok := w.p.Mailboxes[l.Mailbox]
	if !ok {
		return
	}
	before := w.boxes[l.Mailbox]
	if n := len(before); n > 0 && box.Gap > 0 {
		if gap := l.At.Sub(before[n-1]); gap < box.Gap-w.p.Tolerance {
			w.addBreach(&w.v.Violations.UnderGap, "under_gap", l, "%s after the one before, not %s", gap, box.Gap)
		}
	}
	w.boxes[l.Mailbox] = append(before, l.At)
	if box.Cap <= 0 {
		return
	}
	first, _ := slices.BinarySearchFunc(before, l.At.Add(-24*time.Hour), func(t, from time.Time) int {
		if t.After(from) {
			return 1
		}
		return -1
	})
	date := l.Mailbox + l.At.In(w.zoneOf(box.Zone)).Format(time.DateOnly)
	w.days[date]++
	if rolling := len(before) - first + 1; rolling > box.Cap || w.days[date] > box.Cap {
		w.addBreach(&w.v.Violations.OverMailboxCap, "over_mailbox_cap", l, "number %d of the day and %d in 24 hours, of %d", w.days[date], rolling, box.Cap)
	}
}

func (w *violationWatch) checkWindow(l Line) {
	if len(w.p.Window.Days) == 0 {
		return
	}
	name := w.p.Zones[l.Person]
	if name == "" {
		name = w.p.Window.Zone
	}
	zone := w.zoneOf(name)
	if w.p.Window.containsTime(l.At.In(zone)) || w.p.Window.containsTime(l.At.Add(w.p.Tolerance).In(zone)) || w.p.Window.containsTime(l.At.Add(-w.p.Tolerance).In(zone)) {
		return
	}
	w.addBreach(&w.v.Violations.OutsideWindow, "outside_window", l, "%s", l.At.In(zone).Format("Mon 15:04:05 MST"))
}

func (w DayPart) containsTime(t time.Time) bool {
	clock := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	return slices.Contains(w.Days, t.Weekday()) && clock >= w.From && clock < w.To
}

// checkQuota counts people when they are first written to. Who was admitted in one period may be written to in the next, so what is judged is
// how many there are from the first period to this one.
func (w *violationWatch) checkQuota(l Line) {
	q := w.p.Quota
	if q.Leads <= 0 || w.people[l.Person] {
		return
	}
	w.people[l.Person] = true
	periods := 1
	for i, begin := range q.Periods {
		if !l.At.Before(begin) {
			periods = i + 1
		}
	}
	if n := len(w.people); n > q.Leads*periods {
		w.addBreach(&w.v.Violations.OverQuota, "over_quota", l, "person number %d, of %d", n, q.Leads*periods)
	}
}
