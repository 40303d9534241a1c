package api

import (
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

	"outrider/events"
	"outrider/projections"
)

const (
	limitsFor   = 10 * time.Second // how long a plan's limit is remembered
	newcomers   = 60               // requests a minute while the organisation isn't in the projection yet
	mostTenants = 10_000           // buckets in memory; beyond them the idle ones go
)

// limiter holds a token bucket for each organisation: a plan's requests of a minute may come at once, then they come back
// evenly, in real time, whatever the clock of the organisations says. Each api process counts by itself, up to its share.
type limiter struct {
	reads     *readSide  // knows the plans
	processes func() int // with the role api
	mu        sync.Mutex
	orgs      map[uuid.UUID]*bucket
}

type bucket struct {
	perMinute int64 // of the organisation, in all processes together; events.NoLimit = none
	processes int   // that it is shared by
	until     time.Time
	tokens    *rate.Limiter
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

func newLimiter(reads *readSide, processes func() int) *limiter {
	return &limiter{reads: reads, processes: processes, orgs: map[uuid.UUID]*bucket{}}
}

// limitRate takes a token of the caller's organisation, or says when there is one again. Platform keys have no limit.
func (l *limiter) limitRate(c *call) error {
	if c.who.Platform || c.who.Org == uuid.Nil { // who is a member of none may ask for little, and each costs nothing
		return nil
	}
	now := time.Now()
	processes := l.processes()
	b, fresh := l.findBucket(c.who.Org, processes, now)
	if !fresh {
		perMinute, known, err := l.requestsPerMinute(c)
		if err != nil {
			return err
		}
		until := now // an unknown limit is looked up again by the next request
		if known {
			until = now.Add(limitsFor)
		}
		b = l.setBucket(c.who.Org, perMinute, processes, now, until)
	}
	if b.perMinute == events.NoLimit {
		return nil
	}
	ok := b.tokens.AllowN(now, 1)
	left := max(b.tokens.TokensAt(now), 0)
	wait := time.Duration(math.Ceil((1 - min(left, 1)) * float64(time.Minute) * float64(processes) / float64(max(b.perMinute, 1))))
	// draft-ietf-httpapi-ratelimit-headers: q requests in w seconds; r are left, t seconds until one more is. What is left is
	// said of this process: with others beside it there may be more, and never less.
	limit := strconv.FormatInt(b.perMinute, 10)
	c.Set("RateLimit-Policy", `"plan";q=`+limit+`;w=60`)
	c.Set("RateLimit", `"plan";r=`+strconv.FormatInt(int64(left), 10)+`;t=`+strconv.FormatInt(int64(math.Ceil(wait.Seconds())), 10))
	if ok {
		return nil
	}
	p := newProblem(codeRateLimited, "the plan allows "+limit+" requests a minute")
	p.Limit, p.Max, p.retry = "api_requests_per_minute", b.perMinute, max(wait, time.Second)
	return p
}

func (l *limiter) requestsPerMinute(c *call) (perMinute int64, known bool, err error) {
	var row *projections.Organization
	err = l.reads.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetOrganization(c.ctx, tx, c.who.Org)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return newcomers, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	limits, err := limitsOf(row)
	return limits.APIRequestsPerMinute, true, err
}

func limitsOf(row *projections.Organization) (l events.Limits, err error) {
	if err := json.Unmarshal(row.Limits, &l); err != nil {
		return l, fmt.Errorf("read limits: %w", err)
	}
	return l, nil
}

func (l *limiter) findBucket(org uuid.UUID, processes int, now time.Time) (b *bucket, fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b = l.orgs[org]
	if b != nil && b.processes != processes {
		b.setProcesses(processes, now)
	}
	return b, b != nil && now.Before(b.until)
}

func (l *limiter) setBucket(org uuid.UUID, perMinute int64, processes int, now, until time.Time) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &bucket{perMinute: perMinute, processes: processes, until: until}
	if old := l.orgs[org]; old != nil && old.perMinute == perMinute {
		b.tokens = old.tokens
		b.setProcesses(processes, now)
	} else {
		b.tokens = rate.NewLimiter(b.share())
		if len(l.orgs) >= mostTenants {
			l.dropIdle(now)
		}
	}
	l.orgs[org] = b
	return b
}

// dropIdle drops who hasn't asked for a minute: their buckets are full again.
func (l *limiter) dropIdle(now time.Time) {
	for org, b := range l.orgs {
		if now.After(b.until.Add(time.Minute)) {
			delete(l.orgs, org)
		}
	}
}
