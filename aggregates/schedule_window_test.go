package aggregates_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"outrider/aggregates"
	"outrider/events"
)

// TestWindowFindsTheFirstMinute compares with looking at every minute, around the days on which clocks change.
func TestWindowFindsTheFirstMinute(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Asia/Kolkata", "UTC"}
	starts := []time.Time{time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 23, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 29, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC)}
	rapid.Check(t, func(r *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(r, "zone"))
		if err != nil {
			r.Fatal(err)
		}
		from := rapid.IntRange(0, 23*60).Draw(r, "from")
		to := rapid.IntRange(from+5, 24*60).Draw(r, "to")
		w := events.Window{From: clockOf(from), To: clockOf(to)}
		for d := 1; d <= 7; d++ {
			if rapid.Bool().Draw(r, "day") {
				w.Days = append(w.Days, d)
			}
		}
		window := aggregates.NewWindow(w, []string{"2026-03-09", "2026-10-26"})
		at := rapid.SampledFrom(starts).Draw(r, "start").Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(r, "minute")) * time.Minute)
		got := window.Next(at, loc)
		for x := at; x.Before(at.AddDate(0, 0, 9)); x = x.Add(time.Minute) {
			local := x.In(loc)
			minutes := local.Hour()*60 + local.Minute()
			day := (int(local.Weekday())+6)%7 + 1
			holiday := local.Format(time.DateOnly) == "2026-03-09" || local.Format(time.DateOnly) == "2026-10-26"
			in := minutes >= from && minutes < to && !holiday
			for i, d := range w.Days {
				if d == day {
					break
				}
				if i == len(w.Days)-1 {
					in = false
				}
			}
			if in = in && len(w.Days) > 0; in {
				if !got.Equal(x) {
					r.Fatalf("%s to %s on %v in %s from %s: got %s, want %s", w.From, w.To, w.Days, loc, at.In(loc), got.In(loc), local)
				}
				return
			}
		}
		if !got.IsZero() && got.Before(at.AddDate(0, 0, 9)) {
			r.Fatalf("got %s, want none", got)
		}
	})
}

func clockOf(minutes int) string {
	if minutes == 24*60 {
		return "24:00"
	}
	return time.Date(2026, 1, 1, 0, minutes, 0, 0, time.UTC).Format("15:04")
}

func TestBusinessDays(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	w := aggregates.NewWindow(events.Window{Days: []int{1, 2, 3, 4, 5}, From: "09:00", To: "17:00"}, []string{"2026-04-03", "2026-04-06"}) // Good Friday, Easter Monday
	for from, want := range map[string]string{
		"2026-03-26T15:00": "2026-03-30T09:00", // over the weekend of the change
		"2026-04-01T08:00": "2026-04-07T09:00", // over Easter
		"2026-04-04T12:00": "2026-04-08T09:00", // from a Saturday
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04", from, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.After(at, berlin, 2).In(berlin).Format("2006-01-02T15:04"); got != want {
			t.Errorf("two business days behind %s: got %s, want %s", from, got, want)
		}
	}
	at := time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC)
	if got := w.After(at, berlin, 0); !got.Equal(at) {
		t.Errorf("no days behind %s is %s", at, got)
	}
}

func TestExceeds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		count, n int
		limit    int64
		want     bool
	}{
		{49, 49, aggregates.MailboxBounceLimit, false}, // too few to say
		{1, 50, aggregates.MailboxBounceLimit, false},
		{3, 50, aggregates.MailboxBounceLimit, true},   // 2.06 %
		{7, 200, aggregates.MailboxBounceLimit, false}, // 1.71 %
		{8, 200, aggregates.MailboxBounceLimit, true},  // 2.04 %
		{16, 200, aggregates.CampaignBounceLimit, false},
		{17, 200, aggregates.CampaignBounceLimit, true},
		{1, 1_000_000, aggregates.ComplaintLimit, false},
		{1_000_000, 1_000_000, aggregates.ComplaintLimit, true},
		{2_100, 1_000_000, aggregates.ComplaintLimit, true},
	} {
		if got := aggregates.Exceeds(c.count, c.n, c.limit); got != c.want {
			t.Errorf("%d of %d over %d per 100,000: %v", c.count, c.n, c.limit, got)
		}
	}
}
