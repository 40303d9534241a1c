package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Interval is a range that holds the true value with the confidence that was asked for.
type Interval struct{ Low, High float64 }

// Holds reports whether a value lies in it.
func (i Interval) Holds(x float64) bool { return i.Low <= x && x <= i.High }

// quantile returns z of a two-sided interval: 1.96 for 95 %.
func quantile(confidence float64) float64 { return mathext.NormalQuantile(0.5 + confidence/2) }

// Wilson returns the score interval of a rate: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
// Journal of the American Statistical Association 22 (1927), 209-212. Of nobody nothing is known: 0 to 1.
func Wilson(a Arm, confidence float64) Interval {
	if a.N == 0 {
		return Interval{0, 1}
	}
	z, n, p := quantile(confidence), float64(a.N), a.Rate()
	mid := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Interval{math.Max(mid-half, 0), math.Min(mid+half, 1)}
}

// Newcombe returns the interval of the difference between the rates of an arm and of the one that it is compared with: R. G. Newcombe,
// "Interval estimation for the difference between independent proportions", Statistics in Medicine 17 (1998), 873-890, method 10. It is
// for one look; who looks every day has RatioSequence.
func Newcombe(arm, control Arm, confidence float64) Interval {
	a, c := Wilson(arm, confidence), Wilson(control, confidence)
	p, q := arm.Rate(), control.Rate()
	return Interval{p - q - math.Hypot(p-a.Low, c.High-q), p - q + math.Hypot(a.High-p, q-c.Low)}
}
