package bench

import (
	"math"
	"slices"
	"time"
)

// KolmogorovSmirnov returns the largest difference between the cumulated shares of two samples, and what samples of these sizes from one
// distribution exceed once in twenty times. It sorts both.
func KolmogorovSmirnov(a, b []time.Duration) (distance, noise float64) {
	if len(a) == 0 || len(b) == 0 {
		return 0, 0
	}
	slices.Sort(a)
	slices.Sort(b)
	n, m := float64(len(a)), float64(len(b))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		at := min(a[i], b[j])
		for i < len(a) && a[i] == at {
			i++
		}
		for j < len(b) && b[j] == at {
			j++
		}
		distance = max(distance, math.Abs(float64(i)/n-float64(j)/m))
	}
	return distance, 1.358 * math.Sqrt((n+m)/(n*m))
}
