package analytics_test

import (
	"math"
	"testing"

	"outrider/projections/analytics"
)

// TestIntervals compares with published values (Newcombe 1998, table I, method 3; and the usual calculators).
func TestIntervals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		count, n  uint64
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {29, 29, 0.8830, 1}, {0, 0, 0, 1}, {56, 2839, 0.0152, 0.0255},
	} {
		low, high := analytics.Interval(c.count, c.n)
		if math.Abs(low-c.low) > 0.0001 || math.Abs(high-c.high) > 0.0001 {
			t.Errorf("%d of %d: got %.4f to %.4f, want %.4f to %.4f", c.count, c.n, low, high, c.low, c.high)
		}
	}
	for n := uint64(1); n < 300; n++ {
		for count := range n + 1 {
			low, high := analytics.Interval(count, n)
			if share := float64(count) / float64(n); low > share || high < share || low < 0 || high > 1 {
				t.Fatalf("%d of %d: %f to %f", count, n, low, high)
			}
		}
	}
}
