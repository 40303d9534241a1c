package calendars_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	app "outrider/internal/app/calendars"
	"outrider/internal/es"
	"outrider/internal/googlecalendar"
	"outrider/internal/lab/googlecalendarlike"
	"outrider/projections"
)

// at is a time of the Monday after the first one, as the clock in Berlin says.
func at(t *testing.T, hour, minute int) time.Time {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	check(t, err)
	return time.Date(2026, 3, 9, hour, minute, 0, 0, berlin)
}

func TestAMeetingIsWrittenOnceWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]func(*googlecalendarlike.Misbehave){
		"nothing":                       func(*googlecalendarlike.Misbehave) {},
		"it is asked too often":         func(b *googlecalendarlike.Misbehave) { b.TooMany = 2 },
		"it says so by 403":             func(b *googlecalendarlike.Misbehave) { b.Limited = 2 },
		"it is away for long":           func(b *googlecalendarlike.Misbehave) { b.Unavailable = 9 },
		"it fails after the effect":     func(b *googlecalendarlike.Misbehave) { b.FailAfter = 1 },
		"it is cut after the effect":    func(b *googlecalendarlike.Misbehave) { b.CutAfter = 1 },
		"it is cut more often than not": func(b *googlecalendarlike.Misbehave) { b.CutAfter = 6 },
		"the token is over meanwhile":   func(b *googlecalendarlike.Misbehave) { b.Expired = 1 },
		"the link comes later":          func(b *googlecalendarlike.Misbehave) { b.SlowLink = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := hosted(t)
			id := w.book(at(t, 10, 0))
			w.there.Behave(bad)
			w.settle()
			w.later()
			all := w.there.Events(own)
			if len(all) != 1 || all[0].ID != googlecalendar.EventID(id) || !all[0].Start.Equal(at(t, 10, 0)) || !all[0].End.Equal(at(t, 10, 30)) || all[0].Summary != "Meeting with Gus Guest" {
				t.Fatalf("the calendar has %+v", all)
			}
			if m := w.meeting(id); m.Placed != projections.PlacedThere || w.link(id) != all[0].Link || all[0].Link == "" {
				t.Errorf("it is %q at %q, and the calendar has %q", m.Placed, w.link(id), all[0].Link)
			}
			if n := w.count("meeting.placed.v1"); n != 1 {
				t.Errorf("its guest is told %d times", n)
			}
		})
	}
}

func TestAMeetingIsMovedAndCancelledBothWays(t *testing.T) {
	t.Parallel()
	w := hosted(t)
	id := w.book(at(t, 10, 0))
	w.settle()
	event := googlecalendar.EventID(id)

	// here
	w.there.Rename(own, event, "Talk about prices") // so its ETag isn't the one that we know
	w.Do(commands.MoveMeetingByGuest{MeetingID: id, StartsAt: at(t, 11, 0)})
	w.settle()
	if e := w.there.Events(own)[0]; !e.Start.Equal(at(t, 11, 0)) || !e.End.Equal(at(t, 11, 30)) || e.Summary != "Talk about prices" {
		t.Errorf("moved here, it is there %+v", e)
	}
	w.later()
	if m := w.meeting(id); m.Moves != 1 || m.MovedBy != projections.ByMember {
		t.Errorf("our own move comes back: %d, by %s", m.Moves, m.MovedBy)
	}

	// there
	w.there.Move(own, event, at(t, 14, 0), at(t, 15, 0))
	w.later()
	if m := w.meeting(id); !m.StartsAt.Equal(at(t, 14, 0)) || !m.EndsAt.Equal(at(t, 15, 0)) || m.Moves != 2 || m.MovedBy != projections.ByCalendar || m.Status != projections.MeetingBooked {
		t.Errorf("moved there, it is here %+v", m)
	}

	// both, before either knows
	w.Do(commands.MoveMeetingByGuest{MeetingID: id, StartsAt: at(t, 9, 0)})
	w.there.Move(own, event, at(t, 16, 0), at(t, 16, 30))
	w.later()
	if m, e := w.meeting(id), w.there.Events(own)[0]; !m.StartsAt.Equal(at(t, 16, 0)) || !e.Start.Equal(at(t, 16, 0)) {
		t.Errorf("where both have moved it, it is at %s here and at %s there", m.StartsAt, e.Start)
	}

	// deleted there, and cancelled here
	w.there.Delete(own, event)
	w.later()
	if m := w.meeting(id); m.Status != projections.MeetingCancelled || m.CancelledBy != projections.ByCalendar || w.count("meeting.cancelled.v1") != 1 {
		t.Errorf("deleted there, it is %s by %s", m.Status, m.CancelledBy)
	}
	other := w.book(at(t, 10, 0))
	w.settle()
	w.there.Behave(func(b *googlecalendarlike.Misbehave) { b.CutAfter = 1 })
	w.Do(commands.CancelMeeting{MeetingID: other})
	w.later()
	if all := w.there.Events(own); len(all) != 0 || w.count("meeting.cancelled.v1") != 2 {
		t.Errorf("cancelled here, the calendar has %+v", all)
	}
}

