package storm_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"outrider/internal/lab/storm"
)

// BenchmarkRoundTrip measures command to answer through gateway, broker and one processor, each a process of its own;
// two events a command, nobody is harmed. Run it with -benchtime 1x.
func BenchmarkRoundTrip(b *testing.B) {
	for _, sync := range []bool{false, true} {
		for _, c := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("c=%d,sync=%v", c, sync), func(b *testing.B) {
				for range b.N {
					r, err := storm.Run(context.Background(), storm.Config{Duration: 6 * time.Second, Calm: true, Processors: 1, Clients: c, Think: -1, Quota: math.MaxInt, SyncWrites: sync})
					if err != nil || r.Faults() != nil {
						b.Fatal(err, r.Faults())
					}
					b.ReportMetric(r.Rate, "answers/s")
					b.ReportMetric(float64(r.P50.Microseconds())/1000, "p50-ms")
					b.ReportMetric(float64(r.P99.Microseconds())/1000, "p99-ms")
				}
			})
		}
	}
}
