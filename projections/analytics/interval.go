package analytics

import "math"

// Interval is the Wilson score interval (95 %) of count out of n: where the true share lies. Of nothing nothing is known: 0 to 1.
func Interval(count, n uint64) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959963984540054
	size, share := float64(n), float64(min(count, n))/float64(n)
	middle := share + z*z/(2*size)
	half := z * math.Sqrt(share*(1-share)/size+z*z/(4*size*size))
	whole := 1 + z*z/size
	return max(min((middle-half)/whole, share), 0), min(max((middle+half)/whole, share), 1) // never beside the share by rounding
}
