package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"outrider/internal/lab/bench"
)

type benchCommandsCmd struct {
	benchBroker
	Concurrency   int    `default:"16" help:"Callers, each of which waits for its answer before it asks again."`
	Seconds       int    `default:"20" help:"How long, after --warm."`
	Organizations int    `default:"8" help:"Among how many organisations the callers are spread."`
	Command       string `default:"campaign" enum:"campaign,lead" help:"What is created: campaign, or lead (sealed under a key of its own)."`
	In            string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON          bool   `help:"Print one line of JSON."`
	Pprof         string `hidden:"" help:"Write a CPU profile of the server to this file."`
}

type commanded struct {
	Command     string  `json:"command"`
	Concurrency int     `json:"concurrency"`
	Rate        float64 `json:"rate"` // answers 201 a second
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	Max         float64 `json:"max_ms"`
	Answers     int64   `json:"answers"`
	Errors      int64   `json:"errors"` // everything else, 202 included
	FirstError  string  `json:"first_error,omitempty"`
	Seconds     float64 `json:"seconds"`
	conditions
}

// Run asks in closed loops: the callers and the server share the machine.
func (c benchCommandsCmd) Run(ctx context.Context) error {
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, c.measureCommands)
}

func (c benchCommandsCmd) measureCommands(ctx context.Context, s *benchServer) (commanded, error) {
	out := commanded{Command: c.Command, Concurrency: c.Concurrency, conditions: conditions{Bench: "commands", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	tenants, err := s.createTenants(ctx, c.Organizations)
	if err != nil {
		return out, err
	}
	web := &fasthttp.Client{MaxConnsPerHost: c.Concurrency, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	var measuring, over atomic.Bool
	var errors atomic.Int64
	var first sync.Once
	took := make([][]time.Duration, c.Concurrency)
	var wg sync.WaitGroup
	for i := range c.Concurrency {
		wg.Go(func() {
			t := tenants[i%len(tenants)]
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			req.Header.SetMethod(fasthttp.MethodPost)
			req.Header.SetContentType("application/json")
			req.Header.Set("Authorization", "Bearer "+t.api.Key)
			req.SetRequestURI(s.URL + map[string]string{"campaign": "/v1/campaigns", "lead": "/v1/leads"}[c.Command])
			for n := 0; !over.Load() && ctx.Err() == nil; n++ {
				req.SetBody(c.requestBody(i, n))
				began, counts := time.Now(), measuring.Load()
				err := web.Do(req, res)
				switch d := time.Since(began); {
				case !counts || over.Load():
				case err != nil || res.StatusCode() != fasthttp.StatusCreated:
					errors.Add(1)
					first.Do(func() { out.FirstError = fmt.Sprint(err, " ", res.StatusCode(), " ", string(res.Body())) })
				default:
					took[i] = append(took[i], d)
				}
			}
		})
	}
	select {
	case <-time.After(c.warmUpTime()):
	case <-ctx.Done():
	}
	gauged, err := s.startGauge(ctx)
	if err != nil {
		over.Store(true)
		wg.Wait()
		return out, err
	}
	measuring.Store(true)
	began := time.Now()
	select {
	case <-time.After(time.Duration(c.Seconds) * time.Second):
	case <-ctx.Done():
	}
	over.Store(true)
	out.Seconds = time.Since(began).Seconds()
	wg.Wait()
	if err := gauged(&out.conditions); err != nil {
		return out, err
	}
	var all []time.Duration
	for _, d := range took {
		all = append(all, d...)
	}
	out.Answers, out.Errors = int64(len(all)), errors.Load()
	out.Rate, out.P50, out.P99, out.Max = float64(len(all))/out.Seconds, bench.Quantile(all, 0.5), bench.Quantile(all, 0.99), bench.Quantile(all, 1)
	return out, ctx.Err()
}

// requestBody is the nth request of a caller: no two are alike.
func (c benchCommandsCmd) requestBody(caller, n int) []byte {
	who := strconv.Itoa(caller) + "-" + strconv.Itoa(n)
	ask := map[string]any{"name": "Campaign " + who}
	if c.Command == "lead" {
		ask = map[string]any{"email": "lead-" + who + "@example.com", "first_name": "Léa", "last_name": "Example " + who, "company_name": "Example and Sons", "job_title": "Head of Operations",
			"city": "Köln", "country": "DE", "custom": map[string]string{"size": "11-50"}, "tags": []string{"bench"}}
	}
	b, _ := json.Marshal(ask)
	return b
}
