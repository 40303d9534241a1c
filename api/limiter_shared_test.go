package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"

	"outrider/api"
	"outrider/internal/apiusage"
	"outrider/internal/redis"
)

// TestProcessesShareAPlan counts what two servers let through together, against what a plan allows in the time that it took.
func TestProcessesShareAPlan(t *testing.T) {
	t.Parallel()
	const plan, some = 60, 40
	w := build(t)
	var processes atomic.Int64
	processes.Store(1)
	for range 2 {
		w.serve(func(c *api.Config) {
			small := c.Plans["enterprise"]
			small.APIRequestsPerMinute = plan
			c.Plans = map[string]eventsLimits{"small": small}
			c.Processes = func() int { return int(processes.Load()) }
		})
	}
	c := w.tenant("small")
	began := time.Now() // whatever is used from now on comes out of two full buckets, or of less
	ask := func(at string) (allowed bool, limit string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+"/v1/plans", nil)
		check(t, err)
		r.Header.Set("Authorization", "Bearer "+c.key)
		res, err := http.DefaultClient.Do(r)
		check(t, err)
		check(t, res.Body.Close())
		if got := res.Header.Get("RateLimit-Policy"); got != `"plan";q=60;w=60;counted=process` {
			t.Fatalf("the policy is the organisation's, whoever answers: got %q", got)
		}
		return res.StatusCode == http.StatusOK, res.Header.Get("RateLimit")
	}
	processes.Store(2)
	took := 0
	for i := range 4 * plan {
		if allowed, left := ask(w.urls[i%2]); allowed {
			took++
		} else if !strings.HasPrefix(left, `"plan";r=0;t=`) {
			t.Errorf("refused with %s", left)
		}
	}
	// Half a bucket each, and what has come back since, whatever the machine is busy with.
	if most := plan + int(time.Since(began).Minutes()*plan) + 1; took > most {
		t.Errorf("two processes let %d requests through, of a plan that allows %d", took, most)
	}
	if took < some { // w.tenant used a few of one
		t.Errorf("two processes let %d requests through, of a plan that allows %d", took, plan)
	}
}

// small is a server's plans: one, of 60 requests a minute.
func small(c *api.Config) {
	plan := c.Plans["enterprise"]
	plan.APIRequestsPerMinute = 60
	c.Plans = map[string]eventsLimits{"small": plan}
}

// inRedis lets a server count in a Redis.
func inRedis(t *testing.T, server *miniredis.Miniredis) func(*api.Config) {
	t.Helper()
	limits, err := redis.Open(t.Context(), "redis://"+server.Addr(), time.Minute, slog.New(slog.DiscardHandler))
	check(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- limits.Run(ctx) }()
	t.Cleanup(func() { stop(); check(t, <-done); check(t, limits.Close()) })
	return func(c *api.Config) { small(c); c.Shared, c.Processes = limits, func() int { return 2 } }
}

// ask asks one of the servers.
func (c *client) ask(at int, method, path string, body any) answer {
	c.t.Helper()
	c.mu.Lock()
	url := c.urls[at]
	all := c.urls
	c.urls = []string{url}
	c.mu.Unlock()
	defer func() { c.mu.Lock(); c.urls = all; c.mu.Unlock() }()
	return c.do(method, path, body)
}

