package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// SampleRatioAlarm is the p-value below which the split is not what was asked for. It is small, as the check is looked at every day:
// A. Fabijan et al., "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019, section 3.
const SampleRatioAlarm = 0.001

// SampleRatio is the p-value of Pearson's chi-squared test that people were split as the weights say: K. Pearson, "On the criterion that a
// given system of deviations ...", Philosophical Magazine 50 (1900), 157-175. It is 1 where it can't be told: fewer than two arms, or fewer
// than five people expected in one.
func SampleRatio(arms []Arm) float64 {
	w, total, degrees := shares(arms), 0, -1
	for _, a := range arms {
		total += a.N
	}
	square := 0.0
	for i, a := range arms {
		expected := w[i] * float64(total)
		if w[i] == 0 {
			continue
		}
		if expected < 5 {
			return 1
		}
		square += (float64(a.N) - expected) * (float64(a.N) - expected) / expected
		degrees++
	}
	if degrees < 1 {
		return 1
	}
	return mathext.GammaIncRegComp(float64(degrees)/2, square/2)
}

// Needed is how many people each of two arms needs so that one look at the end finds the difference between two rates with the power asked
// for, at a two-sided level of 1 - confidence: J. L. Fleiss, B. Levin, M. C. Paik, "Statistical methods for rates and proportions", 3rd
// edition (2003), section 4.2, formula 4.14. 0 where the rates are equal.
func Needed(p, q, confidence, power float64) int {
	if p == q {
		return 0
	}
	z, y := quantile(confidence), mathext.NormalQuantile(power)
	mean := (p + q) / 2
	root := z*math.Sqrt(2*mean*(1-mean)) + y*math.Sqrt(p*(1-p)+q*(1-q))
	return int(math.Ceil(root * root / ((p - q) * (p - q))))
}

// MostNeeded bounds what NeededToDecide looks for: beyond it an experiment will not decide.
const MostNeeded = 10_000_000

// NeededToDecide is how many people each arm needs until the sequential test decides, if their rates stay as they are: the smallest number
// at which the evidence of the successes then expected reaches 1/(1 - confidence). 0 where it never does within MostNeeded.
func NeededToDecide(arms []Arm, confidence float64) int {
	limit := -math.Log(1 - confidence)
	w := shares(arms)
	reached := func(each float64) bool {
		n, log := 0.0, 0.0
		for i, a := range arms {
			if w[i] == 0 {
				continue
			}
			k := a.Rate() * each * w[i] * float64(len(arms))
			n += k
			log += lgamma(concentration*w[i]+k) - lgamma(concentration*w[i]) - k*math.Log(w[i])
		}
		return log+lgamma(concentration)-lgamma(concentration+n) >= limit
	}
	low, high := 0.0, 1.0
	for !reached(high) {
		low, high = high, high*2
		if high > MostNeeded {
			return 0
		}
	}
	for high-low > 0.5 {
		if mid := (low + high) / 2; reached(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return int(math.Ceil(high))
}
