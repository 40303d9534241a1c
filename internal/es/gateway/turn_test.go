package gateway

import (
	"context"
	"errors"
	"testing"

	"outrider/internal/es"
	"outrider/internal/kafka"
)

func TestATurnIsOfTheFirstCommandThatIsSentWithIt(t *testing.T) {
	t.Parallel()
	g := &Gateway{cfg: Config{Log: kafka.Log{Partitions: 1}}, admission: newAdmission()}
	c := callers{t, g.admission}
	ctx, release, err := g.TakeTurn(t.Context(), flood, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if n := c.sent(flood); n != 1 {
		t.Fatalf("a turn weighs %d", n)
	}
	foreign, err := g.enter(ctx, &es.Command{Org: calm})
	if err != nil || c.sent(calm) != 1 || c.sent(flood) != 1 {
		t.Errorf("another organisation's command takes it: %v", err)
	}
	foreign()
	first, err := g.enter(ctx, &es.Command{Org: flood})
	if err != nil || c.sent(flood) != 1 {
		t.Errorf("the first command waits for a place of its own: %v, %d", err, c.sent(flood))
	}
	release() // is the command's now
	if n := c.sent(flood); n != 1 {
		t.Errorf("a command that isn't answered has given its place back: %d", n)
	}
	second, err := g.enter(ctx, &es.Command{Org: flood})
	if err != nil || c.sent(flood) != 2 {
		t.Errorf("the second has the place of the first: %v, %d", err, c.sent(flood))
	}
	first()
	second()
	_, unused, err := g.TakeTurn(t.Context(), flood, 1)
	if err != nil {
		t.Fatal(err)
	}
	unused()
	unused() // counts once
	if n := c.sent(flood); n != 0 {
		t.Errorf("in the end %d are on their way", n)
	}
}

func TestWhoHasNoTurnIsBusyBeforeTheWork(t *testing.T) {
	t.Parallel()
	g := &Gateway{cfg: Config{Log: kafka.Log{Partitions: 1}}, admission: newAdmission()}
	c := callers{t, g.admission}
	for range aloneWindow {
		c.enter(flood, 1)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := g.TakeTurn(ctx, flood, 1); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	if _, release, err := g.TakeTurn(t.Context(), calm, 1); err == nil {
		release()
	} else {
		t.Errorf("a neighbour has no turn: %v", err)
	}
}
