package ratelimit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSlotsAreGivenInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSlots[string](func() int { return 1 }, 2)
		first, err := s.Acquire(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		other, err := s.Acquire(t.Context(), "b")
		if err != nil {
			t.Fatal("one key waits for another")
		}
		other()
		var order []int
		for i := range 2 {
			go func() {
				release, err := s.Acquire(t.Context(), "a")
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, i)
				release()
				release() // twice is once
			}()
			synctest.Wait()
		}
		if _, err := s.Acquire(t.Context(), "a"); !errors.Is(err, ErrBusy) {
			t.Errorf("a fourth: %v", err)
		}
		first()
		synctest.Wait()
		if len(order) != 2 || order[0] != 0 {
			t.Errorf("order %v", order)
		}
		if len(s.keys) != 0 {
			t.Errorf("%d keys are remembered", len(s.keys))
		}
	})
}

func TestWhoGivesUpTakesNoSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSlots[int](func() int { return 1 }, 5)
		release, err := s.Acquire(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Acquire(ctx, 1); !errors.Is(err, ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		release()
		if again, err := s.Acquire(t.Context(), 1); err != nil {
			t.Error(err)
		} else {
			again()
		}
		if len(s.keys) != 0 {
			t.Errorf("%d keys are remembered", len(s.keys))
		}
	})
}
