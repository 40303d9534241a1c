package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"outrider/internal/stats"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s is %.9f, want %.9f", what, got, want)
	}
}

func TestPublishedExamples(t *testing.T) {
	t.Parallel()
	// Newcombe 1998, table II, method 10: (a) 56/70 against 48/80, (b) 9/10 against 3/10, (h) 10/10 against 0/10.
	for _, c := range []struct {
		a, b      stats.Arm
		low, high float64
	}{
		{stats.Arm{N: 70, Successes: 56}, stats.Arm{N: 80, Successes: 48}, 0.0524, 0.3339},
		{stats.Arm{N: 10, Successes: 9}, stats.Arm{N: 10, Successes: 3}, 0.1705, 0.8090},
		{stats.Arm{N: 10, Successes: 10}, stats.Arm{N: 10}, 0.6075, 1.0000},
	} {
		got := stats.Newcombe(c.a, c.b, 0.95)
		near(t, "low", got.Low, c.low, 0.00006)
		near(t, "high", got.High, c.high, 0.00006)
	}
	w := stats.Wilson(stats.Arm{N: 263, Successes: 81}, 0.95) // Newcombe 1998, "Two-sided confidence intervals for the single proportion"
	near(t, "Wilson's low", w.Low, 0.2553, 0.00006)
	near(t, "Wilson's high", w.High, 0.3662, 0.00006)
	near(t, "chi-squared of 50, 30 by 1, 1", stats.SampleRatio([]stats.Arm{{N: 50, Weight: 1}, {N: 30, Weight: 1}}), 0.0253473187, 1e-9) // chi2 = 5, 1 degree
	near(t, "chi-squared of 20, 30, 50 by 1, 1, 2", stats.SampleRatio([]stats.Arm{{N: 20, Weight: 1}, {N: 30, Weight: 1}, {N: 50, Weight: 2}}), math.Exp(-1), 1e-9)
}

// The posterior of two arms can be summed exactly.
func TestStandingsAreExact(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]stats.Arm{
		{{N: 100, Successes: 5}, {N: 110, Successes: 12}}, {{N: 0}, {N: 0}}, {{N: 3, Successes: 3}, {N: 5}}, {{N: 20000, Successes: 400}, {N: 20000, Successes: 460}}, {{N: 100000, Successes: 2}, {N: 10, Successes: 9}},
	} {
		got := stats.Standings(c[:])
		near(t, "P(best) of the second", got[1].PBest, exactly(c[0], c[1]), 1e-9)
		near(t, "sum", got[0].PBest+got[1].PBest, 1, 1e-9)
		mean := func(a stats.Arm) float64 { return float64(a.Successes+1) / float64(a.N+2) }
		near(t, "difference of the losses", got[0].Loss-got[1].Loss, mean(c[1])-mean(c[0]), 1e-9)
	}
	three := stats.Standings([]stats.Arm{{N: 50, Successes: 5}, {N: 50, Successes: 5}, {N: 50, Successes: 5}})
	near(t, "P(best) of three equal ones", three[1].PBest, 1.0/3, 1e-9)
}

