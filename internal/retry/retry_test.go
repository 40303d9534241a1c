package retry_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"outrider/internal/retry"
)

var errDown = errors.New("down")

func TestWaitsDoubleUpToTheLongest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at, waits []time.Duration
		begun := time.Now()
		err := retry.Do(t.Context(), retry.Policy{First: time.Second, Longest: 3 * time.Second, Attempts: 5, Report: func(_ error, wait time.Duration) { waits = append(waits, wait) }}, func() error {
			at = append(at, time.Since(begun))
			return errDown
		})
		if !errors.Is(err, errDown) {
			t.Errorf("got %v", err)
		}
		if want := []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second, 9 * time.Second}; !slices.Equal(at, want) {
			t.Errorf("tried at %v, want %v", at, want)
		}
		if want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second}; !slices.Equal(waits, want) {
			t.Errorf("told of waits %v, want %v", waits, want)
		}
	})
}

func TestNothingIsTriedAfterSuccessOrStop(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"success": nil, "stop": errDown} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tries := 0
			err := retry.Do(t.Context(), retry.Policy{First: time.Hour}, func() error {
				tries++
				if want == nil {
					return nil
				}
				return retry.Stop(want)
			})
			if tries != 1 || err != want { //nolint:errorlint // the error itself is returned
				t.Errorf("%d tries, got %v", tries, err)
			}
		})
	}
}

func TestTheContextEndsTheWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := retry.Do(ctx, retry.Policy{First: time.Hour, Report: func(error, time.Duration) { cancel() }}, func() error { return errDown })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTheOtherSideSaysHowLongToWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		begun := time.Now()
		err := retry.Do(t.Context(), retry.Policy{First: time.Second, Attempts: 2}, func() error {
			at = append(at, time.Since(begun))
			return retry.After(7*time.Second, errDown)
		})
		if want := []time.Duration{0, 7 * time.Second}; !errors.Is(err, errDown) || !slices.Equal(at, want) {
			t.Errorf("tried at %v, want %v; got %v", at, want, err)
		}
	})
}
