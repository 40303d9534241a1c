package batch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// batches collects what was worked on together.
type batches struct {
	mu  sync.Mutex
	all [][]int
}

func (b *batches) double(_ context.Context, _ string, items []int) ([]int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, slices.Sorted(slices.Values(items)))
	out := make([]int, len(items))
	for i, n := range items {
		out[i] = 2 * n
	}
	return out, nil
}

func TestItemsOfOneKeyWithinTheWaitAreOneBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b batches
		g := NewGroup(10*time.Millisecond, 3, b.double)
		ask := func(key string, n int) {
			if got, err := g.Do(t.Context(), key, n); err != nil || got != 2*n {
				t.Errorf("asked %d: got %d, %v", n, got, err)
			}
		}
		var all sync.WaitGroup
		for _, n := range []int{1, 2} {
			all.Go(func() { ask("a", n) })
		}
		all.Go(func() { ask("b", 7) })
		time.Sleep(9 * time.Millisecond)
		synctest.Wait()
		if len(b.all) != 0 {
			t.Errorf("worked on %v before the wait was over", b.all)
		}
		all.Wait()
		for n := 3; n <= 5; n++ { // a full batch doesn't wait
			all.Go(func() { ask("a", n) })
		}
		synctest.Wait()
		if len(b.all) != 3 || !slices.Equal(b.all[2], []int{3, 4, 5}) {
			t.Errorf("worked on %v", b.all)
		}
		all.Wait()
	})
}

func TestAnErrorIsEverybodys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("down")
		g := NewGroup(time.Second, 0, func(context.Context, string, []int) ([]int, error) { return nil, down })
		var all sync.WaitGroup
		for n := range 3 {
			all.Go(func() {
				if _, err := g.Do(t.Context(), "a", n); !errors.Is(err, down) {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if len(g.open) != 0 {
			t.Errorf("%d batches are left open", len(g.open))
		}
	})
}
