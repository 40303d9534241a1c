package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/time/rate"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/ratelimit"
	"outrider/projections"
)

const (
	personPerMinute = 600              // of who has signed in, at least
	limitsFor       = 10 * time.Second // how long a plan's limit is remembered
	newcomers       = 60               // requests a minute while the organisation isn't in the projection yet
	mostTenants     = 10_000           // buckets in memory; beyond them the idle ones go
)

// SharedLimits count for all processes; *redis.Limits is one.
type SharedLimits interface {
	// Take takes cost tokens of a bucket that holds most, and gets as many back in a window; counted is false when it can't tell just now.
	Take(ctx context.Context, key string, most, cost int, window time.Duration) (t ratelimit.Taken, counted bool)
}

// CallCounter counts requests by organisation and billing period; *apiusage.Counter is one.
type CallCounter interface {
	Count(org uuid.UUID, period time.Time)
	Sums(ctx context.Context, org uuid.UUID) (map[int64]int64, error) // by the begin of the period, in µs
}

// limiter holds a token bucket for each organisation, and for each key with a limit of its own: the requests of a minute may come at once,
// then they come back evenly, in real time, whatever the clock of the organisations says. Where shared limits can tell, they do; else
// each api process counts by itself, up to its share.
type limiter struct {
	reads     *readSide  // knows the plans
	processes func() int // with the role api
	shared    SharedLimits
	calls     CallCounter
	clock     func() time.Time // of the organisations
	mu        sync.Mutex
	buckets   map[uuid.UUID]*bucket
}

type bucket struct {
	perMinute int64 // in all processes together; events.NoLimit = none
	processes int   // that it is shared by
	until     time.Time
	tokens    *rate.Limiter
	anchor    time.Time // of the organisation's billing periods; zero = not known yet
}

// share is how many requests a minute this process may take, and how many of them at once: one at least, where an
// organisation may have fewer than there are processes.
func (b *bucket) share() (perSecond rate.Limit, burst int) {
	all := max(b.perMinute, 0)
	return rate.Limit(float64(all) / 60 / float64(b.processes)), int(min(max(all/int64(b.processes), min(all, 1)), math.MaxInt32))
}

// setProcesses changes the share; tokens that are left stay, as far as they fit into it.
func (b *bucket) setProcesses(processes int, now time.Time) {
	b.processes = processes
	perSecond, burst := b.share()
	b.tokens.SetLimitAt(now, perSecond)
	b.tokens.SetBurstAt(now, burst)
}

// take takes cost tokens of this process' share, or all of them where it never has so many.
func (b *bucket) take(cost int, now time.Time) (t ratelimit.Taken) {
	cost = max(min(cost, b.tokens.Burst()), 1)
	t.OK = b.tokens.AllowN(now, cost)
	left := max(b.tokens.TokensAt(now), 0)
	need := 1.0
	if !t.OK {
		need = float64(cost)
	}
	t.Left = int(left)
	t.Wait = time.Duration(math.Ceil(max(need-left, 0) * float64(time.Minute) * float64(b.processes) / float64(max(b.perMinute, 1))))
	return t
}

func newLimiter(cfg Config, reads *readSide) *limiter {
	return &limiter{reads: reads, processes: cfg.Processes, shared: cfg.Shared, calls: cfg.Calls, clock: cfg.Now, buckets: map[uuid.UUID]*bucket{}}
}

// limitRate takes the request's tokens of the caller's key and organisation, or says when there are enough again. Platform keys have no limit.
func (l *limiter) limitRate(c *call) error {
	if c.who.Platform || c.who.Org == uuid.Nil { // who is a member of none may ask for little, and each costs nothing
		return nil
	}
	now := time.Now()
	b, err := l.bucketOf(c, now)
	if err != nil {
		return err
	}
	if c.who.PerMinute > 0 { // first: what a key may not ask for costs its organisation nothing
		if err := l.takeTokens(c, "key", "key:"+c.who.KeyID.String(), l.ownBucket(c.who.KeyID, int64(c.who.PerMinute), now), now); err != nil {
			return err
		}
	}
	if err := l.takeOfPlan(c, b, now); err != nil {
		return err
	}
	if l.calls != nil && !b.anchor.IsZero() {
		from, _ := aggregates.PeriodAt(b.anchor, l.clock())
		l.calls.Count(c.who.Org, from)
	}
	return nil
}

// takeOfPlan takes what a request costs out of what the plan allows. A plan counts what programs ask for: a page of the dashboard asks for a
// dozen things, and people have a bound of their own, which is the plan's where that is higher.
func (l *limiter) takeOfPlan(c *call, b *bucket, now time.Time) error {
	if c.who.KeyID != uuid.Nil || c.who.Person == uuid.Nil || b.perMinute == events.NoLimit {
		return l.takeTokens(c, "plan", "org:"+c.who.Org.String(), b, now)
	}
	return l.takeTokens(c, "person", "person:"+c.who.Person.String(), l.ownBucket(c.who.Person, max(b.perMinute, personPerMinute), now), now)
}

