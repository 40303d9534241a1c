package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"

	"outrider/cmd/outrider/bench"
	"outrider/internal/track"
)

type benchTrackCmd struct {
	Concurrency   int    `default:"64" help:"Mail programs, each of which waits for its answer before it fetches again."`
	Seconds       int    `default:"10" help:"How long at most; it ends sooner when every pixel was fetched as often as is recorded."`
	Messages      int    `default:"8000" help:"Messages that are sent before, whose pixels are fetched."`
	Organizations int    `default:"8" help:"Organisations that sent them."`
	In            string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON          bool   `help:"Print one line of JSON."`
	Pprof         string `hidden:"" help:"Write a CPU profile of the server to this file."`
}

type tracked struct {
	Concurrency int     `json:"concurrency"`
	Hits        int     `json:"hits"` // answered, each once the log had acknowledged it
	Rate        float64 `json:"rate"` // hits a second
	P50         float64 `json:"p50_ms"`
	P99         float64 `json:"p99_ms"`
	Max         float64 `json:"max_ms"`
	Recorded    int     `json:"recorded"` // hits that Postgres shows in the end; must be all of them
	Errors      int64   `json:"errors"`
	Seconds     float64 `json:"seconds"`
	Queryable   float64 `json:"queryable_seconds"` // from the first hit until Postgres shows all
	conditions
}

// pixelHits is how often the pixel of a message is fetched at most: beyond, the server answers and doesn't record.
const pixelHits = 20

// Run fetches pixels of messages that were really sent.
func (c benchTrackCmd) Run(ctx context.Context) error {
	post, err := openBenchPost(ctx)
	if err != nil {
		return err
	}
	defer post.close() //nolint:errcheck // all is measured
	return onBenchServer(ctx, c.In, c.Pprof, c.JSON, func(ctx context.Context, s *benchServer) (tracked, error) { return c.run(ctx, s, post) }, post.flags()...)
}

func (c benchTrackCmd) run(ctx context.Context, s *benchServer, post *benchPost) (tracked, error) {
	out := tracked{Concurrency: c.Concurrency, conditions: conditions{CPUs: runtime.NumCPU(), Broker: embeddedBroker}}
	all, err := post.enlist(ctx, s, benchSenders{c.Organizations, 2, c.Messages, "none"})
	if err != nil {
		return out, err
	}
	db, err := pgx.Connect(ctx, s.Postgres)
	if err != nil {
		return out, fmt.Errorf("open postgres: %w", err)
	}
	defer db.Close(context.Background()) //nolint:errcheck // only read from
	if err := launchAll(ctx, all); err != nil {
		return out, err
	}
	orgs := organizationsOf(all)
	if err := untilMessages(ctx, db, orgs, "sent", c.Messages); err != nil {
		return out, err
	}
	pixels, err := c.pixels(ctx, s, db, orgs)
	if err != nil {
		return out, err
	}
	watch := bench.StartWatch()
	began := time.Now()
	took := c.fetch(ctx, pixels, &out)
	out.Seconds = time.Since(began).Seconds()
	for recorded := began; out.Recorded < out.Hits; {
		if err := db.QueryRow(ctx, `select count(*) from read.message_hits where org_id = any($1)`, orgs).Scan(&out.Recorded); err != nil {
			return out, fmt.Errorf("count hits: %w", err)
		}
		if time.Since(recorded) > out.duration()+benchPatience {
			return out, fmt.Errorf("%d of %d hits that were acknowledged are in Postgres", out.Recorded, out.Hits)
		}
		time.Sleep(20 * time.Millisecond)
	}
	out.Queryable = time.Since(began).Seconds()
	out.Use = watch.End()
	out.Rate = float64(out.Hits) / out.Seconds
	out.P50, out.P99, out.Max = bench.Quantile(took, 0.5), bench.Quantile(took, 0.99), bench.Quantile(took, 1)
	if out.Errors > 0 {
		return out, fmt.Errorf("%d fetches failed", out.Errors)
	}
	return out, ctx.Err()
}

func (t tracked) duration() time.Duration { return time.Duration(t.Seconds * float64(time.Second)) }

// pixels are the addresses of all pixels, by message.
func (c benchTrackCmd) pixels(ctx context.Context, s *benchServer, db *pgx.Conn, orgs []uuid.UUID) (out []string, err error) {
	signer, err := loadSigner(keyFiles{filepath.Join(s.Data, "keys")}.links())
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `select org_id, message_id from read.messages where org_id = any($1) and state = 'sent' order by message_id`, orgs)
	if err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	var t track.Token
	if _, err := pgx.ForEachRow(rows, []any{&t.Org, &t.Message}, func() error {
		out = append(out, s.URL+"/t/o/"+signer.Sign(track.Open, t))
		return nil
	}); err != nil {
		return nil, fmt.Errorf("list messages: %w", err)
	}
	if len(out) < c.Concurrency {
		return nil, errors.New("there must be a message for each mail program at least")
	}
	return out, nil
}

// fetch lets every mail program fetch pixels of its own, one after the other.
func (c benchTrackCmd) fetch(ctx context.Context, pixels []string, out *tracked) (all []time.Duration) {
	web := &fasthttp.Client{MaxConnsPerHost: c.Concurrency, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	var failed atomic.Int64
	took := make([][]time.Duration, c.Concurrency)
	until := time.Now().Add(time.Duration(c.Seconds) * time.Second)
	var programs sync.WaitGroup
	for i := range c.Concurrency {
		programs.Go(func() {
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			req.Header.SetUserAgent("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0")
			for range pixelHits {
				for n := i; n < len(pixels); n += c.Concurrency {
					began := time.Now()
					if began.After(until) || ctx.Err() != nil {
						return
					}
					req.SetRequestURI(pixels[n])
					if err := web.Do(req, res); err != nil || res.StatusCode() != fasthttp.StatusOK {
						failed.Add(1)
						continue
					}
					took[i] = append(took[i], time.Since(began))
				}
			}
		})
	}
	programs.Wait()
	for _, t := range took {
		all = append(all, t...)
	}
	out.Hits, out.Errors = len(all), failed.Load()
	return all
}
