// Package stats judges experiments: what can be said of rates in a few arms, and when it may be said. It is pure: the same numbers in
// give the same numbers out, and nothing is sampled. Its sources stand where they are used.
package stats

import "math"

// Arm is what was counted in one arm: so many people, and with how many of them it went as hoped.
type Arm struct {
	N         int
	Successes int
	Weight    float64 // share of the people that the arm should get, of any whole; 0 in all = equal shares
}

// Rate is the share of successes; 0 where nobody was counted.
func (a Arm) Rate() float64 {
	if a.N == 0 {
		return 0
	}
	return float64(a.Successes) / float64(a.N)
}

// shares returns what part of the people each arm should get, summing to 1.
func shares(arms []Arm) []float64 {
	out, total := make([]float64, len(arms)), 0.0
	for i, a := range arms {
		out[i] = math.Max(a.Weight, 0)
		total += out[i]
	}
	for i := range out {
		if total == 0 {
			out[i] = 1 / float64(len(arms))
		} else {
			out[i] /= total
		}
	}
	return out
}

// Round cuts a figure to nine decimals, which is where the arithmetic of different machines still agrees.
func Round(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return math.Round(x*1e9) / 1e9
}

func lgamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}
