package node

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"outrider/api"
	"outrider/internal/apiusage"
	"outrider/internal/redis"
)

// Limiting says where limits of requests are counted.
type Limiting struct {
	Redis string `help:"Redis, where all processes with the role api count limits of requests together: redis://user:password@host:6379/0, or rediss://. Without it each counts its share." placeholder:"URL"`
}

// Validate says what can't be so.
func (c Limiting) Validate() error {
	if c.Redis == "" {
		return nil
	}
	return redis.CheckURL(c.Redis)
}

// requests is how the role api counts what it is asked for.
type requests struct {
	shared *redis.Limits // nil = each process counts its share
	calls  *apiusage.Counter
}

// newRequests makes what counts requests. A Redis that can't be reached is waited for in the background.
func (n *Node) newRequests(ctx context.Context, c Limiting) (r requests, err error) {
	if c.Redis != "" {
		if r.shared, err = redis.Open(ctx, c.Redis, redis.Patience, n.log); err != nil {
			return r, err
		}
	}
	r.calls = apiusage.New(n.Pools.Identity)
	return r, nil
}

// sharedLimits is nil where there are none.
func (r requests) sharedLimits() api.SharedLimits {
	if r.shared == nil {
		return nil
	}
	return r.shared
}

// run writes counts down, and looks for a Redis that is gone, until ctx ends.
func (r requests) run(ctx context.Context, log *slog.Logger) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return r.calls.Run(ctx, func(err error) { log.Warn("requests are counted later", "error", err) })
	})
	if r.shared != nil {
		g.Go(func() error { return r.shared.Run(ctx) })
	}
	return g.Wait()
}

// end is for after the last request.
func (r requests) end(log *slog.Logger) {
	if r.calls != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := r.calls.Flush(ctx); err != nil {
			log.Warn("the last requests were not counted", "error", err)
		}
	}
	if r.shared != nil {
		_ = r.shared.Close() // nothing is in flight
	}
}

// describe says who counts limits of requests.
func (r requests) describe() string {
	switch {
	case r.shared == nil:
		return "each process counts its share"
	case r.shared.Gone() != nil:
		return "each process counts its share, as Redis can't be reached: " + r.shared.Gone().Error()
	}
	return "counted in Redis"
}

func (r requests) countedInRedis() int64 {
	if r.shared.Gone() != nil {
		return 0
	}
	return 1
}