// What a lost push and a token that is too old hide is found by reading all of it.
func TestTokensOfChangesEnd(t *testing.T) {
	t.Parallel()
	w := hosted(t)
	w.there.PageBy(2)
	gone, moved, stays := w.book(at(t, 10, 0)), w.book(at(t, 11, 0)), w.book(at(t, 12, 0))
	w.settle()
	w.there.Delete(own, googlecalendar.EventID(gone))
	w.there.Move(own, googlecalendar.EventID(moved), at(t, 13, 0), at(t, 13, 30))
	w.there.Behave(func(b *googlecalendarlike.Misbehave) { b.Forget = true })
	w.later()
	if a, b, c := w.meeting(gone), w.meeting(moved), w.meeting(stays); a.Status != projections.MeetingCancelled || !b.StartsAt.Equal(at(t, 13, 0)) || c.Status != projections.MeetingBooked || c.Moves != 0 {
		t.Errorf("they are %s, at %s, %s", a.Status, b.StartsAt, c.Status)
	}
}

func TestCalendarsSayWhenNobodyCanBeMet(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.there.PutPerson("colleague@ours.example", "America/New_York")
	w.there.PutCalendar("team", "Team", "Europe/Berlin", "reader")
	// 29 March: the clock in Berlin is put forward at 2. Whole days there are of 23 hours, in New York of 24.
	w.there.PutDays(own, "2026-03-29", "2026-03-30", false)
	w.there.PutDays("team", "2026-03-25", "2026-03-26", true) // shown as free
	w.there.PutDays("colleague@ours.example", "2026-03-17", "2026-03-18", false)
	w.there.Put("team", at(t, 10, 0), at(t, 11, 0), false)
	w.there.Put("team", at(t, 12, 0), at(t, 13, 0), true)
	w.choose(w.conn, app.Choice{Look: []string{"colleague@ours.example", "team"}, Write: own})
	a := w.availability()
	free := func(from time.Time, length time.Duration) bool { return a.IsFree(w.conn, from, from.Add(length), nil) }
	utc := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		from   time.Time
		length time.Duration
		free   bool
	}{
		"before an event":                   {at(t, 9, 30), 30 * time.Minute, true},
		"into an event":                     {at(t, 9, 45), 30 * time.Minute, false},
		"after an event":                    {at(t, 11, 0), 30 * time.Minute, true},
		"during what is shown as free":      {at(t, 12, 0), 30 * time.Minute, true},
		"on a day that is shown as free":    {utc(25, 10, 0), time.Hour, true},
		"the evening before a whole day":    {utc(28, 22, 30), 30 * time.Minute, true},
		"at midnight of a short day":        {utc(28, 23, 0), 30 * time.Minute, false},
		"the last half hour of a short day": {utc(29, 21, 30), 30 * time.Minute, false},
		"after a short day":                 {utc(29, 22, 0), 30 * time.Minute, true},
		"before a day in New York":          {utc(17, 3, 30), 30 * time.Minute, true}, // clocks there were put forward before
		"a day in New York":                 {utc(17, 4, 0), 30 * time.Minute, false},
		"the end of a day in New York":      {utc(18, 3, 30), 30 * time.Minute, false},
		"after a day in New York":           {utc(18, 4, 0), 30 * time.Minute, true},
		"further than anybody has looked":   {utc(30, 4, 0).AddDate(0, 2, 0), time.Hour, false},
	} {
		if got := free(c.from, c.length); got != c.free {
			t.Errorf("%s (%s): free is %v", name, c.from, got)
		}
	}
	if a.Away || a.Unknown != 0 || len(a.Hosts) != 1 {
		t.Errorf("got %+v", a)
	}

	// Google answers 200, and knows nothing of a colleague: what was known stays, and it is said that this isn't known
	w.there.Behave(func(b *googlecalendarlike.Misbehave) {
		b.Unreadable = map[string]string{"colleague@ours.example": "internalError"}
	})
	w.later()
	if a = w.availability(); a.Away || a.Unknown != 1 || len(a.Hosts) != 1 || free(utc(17, 4, 0), time.Hour) {
		t.Errorf("without a colleague: %+v", a)
	}
	// nothing is known of the calendar that is written to
	w.there.Behave(func(b *googlecalendarlike.Misbehave) { b.Unreadable = map[string]string{own: "internalError"} })
	w.later()
	if a = w.availability(); !a.Away || a.Unknown == 0 || free(at(t, 15, 0), time.Hour) {
		t.Errorf("without a host's calendar: %+v", a)
	}
	w.there.Behave(func(b *googlecalendarlike.Misbehave) { b.Unreadable = nil })
	w.later()
	if a = w.availability(); a.Away || a.Unknown != 0 {
		t.Errorf("once it can be read again: %+v", a)
	}
	w.Pass(app.Fresh)
	if a = w.availability(); !a.Away {
		t.Errorf("long after the last look: %+v", a)
	}
}

