package stats_test

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"outrider/internal/stats"
)

// seed of all simulations here; each test draws its own stream from it.
const seed = 20261129

// runs is how many experiments are played: a tenth in everyday tests, all with `make test-stats`.
func runs(all int) int {
	if os.Getenv("OUTRIDER_STATS_LONG") != "" {
		return all * 10
	}
	return all
}

func chance(t *testing.T, stream uint64) *rand.Rand {
	t.Logf("seed %d, stream %d", seed, stream)
	return rand.New(rand.NewPCG(seed, stream))
}

// day adds a day of people to arms, each drawn into one by chance.
func day(r *rand.Rand, arms []stats.Arm, people int, rates []float64) {
	total := 0.0
	for _, a := range arms {
		total += a.Weight
	}
	for range people {
		x, i := r.Float64()*total, 0
		for x >= arms[i].Weight && i < len(arms)-1 {
			x -= arms[i].Weight
			i++
		}
		arms[i].N++
		if r.Float64() < rates[i] {
			arms[i].Successes++
		}
	}
}

func weighted(weights ...float64) (arms []stats.Arm) {
	for _, w := range weights {
		arms = append(arms, stats.Arm{Weight: w})
	}
	return arms
}

// Two thousand experiments in which the arms don't differ, looked at every day for three months.
func TestLookingEveryDayIsAllowed(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		name    string
		weights []float64
		rate    func(day int) float64
	}{
		{"two arms", []float64{1, 1}, func(int) float64 { return 0.05 }},
		{"many answers", []float64{1, 1}, func(int) float64 { return 0.4 }},
		{"unequal shares", []float64{9, 1}, func(int) float64 { return 0.08 }},
		{"four arms", []float64{1, 1, 1, 1}, func(int) float64 { return 0.06 }},
		{"rates that change with the day", []float64{1, 1}, func(d int) float64 { return 0.02 + 0.1*float64(d%7)/7 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, n, wrong := chance(t, uint64(i)), runs(2000), 0
			for range n {
				arms := weighted(c.weights...)
				for d := range 90 {
					rates := make([]float64, len(arms))
					for j := range rates {
						rates[j] = c.rate(d)
					}
					day(r, arms, 60, rates)
					if stats.PValue(arms) <= 0.05 {
						wrong++
						break
					}
				}
			}
			share := float64(wrong) / float64(n)
			t.Logf("%d of %d found a difference that isn't there: %.2f %%", wrong, n, 100*share)
			if share > 0.05 {
				t.Errorf("%.2f %% of experiments without a difference found one, more than 5 %%", 100*share)
			}
		})
	}
}

// The test above can fail: P(best) alone doesn't allow looking every day.
func TestLookingEveryDayAtPBestAloneIsNotAllowed(t *testing.T) {
	t.Parallel()
	r, n, wrong := chance(t, 10), runs(100), 0
	for range n {
		arms := weighted(1, 1)
		for range 30 {
			day(r, arms, 60, []float64{0.1, 0.1})
			if s := stats.Standings(arms); max(s[0].PBest, s[1].PBest) >= 0.95 {
				wrong++
				break
			}
		}
	}
	t.Logf("%d of %d", wrong, n)
	if float64(wrong) < 0.10*float64(n) {
		t.Errorf("only %d of %d: the simulation doesn't show what it should", wrong, n)
	}
}

func TestIntervalsHoldTheTruth(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		p, q float64
		n, m int
	}{{0.05, 0.05, 400, 400}, {0.08, 0.05, 300, 600}, {0.3, 0.2, 100, 100}, {0.02, 0.03, 1000, 1000}, {0.5, 0.1, 60, 60}} {
		r, n := chance(t, uint64(20+i)), runs(4000)
		rate, difference := 0, 0
		for range n {
			a, b := stats.Arm{N: c.n, Successes: binomial(r, c.n, c.p)}, stats.Arm{N: c.m, Successes: binomial(r, c.m, c.q)}
			if stats.Wilson(a, 0.95).Holds(c.p) {
				rate++
			}
			if stats.Newcombe(a, b, 0.95).Holds(c.p - c.q) {
				difference++
			}
		}
		for name, held := range map[string]int{"rate": rate, "difference": difference} {
			share := float64(held) / float64(n)
			t.Logf("%v: the interval of the %s held the truth in %.2f %%", c, name, 100*share)
			if share < 0.93 || share > 0.97 {
				t.Errorf("%v: the interval of the %s held the truth in %.2f %%, not 93 to 97", c, name, 100*share)
			}
		}
	}
}

func binomial(r *rand.Rand, n int, p float64) (k int) {
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}

// A confidence sequence holds the truth at all looks of an experiment at once.
func TestTheRatioIsHeldAtEveryLook(t *testing.T) {
	t.Parallel()
	r, n, missed := chance(t, 30), runs(500), 0
	const p, q = 0.12, 0.06
	for range n {
		arms := weighted(1, 2)
		for range 40 {
			day(r, arms, 60, []float64{p, q})
			low, high := stats.RatioSequence(arms[0], arms[1], 0.95)
			if p/q < low || high > 0 && p/q > high {
				missed++
				break
			}
		}
	}
	t.Logf("missed in %d of %d", missed, n)
	if float64(missed) > 0.05*float64(n) {
		t.Errorf("the sequence missed the truth in %d of %d experiments", missed, n)
	}
}

func TestPowerIsAsComputed(t *testing.T) {
	t.Parallel()
	for i, c := range []struct{ p, q, power float64 }{{0.05, 0.08, 0.8}, {0.10, 0.15, 0.9}, {0.02, 0.04, 0.8}} {
		r, n := chance(t, uint64(40+i)), runs(1500)
		each, found := stats.Needed(c.p, c.q, 0.95, c.power), 0
		for range n {
			x, y := binomial(r, each, c.p), binomial(r, each, c.q)
			mean := float64(x+y) / float64(2*each)
			if se := math.Sqrt(2 * mean * (1 - mean) / float64(each)); math.Abs(float64(x-y))/float64(each) > 1.959964*se {
				found++
			}
		}
		share := float64(found) / float64(n)
		t.Logf("%v: %d people an arm find it in %.1f %%", c, each, 100*share)
		if math.Abs(share-c.power) > 0.035 {
			t.Errorf("%v: %d people an arm find it in %.1f %%", c, each, 100*share)
		}
	}
}

// What is said to be needed until the sequential test decides is about the middle of when it does.
func TestWhatIsNeededToDecideIsAbout(t *testing.T) {
	t.Parallel()
	r, n, by := chance(t, 50), runs(500), 0
	each := stats.NeededToDecide([]stats.Arm{{N: 100, Successes: 10}, {N: 100, Successes: 5}}, 0.95)
	for range n {
		arms := weighted(1, 1)
		for arms[0].N+arms[1].N < 2*each {
			day(r, arms, 20, []float64{0.10, 0.05})
			if stats.PValue(arms) <= 0.05 {
				by++
				break
			}
		}
	}
	share := float64(by) / float64(n)
	t.Logf("%d people an arm: decided by then in %.1f %%", each, 100*share)
	if share < 0.4 || share > 0.8 {
		t.Errorf("with %d people an arm it was decided in %.1f %%", each, 100*share)
	}
}
