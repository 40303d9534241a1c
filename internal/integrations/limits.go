package integrations

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"outrider/internal/ratelimit"
	"outrider/internal/retry"
)

// Shared counts for all processes; *redis.Limits is one.
type Shared interface {
	Take(ctx context.Context, key string, most, cost int, window time.Duration) (t ratelimit.Taken, counted bool)
}

// Rate is how often something may be asked for.
type Rate struct {
	Most   int
	Window time.Duration
}

// Limiter keeps to what an account may be asked. All processes count together where there is a Shared; else each counts by itself. A connection is worked on by
// one process at a time, so that is the same unless two connections lead to one account.
type Limiter struct {
	shared Shared // nil = none

	mu    sync.Mutex
	local map[string]*rate.Limiter
}

// mostLimited bounds the accounts that are remembered.
const mostLimited = 10_000

// NewLimiter takes nil for none that is shared.
func NewLimiter(shared Shared) *Limiter {
	return &Limiter{shared: shared, local: map[string]*rate.Limiter{}}
}

// Wait returns when an account may be asked once more.
func (l *Limiter) Wait(ctx context.Context, account string, r Rate) error {
	for l.shared != nil && ctx.Err() == nil {
		t, counted := l.shared.Take(ctx, "integration:"+account, r.Most, 1, r.Window)
		if !counted {
			break
		}
		if t.OK {
			return nil
		}
		if err := retry.Sleep(ctx, max(t.Wait, 10*time.Millisecond)); err != nil {
			return err
		}
	}
	return l.of(account, r).Wait(ctx) //nolint:wrapcheck // the context's
}

func (l *Limiter) of(account string, r Rate) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	is, ok := l.local[account]
	if !ok {
		if len(l.local) >= mostLimited {
			clear(l.local)
		}
		is = rate.NewLimiter(rate.Limit(float64(r.Most)/r.Window.Seconds()), r.Most)
		l.local[account] = is
	}
	return is
}
