package prospects

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// chanceFor gives random numbers that depend on the seed and the names only.
func chanceFor(seed uint64, names ...any) *rand.Rand {
	h := sha256.New()
	fmt.Fprintf(h, "%d", seed)
	for _, n := range names {
		fmt.Fprintf(h, "\x00%v", n)
	}
	sum := h.Sum(nil)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])))
}

func doesHappen(r *rand.Rand, rate float64) bool { return r.Float64() < rate }

func pickOne[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// durationBetween gives a time span, evenly distributed.
func durationBetween(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Float64()*float64(to-from))
}

// durationAround gives a time span as people take it: mostly short of the mean, at times much longer.
func durationAround(r *rand.Rand, mean, least, most time.Duration) time.Duration {
	d := least + time.Duration(-math.Log(1-r.Float64())*float64(mean))
	return min(d, most)
}