func TestARevokedCalendarDropsNothing(t *testing.T) {
	t.Parallel()
	w := hosted(t)
	kept := w.book(at(t, 9, 0))
	w.settle()
	w.there.Revoke()
	waits := w.book(at(t, 10, 0))
	w.Do(commands.MoveMeetingByGuest{MeetingID: kept, StartsAt: at(t, 11, 0)})
	w.settle()
	if c := w.connection(); c.State() != projections.ConnectionNeedsYou || c.Interrupted != events.ConnectionEnded {
		t.Fatalf("the connection is %s: %s", c.State(), c.Interrupted)
	}
	if a := w.availability(); !a.Away || !a.Hosted {
		t.Errorf("times are shown: %+v", a)
	}
	check(t, w.worker.TellLate(t.Context()))
	if w.meeting(waits).Placed != "" {
		t.Error("its guest is told at once")
	}
	w.Pass(6 * time.Minute)
	check(t, w.worker.TellLate(t.Context()))
	if m := w.meeting(waits); m.Placed != projections.PlacedLate {
		t.Errorf("its guest is kept waiting: %q", m.Placed)
	}
	w.there.Allow()
	w.Do(commands.RestoreConnection{ConnectionRef: events.ConnectionRef{ConnectionID: w.conn}})
	check(t, w.turns.Wake(t.Context(), w.org, w.conn))
	w.later()
	all := w.there.Events(own)
	if len(all) != 2 || !all[0].Start.Equal(at(t, 11, 0)) || !all[1].Start.Equal(at(t, 10, 0)) {
		t.Errorf("afterwards the calendar has %+v", all)
	}
	if m := w.meeting(waits); m.Placed != projections.PlacedThere || w.link(waits) == "" {
		t.Errorf("afterwards it is %q at %q", m.Placed, w.link(waits))
	}
	if a := w.availability(); a.Away {
		t.Error("no times are shown afterwards")
	}
}

// All events of a calendar that isn't shared any more are said to be gone: that cancels nothing.
func TestACalendarThatGoesAwayCancelsNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.there.PutCalendar("team", "Team", "Europe/Berlin", "writer")
	w.choose(w.conn, app.Choice{Write: "team"})
	id := w.book(at(t, 10, 0))
	w.settle()
	w.there.Drop("team")
	w.Do(commands.MoveMeetingByGuest{MeetingID: id, StartsAt: at(t, 11, 0)})
	next := w.book(at(t, 12, 0))
	for range 8 {
		w.later()
	}
	if m := w.meeting(id); m.Status != projections.MeetingBooked || w.count("meeting.cancelled.v1") != 0 {
		t.Errorf("the meeting is %s", m.Status)
	}
	if c := w.connection(); c.Interrupted != events.ConnectionRefused {
		t.Fatalf("the connection is %s: %s", c.State(), c.Interrupted)
	}
	w.choose(w.conn, app.Choice{Write: own})
	w.later()
	if c := w.connection(); c.State() != projections.ConnectionConnected {
		t.Errorf("with another calendar it is %s: %s", c.State(), c.Interrupted)
	}
	if all := w.there.Events(own); len(all) != 2 || w.meeting(next).Placed != projections.PlacedThere {
		t.Errorf("the other calendar has %+v", all)
	}
}

