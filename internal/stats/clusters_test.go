package stats_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"outrider/internal/stats"
)

// Organisations differ, in their rates and in their size. Chance alone decides at most as often as it may, and the interval holds the truth as often as it says.
func TestComparisonsOfClustersHoldWhatTheyPromise(t *testing.T) {
	t.Parallel()
	worlds := 200
	if os.Getenv("OUTRIDER_STATS_LONG") != "" {
		worlds = 4_000
	}
	for _, effect := range []float64{0, 0.03} {
		wrong, held := 0, 0
		for seed := range uint64(worlds) {
			random := rand.New(rand.NewPCG(seed, 5))
			var list []stats.Cluster
			for range 40 {
				c := stats.Cluster{Treated: random.IntN(2) == 0, N: 20 + random.IntN(600)}
				rate := 0.02 + 0.06*random.Float64()
				if c.Treated {
					rate += effect
				}
				for range c.N {
					if random.Float64() < rate {
						c.Successes++
					}
				}
				list = append(list, c)
			}
			got := stats.CompareClusters(list, 0.95, seed)
			if got.PValue <= 0.05 {
				wrong++
			}
			if got.Low <= effect && effect <= got.High {
				held++
			}
		}
		share, coverage := float64(wrong)/float64(worlds), float64(held)/float64(worlds)
		if effect == 0 && share > 0.08 {
			t.Errorf("without a difference %.3f are found", share)
		}
		if effect > 0 && share < 0.8 {
			t.Errorf("of a difference of %v %.3f are found", effect, share)
		}
		if coverage < 0.92 || coverage > 0.98 {
			t.Errorf("effect %v: %.3f of the intervals hold it", effect, coverage)
		}
	}
}

func TestTooFewClustersSayNothing(t *testing.T) {
	t.Parallel()
	one := []stats.Cluster{{Treated: true, N: 100, Successes: 90}, {N: 100}, {N: 100}, {Treated: true}}
	if got := stats.CompareClusters(one, 0.95, 1); got.PValue != 1 || got.Treated != 1 || got.Others != 2 || got.Low != -1 {
		t.Errorf("got %+v", got)
	}
	same := stats.CompareClusters([]stats.Cluster{{Treated: true, N: 10, Successes: 1}, {Treated: true, N: 100, Successes: 10}, {N: 20, Successes: 2}, {N: 30, Successes: 3}}, 0.95, 1)
	if same.PValue != 1 || same.Difference > 1e-12 {
		t.Errorf("all alike: %+v", same)
	}
}
