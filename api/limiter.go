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
// evenly, in real time, whatever the clock of the organisations says. Each process counts by itself.
type limiter struct {
	mu   sync.Mutex
	orgs map[uuid.UUID]*bucket
}

type bucket struct {
	perMinute int64 // events.NoLimit = none
	until     time.Time
	tokens    *rate.Limiter
}

func newLimiter() *limiter { return &limiter{orgs: map[uuid.UUID]*bucket{}} }

// limitRate takes a token of the caller's organisation, or says when there is one again. Platform keys have no limit.
func (s *Server) limitRate(c *call) error {
	if c.who.Platform {
		return nil
	}
	now := time.Now()
	b, fresh := s.limits.findBucket(c.who.Org, now)
	if !fresh {
		perMinute, known, err := s.requestsPerMinute(c)
		if err != nil {
			return err
		}
		until := now // an unknown limit is looked up again by the next request
		if known {
			until = now.Add(limitsFor)
		}
		b = s.limits.setBucket(c.who.Org, perMinute, now, until)
	}
	if b.perMinute == events.NoLimit {
		return nil
	}
	ok := b.tokens.AllowN(now, 1)
	left := max(b.tokens.TokensAt(now), 0)
	wait := time.Duration(math.Ceil((1 - min(left, 1)) * float64(time.Minute) / float64(max(b.perMinute, 1))))
	// draft-ietf-httpapi-ratelimit-headers: q requests in w seconds; r are left, t seconds until one more is.
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

func (s *Server) requestsPerMinute(c *call) (perMinute int64, known bool, err error) {
	var row *projections.Organization
	err = s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetOrganization(c.ctx, tx, c.who.Org)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return newcomers, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	l, err := limitsOf(row)
	return l.APIRequestsPerMinute, true, err
}

func limitsOf(row *projections.Organization) (l events.Limits, err error) {
	if err := json.Unmarshal(row.Limits, &l); err != nil {
		return l, fmt.Errorf("read limits: %w", err)
	}
	return l, nil
}

func (l *limiter) findBucket(org uuid.UUID, now time.Time) (b *bucket, fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b = l.orgs[org]
	return b, b != nil && now.Before(b.until)
}

func (l *limiter) setBucket(org uuid.UUID, perMinute int64, now, until time.Time) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &bucket{perMinute: perMinute, until: until}
	if old := l.orgs[org]; old != nil && old.perMinute == perMinute {
		b.tokens = old.tokens
	} else {
		b.tokens = rate.NewLimiter(rate.Limit(float64(max(perMinute, 0))/60), int(min(max(perMinute, 0), math.MaxInt32)))
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
