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

// callersAt has them all at one moment, which the test may move.
func callersAt(t *testing.T, now *time.Time) callers {
	a := newAdmission()
	a.now = func() time.Time { return *now }
	return callers{t, a}
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
	c := callersAt(t, &time.Time{})
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
	const beside = timesCalmest * (ownWindow + 1) // the neighbour has five in a moment
	for range aloneWindow + ownWindow - beside {  // the flood has a smaller window now
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

func TestAFloodHasTwiceWhatTheCalmestHas(t *testing.T) {
	t.Parallel()
	for has, want := range map[int]int{1: 8, 4: 8, 5: 10, 7: 14, 8: 16, 100: 16} {
		c := callersAt(t, &time.Time{})
		for range has {
			(<-c.enter(calm, 100))() // one after the other is one at once
		}
		var in []chan func()
		for range has {
			in = append(in, c.enter(calm, 100))
		}
		for _, x := range in {
			(<-x)()
		}
		for range 100 {
			c.enter(flood, 100)
		}
		if n := c.sent(flood); n != want {
			t.Errorf("beside one that has %d at once, %d of a flood are on their way, want %d", has, n, want)
		}
	}
}

// Of many that ask for more than there is none is calm: their larger window makes larger batches.
func TestFloodsThatMeetShareTheLargerWindow(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	c := callersAt(t, &now)
	floods := []uuid.UUID{flood, {4}, {5}}
	for range 30 {
		for _, org := range floods {
			c.enter(org, 100)
		}
	}
	e := c.a.partitions[0]
	if w := e.window(now); w != sharedWindow {
		t.Errorf("the window of floods is %d", w)
	}
	(<-c.enter(calm, 100))()
	if w := e.window(now); w != timesCalmest*ownWindow {
		t.Errorf("the window of floods beside a calm one is %d", w)
	}
}

func TestWhoWasAFloodMayBeCalm(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	c := callersAt(t, &now)
	var in []chan func()
	for range 100 {
		in = append(in, c.enter(calm, 100))
	}
	for _, x := range in {
		(<-x)()
	}
	n := c.a.partitions[0].orgs[calm]
	for _, step := range []struct {
		after time.Duration
		has   int
	}{{0, 100}, {recent, 100}, {recent - 1, 100}, {1, 1}} {
		now = now.Add(step.after)
		(<-c.enter(calm, 100))()
		if has := n.had(now); has != step.has {
			t.Errorf("after %v it has had %d at once, want %d", now.Sub(time.Unix(0, 0)), has, step.has)
		}
	}
	if has := n.had(now.Add(2 * recent)); has != 0 {
		t.Errorf("who sends nothing has had %d at once", has)
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
	if w := a.partitions[0].window(now); w >= sharedWindow {
		t.Errorf("the window of two is %d", w)
	}
	now = now.Add(sharedFor + time.Second)
	leave, err := a.enter(t.Context(), 0, flood, 1)
	if err != nil {
		t.Fatal(err)
	}
	leave()
	if w := a.partitions[0].window(now); w != aloneWindow {
		t.Errorf("the window of one alone is %d", w)
	}
}
