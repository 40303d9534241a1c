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
	"outrider/internal/retry"
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

type commandFigures struct {
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
	benchConditions
}

// Run asks in closed loops: the callers and the server share the machine.
func (c benchCommandsCmd) Run(ctx context.Context) error {
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, c.measureCommands)
}

func (c benchCommandsCmd) measureCommands(ctx context.Context, s *benchServer) (commandFigures, error) {
	out := commandFigures{Command: c.Command, Concurrency: c.Concurrency, benchConditions: benchConditions{Bench: "commands", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	tenants, err := s.createTenants(ctx, c.Organizations)
	if err != nil {
		return out, err
	}
	web := &fasthttp.Client{MaxConnsPerHost: c.Concurrency, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	var loop closedLoop
	took := make([][]time.Duration, c.Concurrency)
	var wg sync.WaitGroup
	for i := range c.Concurrency {
		wg.Go(func() {
			req := newPost(s.URL+map[string]string{"campaign": "/v1/campaigns", "lead": "/v1/leads"}[c.Command], tenants[i%len(tenants)].key)
			took[i] = loop.ask(ctx, web, req, func(n int) []byte { return c.requestBody(i, n) })
		})
	}
	_ = retry.Sleep(ctx, c.warmUpTime())
	gauged, err := s.startGauge(ctx)
	if err != nil {
		loop.over.Store(true)
		wg.Wait()
		return out, err
	}
	loop.measuring.Store(true)
	began := time.Now()
	_ = retry.Sleep(ctx, time.Duration(c.Seconds)*time.Second)
	loop.over.Store(true)
	out.Seconds = time.Since(began).Seconds()
	wg.Wait()
	if err := gauged(&out.benchConditions); err != nil {
		return out, err
	}
	var all []time.Duration
	for _, d := range took {
		all = append(all, d...)
	}
	out.FirstError = loop.firstError
	out.Answers, out.Errors = int64(len(all)), loop.errors.Load()
	out.Rate, out.P50, out.P99, out.Max = float64(len(all))/out.Seconds, bench.Quantile(all, 0.5), bench.Quantile(all, 0.99), bench.Quantile(all, 1)
	return out, ctx.Err()
}

// closedLoop is what callers have in common that ask again as soon as they are answered.
type closedLoop struct {
	measuring, over atomic.Bool
	errors          atomic.Int64
	first           sync.Once
	firstError      string
}

// ask sends one request after the other until the loop is over, and returns how long the good answers took while it was measured.
func (l *closedLoop) ask(ctx context.Context, web *fasthttp.Client, req *fasthttp.Request, body func(n int) []byte) (took []time.Duration) {
	res := fasthttp.AcquireResponse()
	for n := 0; !l.over.Load() && ctx.Err() == nil; n++ {
		req.SetBody(body(n))
		counts := l.measuring.Load()
		if d, good := l.send(web, req, res, func() bool { return counts && !l.over.Load() }); good {
			took = append(took, d)
		}
	}
	return took
}

// send sends one request, and returns how long the answer took and whether it is a good one that counts; a bad one that counts is noted.
func (l *closedLoop) send(web *fasthttp.Client, req *fasthttp.Request, res *fasthttp.Response, counts func() bool) (time.Duration, bool) {
	began := time.Now()
	err := web.Do(req, res)
	d := time.Since(began)
	switch {
	case !counts():
		return d, false
	case err != nil || res.StatusCode() != fasthttp.StatusCreated:
		l.errors.Add(1)
		l.first.Do(func() { l.firstError = fmt.Sprint(err, " ", res.StatusCode(), " ", string(res.Body())) })
		return d, false
	}
	return d, true
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

// newPost is a request of a client that asks for the same again and again.
func newPost(url, key string) *fasthttp.Request {
	req := fasthttp.AcquireRequest()
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	req.SetRequestURI(url)
	return req
}
