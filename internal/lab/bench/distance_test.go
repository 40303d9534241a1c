package bench_test

import (
	"math"
	"testing"
	"time"

	"outrider/internal/lab/bench"
)

func TestKolmogorovSmirnov(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		a, b     []time.Duration
		distance float64
	}{
		"nothing":        {nil, []time.Duration{1}, 0},
		"the same":       {[]time.Duration{3, 1, 2}, []time.Duration{2, 3, 1}, 0},
		"ties":           {[]time.Duration{1, 1, 1, 2}, []time.Duration{1, 2, 2, 2}, 0.5},
		"all later":      {[]time.Duration{1, 2}, []time.Duration{3, 4, 5}, 1},
		"of other sizes": {[]time.Duration{1, 2, 3, 4}, []time.Duration{3, 4}, 0.5},
	} {
		if d, _ := bench.KolmogorovSmirnov(c.a, c.b); math.Abs(d-c.distance) > 1e-9 {
			t.Errorf("%s: %f, want %f", name, d, c.distance)
		}
	}
	if _, noise := bench.KolmogorovSmirnov(make([]time.Duration, 200), make([]time.Duration, 200)); math.Abs(noise-0.1358) > 1e-4 {
		t.Errorf("noise %f", noise)
	}
}
