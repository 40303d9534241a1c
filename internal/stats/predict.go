package stats

import "math"

// CountQuantile is the smallest count that a count to come stays at or below with probability q, where its mean is known only from what was
// counted so far: a Poisson count whose rate has a gamma posterior, so that it is negative binomial with this mean and the posterior's shape
// (A. Gelman et al., "Bayesian data analysis", 3rd edition (2013), section 2.6).
func CountQuantile(mean, shape, q float64) int {
	if mean <= 0 || shape <= 0 {
		return 0
	}
	p := mean / (mean + shape)
	// Terms follow from the one before: P(k+1) = P(k) (shape + k) / (k + 1) p.
	log, sum := shape*math.Log1p(-p), 0.0
	most := int(mean+60*math.Sqrt(mean*(1+mean/shape))) + 1000
	for k := 0; k < most; k++ {
		if sum += math.Exp(log); sum >= q {
			return k
		}
		log += math.Log(shape+float64(k)) - math.Log(float64(k+1)) + math.Log(p)
	}
	return most
}
