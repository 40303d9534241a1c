package commands

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"

	"outrider/internal/app/node"
	"outrider/internal/lab/bench"
	"outrider/internal/linktoken"
)

type benchTrackCmd struct {
	benchBroker
	Concurrency   int     `default:"64" help:"Connections, each of which fetches again when it is answered."`
	Seconds       float64 `default:"10" help:"At most so long; it ends when every link was fetched as often as is recorded in an hour."`
	Messages      int     `default:"5000" help:"Messages to send first. Each has a pixel and a link, and 20 fetches of either are recorded."`
	Organizations int     `default:"8" help:"Organisations that send them; the hits of each travel together."`
	Clicks        float64 `default:"0.02" help:"Share of the fetches that follow the link instead of loading the pixel."`
	In            string  `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON          bool    `help:"Print one line of JSON."`
	Pprof         string  `hidden:"" help:"Write a CPU profile of the server to this file."`
}

type trackedFast struct {
	Concurrency   int     `json:"concurrency"`
	Organizations int     `json:"organizations"`
	Messages      int     `json:"messages"`
	Hits          int     `json:"hits"`     // fetches that were answered as they should be
	Recorded      int     `json:"recorded"` // ... that the read model has, from the log
	Clicks        int     `json:"clicks"`   // of the hits
	Rate          float64 `json:"rate"`     // hits a second, answered once the log had acknowledged them
	P50           float64 `json:"p50_ms"`
	P99           float64 `json:"p99_ms"`
	Max           float64 `json:"max_ms"`
	Errors        int64   `json:"errors"`
	FirstError    string  `json:"first_error,omitempty"`
	Seconds       float64 `json:"seconds"`
	ShownSeconds  float64 `json:"shown_seconds"` // from the beginning until Postgres showed every hit
	benchConditions
}

// perLink is how often a link or pixel is fetched: as often as the product records in an hour.
const perLink = 20

// Run sends messages into a sink, then fetches what is in them.
func (c benchTrackCmd) Run(ctx context.Context) error {
	post, err := openBenchPost(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = post.closeAll() }() // the process ends
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, func(ctx context.Context, s *benchServer) (trackedFast, error) { return c.measureHits(ctx, s, post) }, post.serverFlags()...)
}

func (c benchTrackCmd) measureHits(ctx context.Context, s *benchServer, post *benchMail) (trackedFast, error) {
	out := trackedFast{Concurrency: c.Concurrency, Organizations: c.Organizations, Messages: c.Messages, benchConditions: benchConditions{Bench: "track", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	if err := c.warmUp(ctx, s); err != nil {
		return out, err
	}
	all, err := post.setUpSenders(ctx, s, benchSenders{c.Organizations, 2, c.Messages, "none"})
	if err != nil {
		return out, err
	}
	db, err := pgx.Connect(ctx, s.Postgres)
	if err != nil {
		return out, fmt.Errorf("open postgres: %w", err)
	}
	defer db.Close(context.Background())
	orgs := organizationsOf(all)
	if err := launchAll(ctx, all); err != nil {
		return out, err
	}
	if err := untilSent(ctx, db, orgs, c.Messages); err != nil {
		return out, err
	}
	pixels, links, err := c.listLinks(ctx, s, db, orgs)
	if err != nil {
		return out, err
	}
	time.Sleep(2 * time.Second) // what the sending has left to do
	gauged, err := s.startGauge(ctx)
	if err != nil {
		return out, err
	}
	s.beginProfile(c.Pprof)
	began := time.Now()
	c.fetchLinks(ctx, &out, pixels, links)
	err = c.awaitShown(ctx, db, orgs, &out)
	out.ShownSeconds = time.Since(began).Seconds()
	return out, errors.Join(err, gauged(&out.benchConditions))
}

// listLinks are the addresses of pixels and of the first link of each message, in no order.
func (c benchTrackCmd) listLinks(ctx context.Context, s *benchServer, db *pgx.Conn, orgs []uuid.UUID) (pixels, links []string, err error) {
	signer, err := node.LoadSigner(node.KeyFilesIn(s.Data).Links())
	if err != nil {
		return nil, nil, err
	}
	rows, err := db.Query(ctx, `select org_id, message_id from read.messages where org_id = any($1)`, orgs)
	if err != nil {
		return nil, nil, fmt.Errorf("list messages: %w", err)
	}
	addresses := linktoken.Links{Signer: signer, Base: s.URL}
	var t linktoken.Token
	_, err = pgx.ForEachRow(rows, []any{&t.Org, &t.Message}, func() error {
		pixels, links = append(pixels, addresses.Open(t)), append(links, addresses.Click(t))
		return nil
	})
	for _, l := range [][]string{pixels, links} {
		rand.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
	}
	return pixels, links, err
}

// fetchLinks loads pixels and follows links over connections that stay open.
func (c benchTrackCmd) fetchLinks(ctx context.Context, out *trackedFast, pixels, links []string) {
	const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	web := &fasthttp.Client{MaxConnsPerHost: c.Concurrency, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	var loaded, followed, errs, clicks atomic.Int64
	var first sync.Once
	took := make([][]time.Duration, c.Concurrency)
	every := int64(0)
	if c.Clicks > 0 {
		every = int64(1 / c.Clicks)
	}
	began := time.Now()
	end := began.Add(time.Duration(c.Seconds * float64(time.Second)))
	var wg sync.WaitGroup
	for i := range c.Concurrency {
		wg.Go(func() {
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			req.Header.SetUserAgent(browser)
			for n := int64(i); ctx.Err() == nil && time.Now().Before(end); n++ {
				click := every > 0 && n%every == every-1
				next, of, want := &loaded, pixels, fasthttp.StatusOK
				if click {
					next, of, want = &followed, links, fasthttp.StatusFound
				}
				at := int(next.Add(1)) - 1
				if at >= len(of)*perLink {
					return
				}
				req.SetRequestURI(of[at%len(of)])
				asked := time.Now()
				if err := web.Do(req, res); err != nil || res.StatusCode() != want {
					errs.Add(1)
					first.Do(func() {
						out.FirstError = strings.TrimSpace(fmt.Sprint(err, " ", res.StatusCode(), " ", string(res.Body())))
					})
					continue
				}
				took[i] = append(took[i], time.Since(asked))
				if click {
					clicks.Add(1)
				}
			}
		})
	}
	wg.Wait()
	out.Seconds = time.Since(began).Seconds()
	answered := slices.Concat(took...)
	out.Hits, out.Clicks, out.Errors = len(answered), int(clicks.Load()), errs.Load()
	out.Rate, out.P50, out.P99, out.Max = float64(out.Hits)/out.Seconds, bench.Quantile(answered, 0.5), bench.Quantile(answered, 0.99), bench.Quantile(answered, 1)
}

// awaitShown waits until the read model has every hit that was answered.
func (c benchTrackCmd) awaitShown(ctx context.Context, db *pgx.Conn, orgs []uuid.UUID, out *trackedFast) error {
	for moved := time.Now(); ; {
		var n int
		if err := db.QueryRow(ctx, `select count(*) from read.message_hits where org_id = any($1)`, orgs).Scan(&n); err != nil {
			return fmt.Errorf("count hits: %w", err)
		}
		if n != out.Recorded {
			out.Recorded, moved = n, time.Now()
		}
		switch {
		case n >= out.Hits:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Since(moved) > benchPatience:
			return errors.New(fmt.Sprint(n, " of ", out.Hits, " hits that were answered are in the read model, and nothing moves"))
		}
		time.Sleep(100 * time.Millisecond)
	}
}
