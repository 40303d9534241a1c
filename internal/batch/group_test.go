package batch

import (
	"context"
	"errors"
	"testing"
)

func TestWhoGivesUpDoesNotWaitForTheOthersWork(t *testing.T) {
	t.Parallel()
	begun, answer := make(chan struct{}), make(chan struct{})
	g := NewGroup(1, 2, func(ctx context.Context, _ string, items []int) ([]int, error) {
		close(begun)
		<-answer
		return items, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp, got := make(chan error), make(chan int)
	go func() {
		_, err := g.Do(ctx, "a", 1)
		gaveUp <- err
	}()
	<-begun // with one item: it waited for no other
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("gave up with %v", err)
	}
	close(answer)

	stays := NewGroup(1<<40, 2, func(ctx context.Context, _ string, items []int) ([]int, error) {
		return []int{items[0] * 10, items[1] * 10}, ctx.Err()
	})
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		_, err := stays.Do(ctx, "a", 1)
		gaveUp <- err
	}()
	for { // until the first is in
		stays.mu.Lock()
		in := stays.open["a"] != nil
		stays.mu.Unlock()
		if in {
			break
		}
	}
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("gave up with %v", err)
	}
	go func() {
		n, err := stays.Do(t.Context(), "a", 2)
		if err != nil {
			t.Error(err)
		}
		got <- n
	}()
	if n := <-got; n != 20 { // the work of who gave up is done all the same, and doesn't end with its context
		t.Errorf("got %d", n)
	}
}
