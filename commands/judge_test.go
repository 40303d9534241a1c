package commands_test

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// judge looks at nothing but what was sent and when, and at what the world was told, and finds every broken rule.
func (w *world) judge(pace events.MailboxPace, zone func(int) string) {
	w.t.Helper()
	bad := func(what string, at time.Time) {
		w.t.Helper()
		w.breach(what, at)
	}
	people := map[uuid.UUID]int{}
	for n := range w.o.Leads.Len() {
		people[leadID(person(n))] = n
	}
	berlin := location("Europe/Berlin")
	byBox := map[uuid.UUID][]time.Time{}
	steps := map[uuid.UUID]map[int]bool{}
	company := map[int]time.Time{}
	settings := w.o.Campaigns[campaign].Settings
	sent := slices.SortedFunc(slices.Values(w.sent), func(a, b events.MessageSent) int { return a.AcceptedAt.Compare(b.AcceptedAt) })
	last := map[uuid.UUID]events.MessageSent{}
	for _, s := range sent {
		at := s.AcceptedAt
		byBox[s.MailboxID] = append(byBox[s.MailboxID], at)
		n, known := people[s.LeadID]
		if !known {
			continue
		}
		loc := berlin
		if z := zone(n); z != "" {
			loc = location(z)
		}
		if !slices.Contains(settings.Window.Days, (int(at.In(loc).Weekday())+6)%7+1) || clock(at.In(loc)) < settings.Window.From || clock(at.In(loc)) >= settings.Window.To {
			bad("outside the window of "+loc.String(), at.In(loc))
		}
		if steps[s.LeadID][s.Step] {
			bad("a step sent twice", at)
		}
		if steps[s.LeadID] == nil {
			steps[s.LeadID] = map[int]bool{}
		}
		if s.Step > 1 && (!steps[s.LeadID][s.Step-1] || last[s.LeadID].MailboxID != s.MailboxID) {
			bad("a follow-up on nothing, or from another mailbox", at)
		}
		steps[s.LeadID][s.Step], last[s.LeadID] = true, s
		if stop, ok := w.stopped[s.LeadID]; ok && at.After(stop.Add(aggregates.Lease)) {
			bad("sent after a stop", at)
		}
		if before, ok := company[n/2]; ok && at.Sub(before) < time.Duration(settings.CompanyGapMinutes)*time.Minute-aggregates.Lease {
			bad("two to one company", at)
		}
		company[n/2] = at
	}
	for _, times := range byBox {
		perDay := map[string]int{}
		for i, at := range times {
			if i > 0 && at.Sub(times[i-1]) < time.Duration(pace.GapSeconds)*time.Second {
				bad("under the gap", at)
			}
			if c := pace.CapPerDay; i >= c && at.Sub(times[i-c]) < 24*time.Hour {
				bad("over the cap in 24 hours", at)
			}
			if c := pace.CapPerHour; c > 0 && i >= c && at.Sub(times[i-c]) < time.Hour {
				bad("over the cap in an hour", at)
			}
			if perDay[at.In(berlin).Format(time.DateOnly)]++; perDay[at.In(berlin).Format(time.DateOnly)] > pace.CapPerDay {
				bad("over the cap of a day", at)
			}
		}
	}
}

// breach is a broken rule: a failure, unless the world expects some.
func (w *world) breach(what string, at time.Time) {
	w.t.Helper()
	w.failed = true
	if w.expected == nil {
		w.t.Errorf("%s at %s", what, at)
		return
	}
	w.expected[what]++
}

func clock(t time.Time) string { return t.Format("15:04") }

func location(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}
