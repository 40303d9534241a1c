package identity

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Throttle slows down who guesses passwords, over all processes. It never shuts a person out for good: what counts against an account
// from anywhere costs seconds, only what counts against the address that the guesses come from costs minutes.
type Throttle struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// NewThrottle takes a pool that connects as outrider_identity; now nil means time.Now.
func NewThrottle(pool *pgxpool.Pool, now func() time.Time) *Throttle {
	if now == nil {
		now = time.Now
	}
	return &Throttle{pool, now}
}

// ThrottledError says when one may try again.
type ThrottledError struct{ Retry time.Duration }

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many failed attempts; try again in %s", e.Retry)
}

// throttleRule bounds one way of guessing: after free failures each one waits twice as long as the one before, at most most.
type throttleRule struct {
	what [sha256.Size]byte
	free int
	most time.Duration
}

func throttleRules(email, address string) []throttleRule {
	key := func(kind, of string) [sha256.Size]byte { return sha256.Sum256([]byte(kind + "\x00" + of)) }
	return []throttleRule{
		{key("pair", email+"\x00"+address), 5, 15 * time.Minute},
		{key("account", email), 10, 5 * time.Second},
		{key("address", address), 30, 15 * time.Minute},
	}
}

// forgetFailures is how long a failure counts.
const forgetFailures = 24 * time.Hour

// Check returns a *ThrottledError while nobody is let try.
func (t *Throttle) Check(ctx context.Context, email, address string) error {
	var whats [][]byte
	for _, r := range throttleRules(email, address) {
		whats = append(whats, r.what[:])
	}
	var until *time.Time
	now := t.now()
	if err := t.pool.QueryRow(ctx, `select max(until) from identity.sign_in_failures where what = any($1)`, whats).Scan(&until); err != nil {
		return fmt.Errorf("read failed sign-ins: %w", err)
	}
	if until != nil && now.Before(*until) {
		return &ThrottledError{until.Sub(now).Round(time.Second) + time.Second}
	}
	return nil
}

// Failed counts a failure.
func (t *Throttle) Failed(ctx context.Context, email, address string) error {
	now := t.now()
	for _, r := range throttleRules(email, address) {
		var failures int
		err := t.pool.QueryRow(ctx, `insert into identity.sign_in_failures as f (what, failures, until, last_at) values ($1, 1, $2, $2)
			on conflict (what) do update set failures = case when f.last_at < $3 then 1 else f.failures + 1 end, last_at = $2 returning failures`, r.what[:], now, now.Add(-forgetFailures)).Scan(&failures)
		if err == nil && failures > r.free {
			wait := min(r.most, time.Duration(math.Exp2(float64(min(failures-r.free, 30))))*time.Second/2)
			_, err = t.pool.Exec(ctx, `update identity.sign_in_failures set until = $2 where what = $1`, r.what[:], now.Add(wait))
		}
		if err != nil {
			return fmt.Errorf("count failed sign-in: %w", err)
		}
	}
	return nil
}

// Succeeded forgets what counted against the account.
func (t *Throttle) Succeeded(ctx context.Context, email, address string) error {
	rules := throttleRules(email, address)
	_, err := t.pool.Exec(ctx, `delete from identity.sign_in_failures where what = any($1) or last_at < $2`, [][]byte{rules[0].what[:], rules[1].what[:]}, t.now().Add(-forgetFailures))
	if err != nil {
		return fmt.Errorf("forget failed sign-ins: %w", err)
	}
	return nil
}
