// Package retry repeats what failed for now, with waits that double.
package retry

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Policy says how often something is tried.
type Policy struct {
	First    time.Duration                       // wait after the first attempt; each further one is twice as long
	Longest  time.Duration                       // wait; 0 = no bound
	Attempts uint                                // 0 = any number
	For      time.Duration                       // nothing is tried that would begin later; 0 = until the context ends
	Report   func(err error, wait time.Duration) // told before each wait; may be nil
}

// Do calls work until it succeeds, gives up (see Stop) or was tried often or long enough, and returns its last error; the context's when that
// ends while it waits.
func Do(ctx context.Context, p Policy, work func() error) error {
	longest := p.Longest
	if longest == 0 {
		longest = 1 << 62
	}
	waits := &backoff.ExponentialBackOff{InitialInterval: p.First, Multiplier: 2, MaxInterval: longest}
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, work() },
		backoff.WithBackOff(waits), backoff.WithMaxTries(p.Attempts), backoff.WithMaxElapsedTime(p.For), backoff.WithNotify(func(err error, wait time.Duration) {
			if p.Report != nil {
				p.Report(err, wait)
			}
		}))
	return err
}

// Sleep waits for d, or until the context ends; then it returns its error.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Stop marks an error that another attempt won't mend; Do returns err itself.
func Stop(err error) error { return backoff.Permanent(err) }

// Stopped reports whether an error is marked by Stop.
func Stopped(err error) bool {
	var permanent *backoff.PermanentError
	return errors.As(err, &permanent)
}

// After marks an error whose next attempt is to wait for as long as the other side says.
func After(wait time.Duration, err error) error {
	return errors.Join(err, &backoff.RetryAfterError{Duration: wait})
}