func TestChannelsAreRenewedBeforeTheyEnd(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.there.PutPerson("zoe@ours.example", "America/New_York") // of whom no changes are told
	w.choose(w.conn, app.Choice{Look: []string{"zoe@ours.example"}, Write: own})
	first := w.there.Channels()[own]
	if len(first) != 1 || len(w.there.Channels()) != 1 {
		t.Fatalf("channels: %v", w.there.Channels())
	}
	w.Pass(5 * 24 * time.Hour)
	w.later()
	if now := w.there.Channels()[own]; len(now) != 1 || now[0] != first[0] {
		t.Errorf("it is renewed too early: %v", now)
	}
	w.there.Behave(func(b *googlecalendarlike.Misbehave) { b.FailAfter = 4 }) // no new one stands, as far as we know
	w.Pass(25 * time.Hour)
	w.settle()
	if now := w.there.Channels()[own]; len(now) < 2 || w.there.Requests("stop") != 0 {
		t.Errorf("the old one is stopped before a new one stands: %v", now)
	}
	w.there.Behave(func(b *googlecalendarlike.Misbehave) { b.FailAfter = 0 })
	w.later()
	for _, id := range w.there.Channels()[own] {
		if id == first[0] {
			t.Error("the old one is still there")
		}
	}
	if w.there.Requests("stop") == 0 || len(w.there.Channels()[own]) == 0 {
		t.Errorf("channels: %v", w.there.Channels())
	}
}

func TestOneSlotIsGivenOnceAndWrittenOnce(t *testing.T) {
	t.Parallel()
	w := hosted(t)
	asked := make([]commands.BookMeeting, 20)
	for i := range asked {
		asked[i] = w.booking(at(t, 10, 0), w.conn)
	}
	answers := make([]es.Answer, len(asked))
	var all sync.WaitGroup
	for i, b := range asked {
		all.Go(func() { answers[i] = w.Ask(b) })
	}
	all.Wait()
	given, told := 0, 0
	for _, a := range answers {
		switch {
		case a.Outcome == es.Accepted:
			given++
		case a.Code == commands.CodeSlotTaken:
			told++
		}
	}
	w.later()
	if n := len(w.there.Events(own)); given != 1 || told != 19 || n != 1 || w.there.Requests("insert") != 1 {
		t.Errorf("%d have it, %d are told that it is taken, and the calendar has %d by %d requests", given, told, n, w.there.Requests("insert"))
	}
}

func TestHostsTakeTurns(t *testing.T) {
	t.Parallel()
	w := hosted(t)
	other := es.NewID()
	w.connect(other, "other@ours.example")
	w.there.PutCalendar("other@ours.example", "Other", "Europe/Berlin", "owner")
	w.choose(other, app.Choice{Write: "other@ours.example"})
	both := []uuid.UUID{w.conn, other}
	count := map[uuid.UUID]int{}
	for hour := range 6 {
		count[*w.meeting(w.book(at(t, 9+hour, 0), both...)).HostID]++
	}
	if count[w.conn] != 3 || count[other] != 3 {
		t.Errorf("they have %v", count)
	}
	a, b := w.meeting(w.book(at(t, 16, 0), both...)), w.meeting(w.book(at(t, 16, 0), both...)) // two at once
	if *a.HostID == *b.HostID {
		t.Error("one host has two meetings at once")
	}
	if got := w.Ask(w.booking(at(t, 16, 0), both...)); got.Code != commands.CodeSlotTaken {
		t.Errorf("a third one: %+v", got)
	}
	w.later()
	if x, y := w.there.Events(own), w.there.Events("other@ours.example"); len(x) != 4 || len(y) != 4 {
		t.Errorf("their calendars have %d and %d", len(x), len(y))
	}
}

func TestOfWhoIsErasedTheCalendarSaysNothing(t *testing.T) {
	t.Parallel()
	w := hosted(t)
	id := w.book(at(t, 10, 0))
	w.settle()
	w.Do(commands.EraseLead{LeadID: w.meeting(id).LeadID})
	check(t, w.Vault.Erase(t.Context(), w.org, w.meeting(id).LeadID))
	w.later()
	if all := w.there.Events(own); len(all) != 1 || all[0].Summary != "Meeting" || all[0].Description != "" {
		t.Errorf("it has %+v", all)
	}
	if w.link(id) != "" {
		t.Error("the link is still there")
	}
}
