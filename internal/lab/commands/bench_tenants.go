package commands

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"outrider/internal/lab/bench"
	"outrider/internal/retry"
)

type benchTenantsCmd struct {
	benchBroker
	Organizations []int  `default:"1,100,1000,10000" help:"How many there are, one number after the other."`
	Concurrency   int    `default:"16" help:"Callers, each of which asks for another organisation each time."`
	Seconds       int    `default:"10" help:"How long callers ask, for each number."`
	Idle          int    `default:"10" help:"Seconds without any caller, for each number."`
	In            string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON          bool   `help:"Print one line of JSON."`
	Pprof         string `hidden:"" help:"Write a CPU profile of the server to this file."`
}

type tenantsFigures struct {
	Sizes []tenantsSize `json:"sizes"`
	Times float64       `json:"p99_times"` // by how much the last number's p99 is longer than the first one's
	benchConditions
}

// tenantsSize is what was measured with so many organisations.
type tenantsSize struct {
	Organizations int     `json:"organizations"`
	Rate          float64 `json:"rate"` // answers 201 a second
	P50           float64 `json:"p50_ms"`
	P99           float64 `json:"p99_ms"`
	FirstP50      float64 `json:"first_p50_ms"` // of the first command of each organisation, whose keys are made then
	FirstP99      float64 `json:"first_p99_ms"`
	Errors        int64   `json:"errors"`
	IdlePercent   float64 `json:"idle_percent_of_a_core"` // of the server, before anybody asks
	ServerMB      float64 `json:"server_mb"`              // resident, idle
	KBTenant      float64 `json:"kb_a_tenant"`            // that the server has grown by since the number before
}

func (s tenantsSize) String() string {
	return fmt.Sprintf("%d organisations: %.0f/s, p50 %.1f ms, p99 %.1f ms (first commands %.1f, %.1f), idle %.1f %% of a core, %.0f MB (%.1f kB each)", s.Organizations, s.Rate, s.P50, s.P99, s.FirstP50, s.FirstP99, s.IdlePercent, s.ServerMB, s.KBTenant)
}

// Run measures the same load on more and more organisations.
func (c benchTenantsCmd) Run(ctx context.Context) error {
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, c.measureTenants)
}

func (c benchTenantsCmd) measureTenants(ctx context.Context, s *benchServer) (tenantsFigures, error) {
	out := tenantsFigures{benchConditions: benchConditions{Bench: "tenants", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	gauged, err := s.startGauge(ctx)
	if err != nil {
		return out, err
	}
	var tenants []benchTenant
	for _, n := range c.Organizations {
		before := len(tenants)
		if tenants, err = s.growTenants(ctx, tenants, n); err != nil {
			return out, err
		}
		first := c.askEachOnce(ctx, s, tenants[before:])
		size := c.measureSize(ctx, s, tenants)
		size.FirstP50, size.FirstP99 = bench.Quantile(first, 0.5), bench.Quantile(first, 0.99)
		if last := len(out.Sizes) - 1; last >= 0 && len(tenants) > before {
			size.KBTenant = (size.ServerMB - out.Sizes[last].ServerMB) * 1024 / float64(len(tenants)-before)
		}
		out.Sizes = append(out.Sizes, size)
	}
	if err := gauged(&out.benchConditions); err != nil {
		return out, err
	}
	if n := len(out.Sizes); n > 1 && out.Sizes[0].P99 > 0 {
		out.Times = out.Sizes[n-1].P99 / out.Sizes[0].P99
	}
	return out, ctx.Err()
}

// growTenants creates organisations until there are n, several at once.
func (s *benchServer) growTenants(ctx context.Context, tenants []benchTenant, n int) ([]benchTenant, error) {
	var mu sync.Mutex
	var failed error
	var left atomic.Int64
	left.Store(int64(n - len(tenants)))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for left.Add(-1) >= 0 && ctx.Err() == nil {
				made, err := s.createTenants(ctx, 1)
				mu.Lock()
				tenants = append(tenants, made...)
				if err != nil {
					failed = err
					left.Store(0)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return tenants, failed
}

// askEachOnce sends the first command of each organisation, and returns how long the good answers took.
func (c benchTenantsCmd) askEachOnce(ctx context.Context, s *benchServer, tenants []benchTenant) []time.Duration {
	web := c.newClient()
	var loop closedLoop
	took := make([][]time.Duration, c.Concurrency)
	var next atomic.Int64
	var all sync.WaitGroup
	for i := range c.Concurrency {
		all.Go(func() {
			req, res := newPost(s.URL+"/v1/campaigns", ""), fasthttp.AcquireResponse()
			for n := next.Add(1); n <= int64(len(tenants)) && ctx.Err() == nil; n = next.Add(1) {
				req.Header.Set("Authorization", "Bearer "+tenants[n-1].key)
				req.SetBody(benchCommandsCmd{}.requestBody(i, int(n)))
				if d, good := loop.send(web, req, res, func() bool { return true }); good {
					took[i] = append(took[i], d)
				}
			}
		})
	}
	all.Wait()
	return slices.Concat(took...)
}

// newClient is what the callers share.
func (c benchTenantsCmd) newClient() *fasthttp.Client {
	return &fasthttp.Client{MaxConnsPerHost: c.Concurrency, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
}

// measureSize looks at the server at rest, then lets callers ask for all organisations in turn.
func (c benchTenantsCmd) measureSize(ctx context.Context, s *benchServer, tenants []benchTenant) tenantsSize {
	out := tenantsSize{Organizations: len(tenants)}
	_ = retry.Sleep(ctx, c.warmUpTime()) // what creating them has left behind is done
	idle := bench.StartWatch()
	_ = retry.Sleep(ctx, time.Duration(c.Idle)*time.Second)
	use := idle.End()["server"]
	out.IdlePercent, out.ServerMB = 100*use.CPUSeconds/float64(max(c.Idle, 1)), use.PeakRSSMB
	web := c.newClient()
	var loop closedLoop
	took := make([][]time.Duration, c.Concurrency)
	var next atomic.Int64
	var all sync.WaitGroup
	for i := range c.Concurrency {
		all.Go(func() {
			req := newPost(s.URL+"/v1/campaigns", "")
			took[i] = loop.ask(ctx, web, req, func(n int) []byte {
				req.Header.Set("Authorization", "Bearer "+tenants[next.Add(1)%int64(len(tenants))].key)
				return benchCommandsCmd{}.requestBody(i, n)
			})
		})
	}
	_ = retry.Sleep(ctx, c.warmUpTime())
	loop.measuring.Store(true)
	began := time.Now()
	_ = retry.Sleep(ctx, time.Duration(c.Seconds)*time.Second)
	loop.over.Store(true)
	seconds := time.Since(began).Seconds()
	all.Wait()
	answers := slices.Concat(took...)
	out.Errors = loop.errors.Load()
	out.Rate, out.P50, out.P99 = float64(len(answers))/seconds, bench.Quantile(answers, 0.5), bench.Quantile(answers, 0.99)
	return out
}
