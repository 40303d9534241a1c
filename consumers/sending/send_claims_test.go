package sending

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
)

func newIDs(n int) (out []uuid.UUID) {
	for range n {
		out = append(out, es.NewID())
	}
	return out
}

func TestNoMoreIsClaimedOfAMailboxThanHasRoom(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	claim := func(of uuid.UUID, messages []uuid.UUID) error {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // far longer than a claim takes; one without room takes for ever
		defer cancel()
		_, err := p.send.Claim(ctx, p.Org, of, messages, time.Now())
		return err
	}
	e := p.claimed(t, 30*time.Second) // one
	if err := claim(p.Box.ID, newIDs(maxInFlight-1)); err != nil {
		t.Fatal(err)
	}
	if err := claim(p.Box.ID, newIDs(1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("beyond the bound: got %v", err)
	}
	if n := len(reactortest.Of[commands.ClaimMessages](t, p.Boundary)); n != 2 {
		t.Errorf("%d claims were sent, want 2", n)
	}
	if err := claim(es.NewID(), newIDs(1)); err != nil {
		t.Errorf("another mailbox waits for this one: %v", err)
	}
	p.handle(t, e)
	if err := claim(p.Box.ID, newIDs(1)); err != nil {
		t.Errorf("a message has left: %v", err)
	}
}

func TestARefusedClaimGivesItsRoomBack(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.Decide = func(c *es.Command) es.Answer { return es.Answer{CommandID: c.ID, Outcome: es.Refused} }
	for range 3 {
		if _, err := p.send.Claim(t.Context(), p.Org, p.Box.ID, newIDs(maxInFlight), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.send.claims) != 0 {
		t.Errorf("%d claims are remembered", len(p.send.claims))
	}
}