// Two processes and a Redis: of 60 requests a minute 60 are let through, not 120. Without it each has its share, and says so.
func TestProcessesShareAPlanInRedis(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	server.SetTime(now) // stands still, so that nothing comes back
	w := build(t)
	for range 2 {
		w.serve(inRedis(t, server))
	}
	c := w.tenant("small")
	server.FlushAll() // what making it took
	took, refused := 0, 0
	for i := range 120 {
		a := c.ask(i%2, "GET", "/v1/plans", nil)
		if got := a.header.Get("RateLimit-Policy"); got != `"plan";q=60;w=60;counted=all` {
			t.Fatalf("policy %q", got)
		}
		switch a.status {
		case 200:
			took++
		case 429:
			refused++
			if a.header.Get("RateLimit") != `"plan";r=0;t=1` || a.header.Get("Retry-After") != "1" || a.text("code") != "rate_limited" {
				t.Fatalf("refused with %v %s", a.header, a.body)
			}
		}
	}
	if took != 60 || refused != 60 {
		t.Errorf("%d were let through and %d refused, of 60 a minute", took, refused)
	}
	server.FastForward(time.Minute)
	server.SetTime(now.Add(time.Minute))
	if a := c.ask(0, "POST", "/v1/reconciliation", nil); a.header.Get("RateLimit") != `"plan";r=50;t=0` {
		t.Errorf("a costly request: %v", a.header)
	}
	tries, got := 0, map[int]int{}
	for i := range 130 { // by address, whoever is asked
		if a := (&client{world: w}).ask(i%2, "POST", "/v1/auth/invitation", obj{"token": "orl_x"}); a.status != 429 {
			tries++
			got[a.status]++
		}
	}
	if tries != 60 {
		t.Errorf("an address may try %d times: %v", tries, got)
	}
	server.Close()
	if a := c.ask(0, "GET", "/v1/plans", nil); a.status != 200 || a.header.Get("RateLimit-Policy") != `"plan";q=60;w=60;counted=process` {
		t.Errorf("without Redis: %d %v", a.status, a.header)
	}
	check(t, server.Restart())
	for late := time.Now().Add(5 * time.Minute); c.ask(0, "GET", "/v1/me", nil).header.Get("RateLimit-Policy") != `"plan";q=60;w=60;counted=all`; {
		if time.Now().After(late) {
			t.Fatal("it never counts in Redis again")
		}
	}
}

// Requests are counted by organisation, whichever process answers them, and refused ones aren't.
func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	w := build(t)
	counters := []*apiusage.Counter{apiusage.New(w.db.Pools.Identity), apiusage.New(w.db.Pools.Identity)}
	for _, counter := range counters {
		w.serve(func(c *api.Config) { small(c); c.Calls = counter })
	}
	c := w.tenant("small")
	usage := func() int64 {
		t.Helper()
		for _, counter := range counters {
			check(t, counter.Flush(t.Context()))
		}
		return int64(c.ask(0, "GET", "/v1/usage", nil).json["api_calls"].(float64))
	}
	before := usage()
	for i := range 6 {
		c.ask(i%2, "GET", "/v1/plans", nil)
	}
	if got := usage(); got != before+7 { // the one that asks is counted before it reads
		t.Errorf("%d are counted, after %d", got, before)
	}
	w.operator().ok("GET", "/v1/organizations/"+c.org.String(), nil)
	w.nobody().do("GET", "/v1/plans", nil)
	before = usage()
	let := int64(0)
	for range 100 {
		if a := c.ask(0, "GET", "/v1/plans", nil); a.status == 200 {
			let++
		}
	}
	from := time.Time{}
	check(t, from.UnmarshalText([]byte(w.period(c))))
	check(t, counters[0].Flush(t.Context()))
	if got, err := counters[1].Sums(t.Context(), c.org); err != nil || got[from.UnixMicro()] != before+let || let == 100 {
		t.Errorf("%d are counted after %d, of which %d were let through: %v", got, before, let, err)
	}
	if got, _ := counters[1].Sums(t.Context(), uuid.New()); len(got) != 0 {
		t.Errorf("another has %d", got)
	}
}

// period is when the organisation's billing period began.
func (w *world) period(c *client) string {
	w.t.Helper()
	var from time.Time
	check(w.t, w.db.Pools.Projector.QueryRow(w.t.Context(), `select billing_anchor from read.organizations where org_id = $1`, c.org).Scan(&from))
	return from.UTC().Format(time.RFC3339Nano)
}