// exactly is P(b's rate > a's), by E. Miller, "Formulas for Bayesian A/B testing" (2015).
func exactly(a, b stats.Arm) (sum float64) {
	lbeta := func(x, y float64) float64 {
		p, _ := math.Lgamma(x)
		q, _ := math.Lgamma(y)
		s, _ := math.Lgamma(x + y)
		return p + q - s
	}
	aa, ab, ba, bb := float64(a.Successes+1), float64(a.N-a.Successes+1), float64(b.Successes+1), float64(b.N-b.Successes+1)
	for i := 0.0; i < ba; i++ {
		sum += math.Exp(lbeta(aa+i, bb+ab) - math.Log(bb+i) - lbeta(1+i, bb) - lbeta(aa, ab))
	}
	return sum
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	near(t, "evidence of nothing", stats.Evidence([]stats.Arm{{Weight: 1}, {Weight: 1}}), 0, 1e-12)
	near(t, "evidence of one success", stats.Evidence([]stats.Arm{{Weight: 1, Successes: 1}, {Weight: 1}}), 0, 1e-12) // says nothing
	if p := stats.PValue([]stats.Arm{{Weight: 1, Successes: 40}, {Weight: 1, Successes: 10}}); p > 0.01 {
		t.Errorf("40 against 10 has p %.4f", p)
	}
	if p := stats.PValue([]stats.Arm{{Weight: 4, Successes: 40}, {Weight: 1, Successes: 10}}); p < 1 {
		t.Errorf("40 against 10 is what shares of 4 to 1 give, and has p %.4f", p)
	}
	// It is a martingale: by the next success it stays the same on average.
	arms := []stats.Arm{{Weight: 3, Successes: 7}, {Weight: 1, Successes: 5}}
	more := 0.0
	for i, share := range []float64{0.75, 0.25} {
		next := []stats.Arm{arms[0], arms[1]}
		next[i].Successes++
		more += share * math.Exp(stats.Evidence(next))
	}
	near(t, "the martingale", more, math.Exp(stats.Evidence(arms)), 1e-9)
}

func TestRatioSequence(t *testing.T) {
	t.Parallel()
	low, high := stats.RatioSequence(stats.Arm{Weight: 1}, stats.Arm{Weight: 1}, 0.95)
	if low != 0 || high != 0 {
		t.Errorf("of nothing it is %.3f to %.3f", low, high)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 { // its end and the test agree
		a, b := stats.Arm{Weight: 1 + r.Float64(), Successes: r.IntN(60)}, stats.Arm{Weight: 1 + r.Float64(), Successes: r.IntN(60)}
		low, high := stats.RatioSequence(a, b, 0.95)
		outside := low > 1 || high > 0 && high < 1
		if p := stats.PValue([]stats.Arm{a, b}); outside != (p <= 0.05) && math.Abs(p-0.05) > 1e-9 {
			t.Fatalf("%v against %v: %.4f to %.4f, but p is %.4f", a, b, low, high, p)
		}
	}
}

func TestNeeded(t *testing.T) {
	t.Parallel()
	if n := stats.Needed(0.1, 0.15, 0.95, 0.9); n != 918 { // Fleiss gives 918 before any continuity correction
		t.Errorf("%d are needed", n)
	}
	if n := stats.Needed(0.1, 0.1, 0.95, 0.9); n != 0 {
		t.Errorf("%d are needed to find nothing", n)
	}
	if n := stats.NeededToDecide([]stats.Arm{{N: 10, Successes: 1}, {N: 10, Successes: 1}}, 0.95); n != 0 {
		t.Errorf("equal arms decide after %d", n)
	}
	arms := []stats.Arm{{N: 1000, Successes: 100}, {N: 1000, Successes: 50}}
	each := stats.NeededToDecide(arms, 0.95)
	at := func(n int) float64 {
		return stats.PValue([]stats.Arm{{N: n, Successes: n / 10}, {N: n, Successes: n / 20}})
	}
	if at(each+20) > 0.05 || at(each-20) < 0.05 {
		t.Errorf("it says %d: p is %.4f and %.4f around it", each, at(each-20), at(each+20))
	}
}

// A geometric and nearly a Poisson distribution are special cases.
func TestQuantilesOfCountsToCome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mean, shape, q float64
		want           int
	}{{1, 1, 0.5, 0}, {1, 1, 0.75, 1}, {1, 1, 0.9, 3}, {4, 1e9, 0.1, 2}, {4, 1e9, 0.9, 7}, {0, 5, 0.9, 0}, {300, 1e9, 0.9, 322}, {300, 2, 0.1, 79}} {
		if got := stats.CountQuantile(c.mean, c.shape, c.q); got != c.want {
			t.Errorf("%+v: got %d", c, got)
		}
	}
}
