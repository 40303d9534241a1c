package gateway

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

// callers enter one after the other; who waits is told of in turn.
type callers struct {
	t *testing.T
	a *admission
}

func (c callers) enter(org uuid.UUID, bytes int) chan func() {
	c.t.Helper()
	waits := c.waiting(org)
	in := make(chan func(), 1)
	sent := c.sent(org)
	go func() {
		leave, err := c.a.enter(context.WithoutCancel(c.t.Context()), 0, org, bytes) // some wait for ever
		if err != nil {
			c.t.Error(err)
		}
		in <- leave
	}()
	for c.waiting(org) == waits && c.sent(org) == sent { // until it waits or is in
		time.Sleep(time.Microsecond)
	}
	return in
}

func (c callers) waiting(org uuid.UUID) int {
	c.a.mu.Lock()
	defer c.a.mu.Unlock()
	if e := c.a.partitions[0]; e != nil {
		return e.ring.Waiting(org)
	}
	return 0
}

func (c callers) sent(org uuid.UUID) int {
	c.a.mu.Lock()
	defer c.a.mu.Unlock()
	if e := c.a.partitions[0]; e != nil && e.orgs[org] != nil {
		return e.orgs[org].sent
	}
	return 0
}

var flood, calm = uuid.UUID{1}, uuid.UUID{2}

func TestANeighbourIsLetInWhileAFloodWaits(t *testing.T) {
	t.Parallel()
	c := callers{t, newAdmission()}
	var sent, waiting []chan func()
	for n := range aloneWindow + 100 {
		if in := c.enter(flood, 100); n < aloneWindow {
			sent = append(sent, in)
		} else {
			waiting = append(waiting, in)
		}
	}
	if c.sent(flood) != aloneWindow || c.waiting(flood) != 100 {
		t.Fatalf("alone it has %d on their way, and %d wait", c.sent(flood), c.waiting(flood))
	}
	for range ownWindow {
		sent = append(sent, c.enter(calm, 100))
	}
	if c.sent(calm) != ownWindow {
		t.Errorf("of the neighbour %d are on their way while the flood waits", c.sent(calm))
	}
	for range aloneWindow - sharedWindow + ownWindow { // beside a neighbour the flood has a smaller window
		(<-sent[0])()
		sent = sent[1:]
	}
	if c.waiting(flood) != 100 {
		t.Errorf("%d of the flood wait, want all", c.waiting(flood))
	}
	fifth := c.enter(calm, 100)
	for range 2 { // two places: a turn each
		(<-sent[0])()
		sent = sent[1:]
	}
	if leave := <-fifth; leave == nil || c.waiting(flood) != 99 {
		t.Errorf("%d of the flood wait", c.waiting(flood))
	}
	for _, in := range append(sent, waiting...) {
		go func() { (<-in)() }()
	}
}

func TestAnImportsChunksWeighWhatTheyAre(t *testing.T) {
	t.Parallel()
	c := callers{t, newAdmission()}
	c.enter(calm, 1)
	first := c.enter(flood, 400<<10)
	second := c.enter(flood, 400<<10)
	if c.waiting(flood) != 1 {
		t.Fatal("two chunks are on their way beside a neighbour")
	}
	(<-first)()
	if leave := <-second; leave == nil {
		t.Fatal("the second isn't let in")
	}
}

func TestTooManyThatWaitAreBusy(t *testing.T) {
	t.Parallel()
	c := callers{t, newAdmission()}
	ctx, cancel := context.WithCancel(t.Context())
	for range aloneWindow + mostWaiting {
		c.enter(flood, 1)
	}
	if _, err := c.a.enter(ctx, 0, flood, 1); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	cancel()
	other := uuid.UUID{3}
	for range aloneWindow {
		if _, err := c.a.enter(t.Context(), 1, other, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.a.enter(ctx, 1, other, 1); !errors.Is(err, ErrBusy) || !errors.Is(err, context.Canceled) {
		t.Errorf("who doesn't wait: %v", err)
	}
}

func TestANeighbourThatSendsNothingIsForgotten(t *testing.T) {
	t.Parallel()
	a := newAdmission()
	now := time.Unix(0, 0)
	a.now = func() time.Time { return now }
	for _, org := range []uuid.UUID{calm, flood} {
		leave, err := a.enter(t.Context(), 0, org, 1)
		if err != nil {
			t.Fatal(err)
		}
		leave()
	}
	if w := a.partitions[0].window(); w != sharedWindow {
		t.Errorf("the window of two is %d", w)
	}
	now = now.Add(sharedFor + time.Second)
	leave, err := a.enter(t.Context(), 0, flood, 1)
	if err != nil {
		t.Fatal(err)
	}
	leave()
	if w := a.partitions[0].window(); w != aloneWindow {
		t.Errorf("the window of one alone is %d", w)
	}
}
