// Package redis counts in one place what all processes share a limit of.
package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"outrider/internal/ratelimit"
)

const (
	// Patience is how long a request usually waits for an answer; after that it is counted elsewhere.
	Patience = 500 * time.Millisecond
	// probeEvery is how often it is tried whether Redis is back.
	probeEvery = time.Second
	prefix     = "outrider:"
)

// Limits are token buckets that lie in Redis. While it can't be reached, Take says so at once, and Run finds out when it is back.
type Limits struct {
	client   *goredis.Client
	limiter  *redis_rate.Limiter
	logger   *slog.Logger
	patience time.Duration

	mu   sync.Mutex
	gone error // nil = it answers
}

// CheckURL says what is wrong with the URL of a Redis.
func CheckURL(url string) error {
	if _, err := goredis.ParseURL(url); err != nil {
		return fmt.Errorf("--redis must be a URL like redis://user:password@host:6379/0 or rediss://: %w", err)
	}
	return nil
}

// Open takes redis://user:password@host:6379/0, or rediss:// for TLS, and how long a request waits for it. A Redis that doesn't answer is
// no error: see Gone.
func Open(ctx context.Context, url string, patience time.Duration, logger *slog.Logger) (*Limits, error) {
	if err := CheckURL(url); err != nil {
		return nil, err
	}
	o, err := goredis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("read the URL of Redis: %w", err)
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = patience, patience, patience, patience
	o.MaxRetries, o.ContextTimeoutEnabled = -1, true
	logging.Disable() // what fails is reported by us, once
	client := goredis.NewClient(o)
	l := &Limits{client: client, limiter: redis_rate.NewLimiter(client), logger: logger, patience: patience}
	l.note(l.probe(ctx))
	return l, nil
}

// Close ends the connections.
func (l *Limits) Close() error { return l.client.Close() }

// Gone returns why Redis can't be reached, or nil.
func (l *Limits) Gone() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone
}

// Take takes cost tokens of a bucket that holds most, and gets as many back in a window, by the clock of Redis: one script, run once.
// counted is false when nobody could be asked.
func (l *Limits) Take(ctx context.Context, key string, most, cost int, window time.Duration) (t ratelimit.Taken, counted bool) {
	if l.Gone() != nil {
		return t, false
	}
	t, err := l.take(ctx, key, most, cost, window)
	if err != nil {
		if ctx.Err() == nil { // not because the caller has gone
			l.note(err)
		}
		return t, false
	}
	return t, true
}

func (l *Limits) take(ctx context.Context, key string, most, cost int, window time.Duration) (t ratelimit.Taken, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.patience)
	defer cancel()
	limit := redis_rate.Limit{Rate: most, Burst: most, Period: window}
	r, err := l.limiter.AllowN(ctx, prefix+key, limit, cost)
	if err == nil && r.ResetAfter > window+time.Second { // a full bucket's worth is the most that a right clock leaves: that of Redis was put back
		if err = l.limiter.Reset(ctx, prefix+key); err == nil {
			r, err = l.limiter.AllowN(ctx, prefix+key, limit, cost)
		}
	}
	if err != nil {
		return t, fmt.Errorf("count in Redis: %w", err)
	}
	t = ratelimit.Taken{OK: r.Allowed > 0, Left: r.Remaining, Wait: max(r.RetryAfter, 0)}
	if t.OK && t.Left == 0 { // one more is there when the bucket lacks all but one
		t.Wait = max(r.ResetAfter-window*time.Duration(most-1)/time.Duration(most), 0)
	}
	return t, nil
}

// probe tries what Take does: a Redis that is full, or only a copy of another, answers a ping and counts nothing.
func (l *Limits) probe(ctx context.Context) error {
	_, err := l.take(ctx, "probe", 1000, 1, time.Second)
	return err
}

// note remembers whether Redis answers, and says when that changes.
func (l *Limits) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.gone
	l.gone = err
	switch {
	case err != nil && before == nil:
		l.logger.Warn("Redis can't be reached: each process limits requests to its share by itself until it is back", "error", err)
	case err == nil && before != nil:
		l.logger.Info("Redis is back: requests are limited in all processes together")
	}
}

// Run finds out when a Redis that is gone is back, until ctx ends.
func (l *Limits) Run(ctx context.Context) error {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if l.Gone() == nil {
				continue
			}
			if err := l.probe(ctx); ctx.Err() == nil {
				l.note(err)
			}
		}
	}
}

// Probe asks a Redis for its version and whether it counts, for who looks an installation over.
func Probe(ctx context.Context, url string) (version string, err error) {
	l, err := Open(ctx, url, Patience, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.Gone(); err != nil {
		return "", err
	}
	info, err := l.client.InfoMap(ctx, "server").Result()
	if version = info["Server"]["redis_version"]; err != nil || version == "" {
		return "unknown", nil // it may not be let ask, and counts all the same
	}
	return version, nil
}
