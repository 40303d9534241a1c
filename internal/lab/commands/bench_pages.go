package commands

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/client"
	"outrider/internal/lab/bench"
	"outrider/internal/lab/demo"
)

type benchPagesCmd struct {
	benchBroker
	Leads     int           `default:"200000" help:"Leads to import first."`
	Events    int           `default:"1000000" help:"Events of the organisation: messages are sent until there are so many, or until everybody has got one."`
	Replies   int           `default:"500" help:"Answers that come in."`
	Mailboxes int           `default:"8" help:"Mailboxes that send."`
	Rounds    int           `default:"20" help:"How often each call is made, after once for the first time."`
	Sending   time.Duration `default:"30m" help:"How long messages are sent at most, however few events there are by then."`
	Each      time.Duration `default:"20s" help:"How long one call is made again and again at most; three times it is in any case."`
	In        string        `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON      bool          `help:"Print one line of JSON."`
	Pprof     string        `hidden:"" help:"Write a CPU profile of the server to this file."`
}

// pageCall is a call behind a page, and how long it took.
type pageCall struct {
	Page  string  `json:"page"`
	Call  string  `json:"call"`
	First float64 `json:"first_ms"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	Bytes int     `json:"bytes"` // of the last answer
	Times int     `json:"times"` // it was made, after the first
	Error string  `json:"error,omitempty"`
}

func (c pageCall) String() string {
	return fmt.Sprintf("%-10s p50 %7.1f ms, p95 %7.1f ms, first %7.1f ms  %s", c.Page, c.P50, c.P95, c.First, c.Call)
}

type pageFigures struct {
	Leads   int        `json:"leads"`
	Events  int        `json:"events"`
	Sent    int        `json:"messages_sent"`
	Replies int        `json:"replies"`
	Rounds  int        `json:"rounds"`
	Load    string     `json:"load"` // of the machine, as the kernel says, when the calls begin
	Slow    []string   `json:"over_300_ms"`
	Failed  []string   `json:"failed"`
	Calls   []pageCall `json:"calls"`
	benchConditions
}

// slowest is what the p95 of a call may be, in milliseconds.
const slowestCall = 300

// Run fills an organisation as its people would, then asks what the pages of the dashboard ask, one call at a time.
func (c benchPagesCmd) Run(ctx context.Context) error {
	post, err := openBenchPost(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = post.closeAll() }() // the process ends
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, func(ctx context.Context, s *benchServer) (pageFigures, error) { return c.measurePages(ctx, s, post) },
		append(post.serverFlags(), "--poll", "5s")...)
}

