package api

import (
	"testing"
	"time"

	"outrider/projections"
)

// A month in which nothing was done stands there too, with zeros; what was only asked of the API or of models is not lost.
func TestAllBillingPeriodsAreListed(t *testing.T) {
	t.Parallel()
	anchor := time.Date(2025, 10, 31, 7, 30, 0, 0, time.UTC)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 7, 30, 0, 0, time.UTC) }
	feb := day(2026, 2, 28)
	got := usagePeriods(anchor, day(2026, 3, 12), []*projections.Usage{{PeriodFrom: anchor, LeadsProcessed: 4, EmailsSent: 9}}, map[int64]projections.AIPeriod{feb.UnixMicro(): {PlatformMicros: 70}}, map[int64]int64{day(2025, 12, 31).UnixMicro(): 12})
	begins := []time.Time{feb, day(2026, 1, 31), day(2025, 12, 31), day(2025, 11, 30), anchor}
	if len(got) != len(begins) {
		t.Fatalf("%d periods: %+v", len(got), got)
	}
	for i, p := range got {
		if !p.From.Equal(begins[i]) || i > 0 && !p.To.Equal(got[i-1].From) || p.LeadsEvents == "" {
			t.Errorf("period %d is %s to %s", i, p.From, p.To)
		}
	}
	if got[0].AiCostMicros != 70 || got[1].APICalls != 0 || got[2].APICalls != 12 || got[4].LeadsProcessed != 4 || got[4].EmailsSent != 9 {
		t.Errorf("got %+v", got)
	}
	if first := usagePeriods(anchor, anchor, nil, nil, nil); len(first) != 1 || !first[0].From.Equal(anchor) {
		t.Errorf("in the first period: %+v", first)
	}
}

func TestWhenALimitRunsOut(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	to := from.AddDate(0, 1, 0)
	for _, c := range []struct {
		used, limit int64
		day         int
		want        time.Time
	}{
		{100, 200, 10, from.AddDate(0, 0, 20)}, {100, 1000, 10, time.Time{}}, {100, -1, 10, time.Time{}}, {0, 10, 10, time.Time{}}, {100, 200, 0, time.Time{}}, {200, 200, 10, from.AddDate(0, 0, 10)},
	} {
		if got := runsOutAt(c.used, c.limit, from, to, from.AddDate(0, 0, c.day)); !got.Equal(c.want) {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}
