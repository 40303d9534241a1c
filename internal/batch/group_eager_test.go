package batch

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// startEager asks an eager group for 1 and, while that is worked on for a second, for the numbers up to last.
func startEager(t *testing.T, b *batches, wait time.Duration, limit, last int) (ended func()) {
	t.Helper()
	g := NewEagerGroup(wait, limit, func(ctx context.Context, key string, items []int) ([]int, error) {
		out, err := b.double(ctx, key, items)
		time.Sleep(time.Second)
		return out, err
	})
	var all sync.WaitGroup
	for n := 1; n <= last; n++ {
		all.Go(func() {
			if got, err := g.Do(t.Context(), "a", n); err != nil || got != 2*n {
				t.Errorf("asked %d: got %d, %v", n, got, err)
			}
		})
		synctest.Wait()
	}
	return func() {
		all.Wait()
		if len(g.open) != 0 {
			t.Errorf("%d keys are left open", len(g.open))
		}
	}
}

func (b *batches) expect(t *testing.T, want ...[]int) {
	t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.EqualFunc(b.all, want, slices.Equal) {
		t.Errorf("worked on %v, want %v", b.all, want)
	}
}

func TestAnEagerGroupCollectsWhileItWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b batches
		ended := startEager(t, &b, 0, 3, 5)
		b.expect(t, []int{1}) // at once, and the others behind it, even when they are enough for a batch
		time.Sleep(time.Second)
		b.expect(t, []int{1}, []int{2, 3, 4})
		time.Sleep(time.Second)
		b.expect(t, []int{1}, []int{2, 3, 4}, []int{5})
		ended()
	})
}

func TestAnEagerBatchDoesNotWaitForever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b batches
		ended := startEager(t, &b, 10*time.Millisecond, 3, 5)
		b.expect(t, []int{1}, []int{2, 3, 4}) // a full one doesn't wait
		time.Sleep(9 * time.Millisecond)
		b.expect(t, []int{1}, []int{2, 3, 4})
		time.Sleep(time.Millisecond)
		b.expect(t, []int{1}, []int{2, 3, 4}, []int{5})
		ended()
	})
}

func TestAnEagerBatchGoesWhenThatBeforeItIsDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b batches
		ended := startEager(t, &b, time.Minute, 0, 3)
		time.Sleep(time.Second)
		b.expect(t, []int{1}, []int{2, 3})
		ended()
	})
}