func (c benchPagesCmd) measurePages(ctx context.Context, s *benchServer, post *benchMail) (pageFigures, error) {
	out := pageFigures{Leads: c.Leads, Rounds: c.Rounds, Slow: []string{}, Failed: []string{}, benchConditions: benchConditions{Bench: "pages", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	db, err := pgx.Connect(ctx, s.Postgres)
	if err != nil {
		return out, fmt.Errorf("open postgres: %w", err)
	}
	defer db.Close(context.Background())
	org, err := c.fillOrganization(ctx, s, post, db, &out)
	if err != nil {
		return out, err
	}
	seen, err := whatPagesShow(ctx, db, org)
	if err != nil {
		return out, err
	}
	asker := pageAsker{s.URL, org.Key}
	s.beginProfile(c.Pprof)
	out.Load = loadAverage()
	watch := bench.StartWatch()
	for _, p := range pageCalls(seen) {
		done, err := c.timeCall(ctx, asker, p)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if err != nil { // the others are asked all the same
			done.Error, out.Failed = err.Error(), append(out.Failed, p.name)
		}
		if out.Calls = append(out.Calls, done); done.P95 > slowestCall {
			out.Slow = append(out.Slow, done.Call)
		}
	}
	out.Use = watch.End()
	return out, nil
}

func (c benchPagesCmd) timeCall(ctx context.Context, asker pageAsker, p askedCall) (pageCall, error) {
	done := pageCall{Page: p.page, Call: p.name}
	took, began := make([]time.Duration, 0, c.Rounds), time.Now()
	for i := 0; i <= c.Rounds && (i <= 3 || time.Since(began) < c.Each); i++ {
		d, n, err := asker.ask(ctx, p.path(i))
		if err != nil {
			return done, err
		}
		if done.Bytes = n; i == 0 {
			done.First = float64(d.Microseconds()) / 1000
			continue
		}
		took = append(took, d)
	}
	done.Times = len(took)
	done.P50, done.P95 = bench.Quantile(took, 0.5), bench.Quantile(took, 0.95)
	return done, nil
}

// fillOrganization imports leads, writes to them until there are events enough, and lets some of them answer.
func (c benchPagesCmd) fillOrganization(ctx context.Context, s *benchServer, post *benchMail, db *pgx.Conn, out *pageFigures) (demo.Organization, error) {
	note := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	senders, secret, err := post.admitSenders(ctx, c.Mailboxes)
	if err != nil {
		return demo.Organization{}, err
	}
	file := filepath.Join(post.dir, "leads.csv")
	if err := writeLeadsFile(file, c.Leads); err != nil {
		return demo.Organization{}, err
	}
	setup := &demo.Setup{Scene: demo.Scene{Plan: "enterprise", Secret: secret, Run: strings.ToLower(rand.Text()), Senders: senders, File: file, Promise: demo.Promise{Pace: demo.Pace{PerDay: 1_000_000}}},
		API: demo.NewAPI(s.URL, s.PlatformKey), Mail: post.mail, Campaign: benchPlot("none"), LetTimePass: func(context.Context, time.Duration) error { return nil }, Note: note}
	if err := setup.Prepare(ctx); err != nil {
		return setup.Made, err
	}
	note("send until there are %d events", c.Events)
	if err := setup.Launch(ctx); err != nil {
		return setup.Made, err
	}
	if err := untilHistory(ctx, db, setup.Made.ID, c.Events, c.Sending); err != nil {
		return setup.Made, err
	}
	_, position, err := client.ReadDecided[client.Campaign](setup.API.PauseCampaign(ctx, setup.Made.Campaign, nil))
	if err != nil {
		return setup.Made, err
	}
	if _, _, err := client.Read[client.Campaign](setup.API.GetCampaign(ctx, setup.Made.Campaign, nil, client.Showing(position))); err != nil {
		return setup.Made, err
	}
	note("let %d people answer", c.Replies)
	if out.Replies, err = post.answerSome(ctx, db, setup.Made.ID, c.Replies); err != nil {
		return setup.Made, err
	}
	for _, count := range []struct {
		query string
		to    *int
	}{{`select oseq from read.chains where org_id = $1`, &out.Events}, {`select count(*) from read.messages where org_id = $1 and state = 'sent'`, &out.Sent}} {
		if err := db.QueryRow(ctx, count.query, setup.Made.ID).Scan(count.to); err != nil {
			return setup.Made, fmt.Errorf("count what there is: %w", err)
		}
	}
	if _, err := db.Exec(ctx, `vacuum analyze`); err != nil { // as it does by itself within minutes
		return setup.Made, fmt.Errorf("vacuum: %w", err)
	}
	return setup.Made, nil
}

func writeLeadsFile(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write leads: %w", err)
	}
	return errors.Join(bench.WriteCSV(f, n), f.Close())
}

// untilHistory waits until an organisation has so many events, nothing more happens to it, or it has taken too long.
func untilHistory(ctx context.Context, db *pgx.Conn, org uuid.UUID, want int, most time.Duration) error {
	began := time.Now()
	n, before, moved := 0, 0, began
	for n < want && time.Since(moved) < benchPatience && time.Since(began) < most {
		if err := db.QueryRow(ctx, `select oseq from read.chains where org_id = $1`, org).Scan(&n); err != nil {
			return fmt.Errorf("count events: %w", err)
		}
		if n != before {
			before, moved = n, time.Now()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
	return nil
}

// loadAverage is what the kernel says of the last one, five and fifteen minutes; "" where there is no such file.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}

// askPatience is how long a call is made again.
const askPatience = 3 * time.Minute

// pageAsker asks as the dashboard does, one call at a time.
type pageAsker struct{ url, key string }

// ask returns how long an answer took. A limit of requests is waited for, and not counted; what says to ask again is asked again, as the dashboard
// does, and all of it counts.
func (a pageAsker) ask(ctx context.Context, path string) (time.Duration, int, error) {
	var before time.Duration
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url+path, nil)
		if err != nil {
			return 0, 0, fmt.Errorf("ask %s: %w", path, err)
		}
		req.Header.Set("Authorization", "Bearer "+a.key)
		began := time.Now()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, 0, fmt.Errorf("ask %s: %w", path, err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		took := before + time.Since(began)
		switch {
		case err != nil:
			return 0, 0, fmt.Errorf("ask %s: %w", path, err)
		case res.StatusCode == http.StatusTooManyRequests:
			seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // 0 = it doesn't say
			select {
			case <-ctx.Done():
				return 0, 0, ctx.Err()
			case <-time.After(time.Duration(max(seconds, 1)) * time.Second):
			}
		case res.StatusCode == http.StatusServiceUnavailable && took < askPatience:
			before = took
		case res.StatusCode != http.StatusOK:
			return 0, 0, fmt.Errorf("ask %s: got %d %s", path, res.StatusCode, body)
		default:
			return took, len(body), nil
		}
	}
}