// takeTokens takes what a request costs out of a bucket, and says what is left in the answer.
func (l *limiter) takeTokens(c *call, policy, key string, b *bucket, now time.Time) error {
	if b.perMinute == events.NoLimit {
		return nil
	}
	taken, counted := ratelimit.Taken{}, "process"
	if l.shared != nil && b.perMinute > 0 {
		most := int(min(b.perMinute, math.MaxInt32))
		if t, ok := l.shared.Take(c.ctx, key, most, min(c.op.cost, most), time.Minute); ok {
			taken, counted = t, "all"
		}
	}
	if counted != "all" {
		taken = b.take(c.op.cost, now)
	}
	// draft-ietf-httpapi-ratelimit-headers: q requests in w seconds; r are left, t seconds until one more is. What is left of a share is
	// said of this process: with others beside it there may be more, and never less.
	limit := strconv.FormatInt(b.perMinute, 10)
	c.Append("RateLimit-Policy", `"`+policy+`";q=`+limit+`;w=60;counted=`+counted)
	c.Append("RateLimit", `"`+policy+`";r=`+strconv.Itoa(taken.Left)+`;t=`+strconv.FormatInt(int64(math.Ceil(taken.Wait.Seconds())), 10))
	if taken.OK {
		return nil
	}
	allowed := "the " + policy + " allows " + limit + " requests a minute"
	if policy == "person" {
		allowed = "who has signed in may make " + limit + " requests a minute"
	}
	p := newProblem(codeRateLimited, allowed)
	if c.op.cost > 1 {
		p = newProblem(codeRateLimited, allowed+", and this one counts as "+strconv.Itoa(c.op.cost))
	}
	p.Limit, p.Max, p.retry = "api_requests_per_minute", b.perMinute, max(taken.Wait, time.Second)
	return p
}

// bucketOf is that of the caller's organisation.
func (l *limiter) bucketOf(c *call, now time.Time) (*bucket, error) {
	processes := l.processes()
	b, fresh := l.findBucket(c.who.Org, processes, now)
	if fresh {
		return b, nil
	}
	perMinute, anchor, err := l.requestsPerMinute(c)
	if err != nil {
		return nil, err
	}
	until := now.Add(limitsFor)
	if anchor.IsZero() { // an unknown limit is looked up again by the next request
		until = now
	}
	return l.setBucket(c.who.Org, bucket{perMinute: perMinute, processes: processes, until: until, anchor: anchor}, now), nil
}

// ownBucket is that of a key, or a person, with a limit of its own.
func (l *limiter) ownBucket(id uuid.UUID, perMinute int64, now time.Time) *bucket {
	processes := l.processes()
	b, fresh := l.findBucket(id, processes, now)
	if fresh && b.perMinute == perMinute {
		return b
	}
	return l.setBucket(id, bucket{perMinute: perMinute, processes: processes, until: now.Add(limitsFor)}, now)
}

// requestsPerMinute is the organisation's limit, and where its billing periods begin: zero when it can't be seen yet.
func (l *limiter) requestsPerMinute(c *call) (perMinute int64, anchor time.Time, err error) {
	row, err := projections.ReadLimits(c.ctx, l.reads.pool, c.who.Org)
	if errors.Is(err, pgx.ErrNoRows) {
		return newcomers, anchor, nil
	}
	if err != nil {
		return 0, anchor, err
	}
	limits, err := limitsOf(row.Limits)
	return limits.APIRequestsPerMinute, row.Anchor, err
}

func limitsOf(stored json.RawMessage) (l events.Limits, err error) {
	if err := json.Unmarshal(stored, &l); err != nil {
		return l, fmt.Errorf("read limits: %w", err)
	}
	return l, nil
}

func (l *limiter) findBucket(id uuid.UUID, processes int, now time.Time) (b *bucket, fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b = l.buckets[id]
	if b != nil && b.processes != processes {
		b.setProcesses(processes, now)
	}
	return b, b != nil && now.Before(b.until)
}

// setBucket puts a bucket in the place of an older one, whose tokens stay if its limit does.
func (l *limiter) setBucket(id uuid.UUID, fresh bucket, now time.Time) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &fresh
	if old := l.buckets[id]; old != nil && old.perMinute == b.perMinute {
		b.tokens = old.tokens
		b.setProcesses(b.processes, now)
	} else {
		b.tokens = rate.NewLimiter(b.share())
		if len(l.buckets) >= mostTenants {
			l.dropIdle(now)
		}
	}
	l.buckets[id] = b
	return b
}

// dropIdle drops who hasn't asked for a minute: their buckets are full again.
func (l *limiter) dropIdle(now time.Time) {
	for id, b := range l.buckets {
		if now.After(b.until.Add(time.Minute)) {
			delete(l.buckets, id)
		}
	}
}
