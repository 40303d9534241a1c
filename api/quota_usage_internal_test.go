package api

import (
	"testing"
	"time"
)

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
