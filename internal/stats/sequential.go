package stats

import "math"

// concentration of the mixture over what the shares could be. It favours effects that an experiment with tens to hundreds of successes
// can show; the promise of the test doesn't depend on it.
const concentration = 10

// Evidence is the logarithm of a test martingale against "the arms don't differ", by the successes alone. People are drawn into arms by
// chance, so if the arms make no difference, each success belongs to arm i with the probability of its share w_i, whatever the rates are
// and however they change from day to day. Against that stands a Dirichlet mixture over all other shares:
//
//	M = B(c w + k) / B(c w) / product of w_i^k_i,  B the multivariate beta function, k the successes by arm
//
// M is a martingale that begins at 1, so that it ever exceeds 1/a has at most the probability a (Ville's inequality), at any time and
// as often as one looks: M. Lindon, A. Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022, sections 2 and 4; the
// mixture sequential probability ratio test of H. Robbins, "Statistical methods related to the law of the iterated logarithm", Annals of
// Mathematical Statistics 41 (1970), 1397-1409, for counts. It is exact: no normal approximation, no base rate to know.
func Evidence(arms []Arm) float64 {
	w, n, log := shares(arms), 0.0, 0.0
	for i, a := range arms {
		if w[i] == 0 {
			continue // gets nobody
		}
		k := float64(a.Successes)
		n += k
		log += lgamma(concentration*w[i]+k) - lgamma(concentration*w[i]) - k*math.Log(w[i])
	}
	return log + lgamma(concentration) - lgamma(concentration+n)
}

// PValue is the always-valid p-value that follows from the evidence: who stops as soon as it is at most a is wrong with at most the
// probability a, whenever and however often they look.
func PValue(arms []Arm) float64 { return math.Min(1, math.Exp(-Evidence(arms))) }

// RatioSequence is a confidence sequence for the rate of an arm over the rate of the one that it is compared with: all values at once hold
// the truth, at every look, with the confidence that was asked for. It inverts the test above over the share that the arm has of the
// successes of both. high is 0 where nothing bounds it yet.
func RatioSequence(arm, control Arm, confidence float64) (low, high float64) {
	w := shares([]Arm{arm, control})
	if w[0] == 0 || w[1] == 0 {
		return 0, 0
	}
	k, m := float64(arm.Successes), float64(control.Successes)
	a, b := concentration*w[0], concentration*w[1]
	mixed := lgamma(a+k) + lgamma(b+m) - lgamma(a+b+k+m) - lgamma(a) - lgamma(b) + lgamma(a+b)
	limit := -math.Log(1 - confidence)
	refused := func(share float64) bool {
		return mixed-xlog(k, share)-xlog(m, 1-share) >= limit
	}
	mode := (k + w[0]) / (k + m + 1) // is never refused: it is next to the likeliest
	ratio := func(share float64) float64 { return share / (1 - share) * w[1] / w[0] }
	if refused(0) {
		low = ratio(bisect(0, mode, refused))
	}
	if refused(1) {
		high = ratio(bisect(1, mode, refused))
	}
	return low, high
}

// xlog is x log y, and 0 for 0 log 0.
func xlog(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}

// bisect finds where what is refused ends, between a share that is and one that isn't. It returns the last one that is refused, so that
// the interval is rather too wide.
func bisect(refused, taken float64, is func(float64) bool) float64 {
	for range 100 {
		mid := (refused + taken) / 2
		if mid == refused || mid == taken {
			break
		}
		if is(mid) {
			refused = mid
		} else {
			taken = mid
		}
	}
	return refused
}
