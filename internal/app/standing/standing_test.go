package standing

import (
	"testing"

	"outrider/internal/es/project"
)

func TestWhatNeedsSomebodyStandsFirstAndLagIsOfAllPartitions(t *testing.T) {
	t.Parallel()
	known := []Projection{{Name: "leads", Store: "postgres", Version: 3}, {Name: "usage", Store: "postgres", Version: 1}, {Name: "events", Store: "clickhouse", Version: 2}}
	at := []checkpoint{
		{"leads", 3, 0, 90, 100}, {"leads", 3, 1, 40, 44}, {"leads", 2, 0, 999, 999}, // an older version is another projection
		{"usage", 1, 0, 90, 100}, {"usage", 1, 1, 45, 50}, {"next/usage", 2, 0, 5, 6},
		{"events", 2, 0, 80, 90}, // it hasn't begun with the other partition
	}
	got := standings(known, at, []project.Stopped{{Projection: "usage", Partition: 1, Pseq: 46, Error: "no"}}, []Partition{{Partition: 0, End: 100}, {Partition: 1, End: 50}})
	want := []struct {
		name           string
		events, behind int64
		stopped        int
		rebuilding     bool
	}{{"usage", 135, 0, 1, true}, {"events", 80, 60, 0, false}, {"leads", 130, 6, 0, false}}
	for i, w := range want {
		g := got[i]
		if g.Name != w.name || g.Events != w.events || g.Behind != w.behind || len(g.Stopped) != w.stopped || g.Rebuilding != w.rebuilding {
			t.Errorf("%d: got %+v, want %+v", i, g, w)
		}
	}
	if known[0].Events != 0 {
		t.Error("what is known was changed")
	}
}
