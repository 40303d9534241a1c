package commands

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"outrider/internal/es"
	"outrider/internal/kafka"
	"outrider/internal/lab/bench"
	"outrider/internal/retry"
)

type benchFairnessCmd struct {
	benchBroker
	Flood   int    `default:"256" help:"Callers of the organisation that floods."`
	Calm    int    `default:"4" help:"Callers of its neighbour on the same partition."`
	Seconds int    `default:"15" help:"How long each of both is measured, after --warm."`
	In      string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON    bool   `help:"Print one line of JSON."`
	Pprof   string `hidden:"" help:"Write a CPU profile of the server to this file."`
}

type fairnessFigures struct {
	AloneP99  float64 `json:"alone_p99_ms"` // of the calm one, until 201
	BesideP99 float64 `json:"beside_flood_p99_ms"`
	FloodRate float64 `json:"flood_rate"` // answers 201 a second
	AloneP50  float64 `json:"alone_p50_ms"`
	BesideP50 float64 `json:"beside_flood_p50_ms"`
	Times     float64 `json:"times"` // by how much the flood lengthens the neighbour's p99
	Busy      int64   `json:"flood_errors"`
	// How late the callers' own process goes on with what could go on (p99): about as much of each p99 above may be of its making.
	AloneLate  float64 `json:"alone_callers_late_p99_ms"`
	BesideLate float64 `json:"beside_flood_callers_late_p99_ms"`
	benchConditions
}

// Run measures a calm organisation alone and beside a flood.
func (c benchFairnessCmd) Run(ctx context.Context) error {
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, c.measureFairness)
}

func (c benchFairnessCmd) measureFairness(ctx context.Context, s *benchServer) (fairnessFigures, error) {
	out := fairnessFigures{benchConditions: benchConditions{Bench: "fairness", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	calm, flood, err := createNeighbours(ctx, s)
	if err != nil {
		return out, err
	}
	gauged, err := s.startGauge(ctx)
	if err != nil {
		return out, err
	}
	alone := c.askFor(ctx, s, calm, flood, 0)
	beside := c.askFor(ctx, s, calm, flood, c.Flood)
	if err := gauged(&out.benchConditions); err != nil {
		return out, err
	}
	out.AloneP50, out.AloneP99, out.AloneLate = bench.Quantile(alone.calm, 0.5), bench.Quantile(alone.calm, 0.99), bench.Quantile(alone.late, 0.99)
	out.BesideP50, out.BesideP99, out.BesideLate = bench.Quantile(beside.calm, 0.5), bench.Quantile(beside.calm, 0.99), bench.Quantile(beside.late, 0.99)
	out.FloodRate, out.Busy = float64(len(beside.flood))/float64(c.Seconds), beside.failed
	if out.AloneP99 > 0 {
		out.Times = out.BesideP99 / out.AloneP99
	}
	return out, ctx.Err()
}

// createNeighbours creates organisations until two are on the same partition.
func createNeighbours(ctx context.Context, s *benchServer) (calm, flood benchTenant, err error) {
	log, err := kafka.Log{Seeds: []string{s.Kafka}, Generation: 1}.Measure(ctx)
	if err != nil {
		return calm, flood, err
	}
	on := map[int32]benchTenant{}
	for range log.Partitions + 1 {
		made, err := s.createTenants(ctx, 1)
		if err != nil {
			return calm, flood, err
		}
		p := es.PartitionOf(made[0].id, log.Partitions)
		if first := on[p]; first.id != uuid.Nil {
			return first, made[0], nil
		}
		on[p] = made[0]
	}
	return calm, flood, errors.New("no two organisations are on one partition")
}

// asked is how long answers took while both asked.
type asked struct {
	calm, flood []time.Duration
	failed      int64           // of the flood's
	late        []time.Duration // that this process was, time and again
}

// askFor lets both ask in closed loops for a while.
func (c benchFairnessCmd) askFor(ctx context.Context, s *benchServer, calm, flood benchTenant, callers int) (out asked) {
	var quiet, loud closedLoop
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := func(loop *closedLoop, of benchTenant, n int, took *[]time.Duration) {
		web := &fasthttp.Client{MaxConnsPerHost: max(n, 1), ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
		for i := range n {
			wg.Go(func() {
				req := newPost(s.URL+"/v1/campaigns", of.key)
				d := loop.ask(ctx, web, req, func(n int) []byte { return benchCommandsCmd{}.requestBody(i, n) })
				mu.Lock()
				*took = append(*took, d...)
				mu.Unlock()
			})
		}
	}
	start(&quiet, calm, c.Calm, &out.calm)
	start(&loud, flood, callers, &out.flood)
	_ = retry.Sleep(ctx, c.warmUpTime())
	quiet.measuring.Store(true)
	loud.measuring.Store(true)
	out.late = lateFor(ctx, time.Duration(c.Seconds)*time.Second)
	quiet.over.Store(true)
	loud.over.Store(true)
	wg.Wait()
	out.failed = loud.errors.Load()
	return out
}

// lateFor waits, and measures how much later than it asked it is woken up each time.
func lateFor(ctx context.Context, d time.Duration) (late []time.Duration) {
	const nap = 5 * time.Millisecond
	for began := time.Now(); time.Since(began) < d; {
		asleep := time.Now()
		if retry.Sleep(ctx, nap) != nil {
			return late
		}
		late = append(late, max(time.Since(asleep)-nap, 0))
	}
	return late
}
