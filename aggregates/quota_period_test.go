package aggregates_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"outrider/aggregates"
)

func TestPeriodAt(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		x, err := time.Parse(time.DateTime, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct{ sentence, anchor, at, from, to string }{
		{"the first period begins at the anchor", "2026-01-31 10:00:00", "2026-01-31 10:00:00", "2026-01-31 10:00:00", "2026-02-28 10:00:00"},
		{"the 31st falls on the last of February", "2026-01-31 10:00:00", "2026-02-28 10:00:00", "2026-02-28 10:00:00", "2026-03-31 10:00:00"},
		{"and comes back to the 31st", "2026-01-31 10:00:00", "2026-03-31 09:59:59", "2026-02-28 10:00:00", "2026-03-31 10:00:00"},
		{"a leap year has its day", "2028-01-30 00:00:00", "2028-02-29 12:00:00", "2028-02-29 00:00:00", "2028-03-30 00:00:00"},
		{"December goes over into January", "2026-12-15 00:00:00", "2027-01-14 23:59:59", "2026-12-15 00:00:00", "2027-01-15 00:00:00"},
		{"years later it is the same day", "2026-05-31 00:00:00", "2031-06-30 00:00:00", "2031-06-30 00:00:00", "2031-07-31 00:00:00"},
		{"before the anchor it is the first", "2026-05-31 00:00:00", "2026-01-01 00:00:00", "2026-05-31 00:00:00", "2026-06-30 00:00:00"},
	} {
		from, to := aggregates.PeriodAt(at(c.anchor), at(c.at))
		if !from.Equal(at(c.from)) || !to.Equal(at(c.to)) {
			t.Errorf("%s: got %s to %s", c.sentence, from, to)
		}
	}
}

// TestPeriodsTile wants every time to be in exactly one period, and the next to begin where this one ends.
func TestPeriodsTile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		anchor := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "anchor")).UTC()
		at := anchor.Add(time.Duration(rapid.Int64Range(0, 50*365*24*3600*1e9).Draw(t, "later")))
		from, to := aggregates.PeriodAt(anchor, at)
		if at.Before(from) || !at.Before(to) {
			t.Fatalf("%s isn't in %s to %s", at, from, to)
		}
		again, _ := aggregates.PeriodAt(anchor, from)
		next, _ := aggregates.PeriodAt(anchor, to)
		_, last := aggregates.PeriodAt(anchor, to.Add(-time.Microsecond))
		if !again.Equal(from) || !next.Equal(to) || !last.Equal(to) {
			t.Fatalf("periods don't tile at %s and %s", from, to)
		}
	})
}

func TestBits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b aggregates.Bits
		model := map[int]bool{}
		highest := 0
		for _, n := range rapid.SliceOf(rapid.IntRange(0, 300)).Draw(t, "numbers") {
			b.Set(n)
			model[n] = true
			highest = max(highest, n)
		}
		gap := 0
		for n := highest - 1; n >= 1; n-- {
			if !model[n] {
				gap = n
			}
		}
		for n := -1; n < 400; n++ {
			if b.Has(n) != model[n] {
				t.Fatalf("%d: %v", n, b.Has(n))
			}
		}
		if got := b.FirstGap(); got != gap {
			t.Fatalf("first gap %d, want %d", got, gap)
		}
	})
	var b aggregates.Bits
	b.Set(-1)
	b.Set(aggregates.MaxBit + 1)
	if b.Has(-1) || b.Has(aggregates.MaxBit+1) {
		t.Error("a number out of bounds was taken")
	}
}
