package consumers

import (
	"context"
	"errors"
	"testing"
)

func TestWhoGivesUpDoesNotWaitForTheOthersWork(t *testing.T) {
	t.Parallel()
	begun, answer := make(chan struct{}), make(chan struct{})
	g := gatherer[string, int, int]{most: 2, wait: 1, work: func(ctx context.Context, _ string, items []int) ([]int, error) {
		close(begun)
		<-answer
		return items, ctx.Err()
	}}
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp, got := make(chan error), make(chan int)
	go func() {
		_, err := g.do(ctx, "a", 1)
		gaveUp <- err
	}()
	<-begun // with one item: it waited for no other
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("gave up with %v", err)
	}
	close(answer)

	stays := gatherer[string, int, int]{most: 2, wait: 1 << 40, work: func(ctx context.Context, _ string, items []int) ([]int, error) {
		return []int{items[0] * 10, items[1] * 10}, ctx.Err()
	}}
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		_, err := stays.do(ctx, "a", 1)
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
		n, err := stays.do(t.Context(), "a", 2)
		if err != nil {
			t.Error(err)
		}
		got <- n
	}()
	if n := <-got; n != 20 { // the work of who gave up is done all the same, and doesn't end with its context
		t.Errorf("got %d", n)
	}
}
