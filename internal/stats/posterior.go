package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Standing is how an arm stands among the others.
type Standing struct {
	PBest float64 // probability that its rate is the highest of all
	Loss  float64 // how much of the rate is given away, on average, by choosing it: E[max of all rates - its rate]
}

// panels is how finely the posterior is integrated. Doubling it changes no figure by 1e-9 for 2 to 10 arms with 0 to 100,000 people.
const panels = 256

// gauss are nodes and weights of Gauss and Legendre's quadrature with five points on [-1, 1].
var gauss = [5][2]float64{ //nolint:gochecknoglobals // a constant table
	{0, 128.0 / 225}, {0.5384693101056831, 0.47862867049936647}, {-0.5384693101056831, 0.47862867049936647},
	{0.9061798459386640, 0.23692688505618908}, {-0.9061798459386640, 0.23692688505618908},
}

// Standings compares arms by the posterior of their rates, each Beta(1 + successes, 1 + failures) from a uniform prior. Both figures are
// integrals over one variable, computed by quadrature instead of by sampling:
//
//	P(i is best) = integral of f_i(x) * product over j != i of F_j(x)
//	E[max]       = 1 - integral of the product over all j of F_j(x)
//
// See C. Stucchio, "Bayesian A/B testing at VWO" (2015), sections 3 and 4, for both as a rule to decide by. Looking every day and stopping
// as soon as P(best) is high is wrong far more often than it says: it is shown beside PValue, which allows that.
func Standings(arms []Arm) []Standing {
	out := make([]Standing, len(arms))
	if len(arms) == 0 {
		return out
	}
	low, high := 1.0, 0.0
	for _, a := range arms {
		mean, sd := moments(a)
		low, high = math.Min(low, mean-14*sd), math.Max(high, mean+14*sd)
	}
	low, high = math.Max(low, 0), math.Min(high, 1)
	best := low // E[max]; below low the product is 0, above high it is 1
	width := (high - low) / panels
	cdf := make([]float64, len(arms))
	for p := range panels {
		mid := low + (float64(p)+0.5)*width
		for _, g := range gauss {
			x, weight := mid+g[0]*width/2, g[1]*width/2
			all := 1.0
			for i, a := range arms {
				cdf[i] = mathext.RegIncBeta(1+float64(a.Successes), 1+float64(a.N-a.Successes), x)
				all *= cdf[i]
			}
			best += weight * (1 - all)
			for i, a := range arms {
				others := 1.0
				for j := range arms {
					if j != i {
						others *= cdf[j]
					}
				}
				out[i].PBest += weight * density(a, x) * others
			}
		}
	}
	total := 0.0
	for _, s := range out {
		total += s.PBest
	}
	for i, a := range arms {
		mean, _ := moments(a)
		out[i] = Standing{PBest: out[i].PBest / total, Loss: math.Max(best-mean, 0)}
	}
	return out
}

func moments(a Arm) (mean, sd float64) {
	s, f := 1+float64(a.Successes), 1+float64(a.N-a.Successes)
	mean = s / (s + f)
	return mean, math.Sqrt(mean * (1 - mean) / (s + f + 1))
}

func density(a Arm, x float64) float64 {
	if x <= 0 || x >= 1 {
		return 0
	}
	s, f := float64(a.Successes), float64(a.N-a.Successes)
	return math.Exp(s*math.Log(x) + f*math.Log1p(-x) + lgamma(s+f+2) - lgamma(s+1) - lgamma(f+1))
}
