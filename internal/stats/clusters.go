package stats

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Cluster is a group of people who are all treated alike, as those of an organisation are.
type Cluster struct {
	Treated      bool
	N, Successes int
}

// ClusterComparison compares the rates of clusters that were drawn to be treated with those of the others. Each counts once, however large it
// is: people of one organisation are no independent draws.
type ClusterComparison struct {
	Treated, Others int     // clusters with somebody in them
	Difference      float64 // of the mean rates
	Low, High       float64 // its interval
	PValue          float64
}

const permutations = 10_000

// CompareClusters looks once. The p-value is that of a randomisation test: how often chance, drawing as many clusters anew, gives a difference of
// mean rates at least as large (R. A. Fisher, "The design of experiments" (1935), chapter 3; for clusters M. H. Gail et al., "On design
// considerations and randomization-based inference for community intervention trials", Statistics in Medicine 15 (1996), 1069-1092). It is exact
// whatever the rates are, but for the draws, of which the one that happened is one. The interval is Welch's, of the clusters' rates
// (A. Donner, N. Klar, "Design and analysis of cluster randomization trials in health research" (2000), section 6.3). The same seed gives the same.
func CompareClusters(list []Cluster, confidence float64, seed uint64) (out ClusterComparison) {
	var rates []float64 // the treated first
	var others []float64
	for _, c := range list {
		switch {
		case c.N == 0:
		case c.Treated:
			rates = append(rates, float64(c.Successes)/float64(c.N))
		default:
			others = append(others, float64(c.Successes)/float64(c.N))
		}
	}
	out.Treated, out.Others, out.PValue, out.Low, out.High = len(rates), len(others), 1, -1, 1
	if out.Treated < 2 || out.Others < 2 {
		return out
	}
	mean, spread := spreadOf(rates)
	otherMean, otherSpread := spreadOf(others)
	out.Difference = mean - otherMean
	a, b := spread/float64(out.Treated), otherSpread/float64(out.Others)
	if a+b > 0 {
		nu := (a + b) * (a + b) / (a*a/float64(out.Treated-1) + b*b/float64(out.Others-1))
		half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: nu}.Quantile(1-(1-confidence)/2) * math.Sqrt(a+b)
		out.Low, out.High = out.Difference-half, out.Difference+half
	} else {
		out.Low, out.High = out.Difference, out.Difference
	}
	all, sum := append(rates, others...), 0.0
	for _, r := range all {
		sum += r
	}
	k, n := float64(out.Treated), float64(len(all))
	random, extreme := rand.New(rand.NewPCG(seed, 1)), 1 //nolint:gosec // chance, and no secret
	for range permutations {
		drawn := 0.0
		for i := range out.Treated {
			j := i + random.IntN(len(all)-i)
			all[i], all[j] = all[j], all[i]
			drawn += all[i]
		}
		if math.Abs(drawn/k-(sum-drawn)/(n-k)) >= math.Abs(out.Difference)-1e-12 {
			extreme++
		}
	}
	out.PValue = float64(extreme) / (permutations + 1)
	return out
}

// spreadOf returns the mean of some numbers, and the variance of whence they are.
func spreadOf(of []float64) (mean, variance float64) {
	for _, x := range of {
		mean += x / float64(len(of))
	}
	for _, x := range of {
		variance += (x - mean) * (x - mean) / float64(len(of)-1)
	}
	return mean, variance
}
