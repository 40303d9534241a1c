package consumers

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
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
		_, err := p.send.Claim(ctx, p.org, of, messages, time.Now())
		return err
	}
	e := p.claimed(t, 30*time.Second) // one
	if err := claim(p.box.ID, newIDs(maxInFlight-1)); err != nil {
		t.Fatal(err)
	}
	if err := claim(p.box.ID, newIDs(1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("beyond the bound: got %v", err)
	}
	if n := len(of[commands.ClaimMessages](t, p.boundary)); n != 2 {
		t.Errorf("%d claims were sent, want 2", n)
	}
	if err := claim(es.NewID(), newIDs(1)); err != nil {
		t.Errorf("another mailbox waits for this one: %v", err)
	}
	p.handle(t, e)
	if err := claim(p.box.ID, newIDs(1)); err != nil {
		t.Errorf("a message has left: %v", err)
	}
}

func TestARefusedClaimGivesItsRoomBack(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.decide = func(c *es.Command) es.Answer { return es.Answer{CommandID: c.ID, Outcome: es.Refused} }
	for range 3 {
		if _, err := p.send.Claim(t.Context(), p.org, p.box.ID, newIDs(maxInFlight), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.send.claims) != 0 {
		t.Errorf("%d claims are remembered", len(p.send.claims))
	}
}

// slowVault answers when it is told to.
type slowVault struct {
	asked atomic.Int64
	open  chan struct{}
}

func (v *slowVault) Secret(context.Context, uuid.UUID, string) ([]byte, error) {
	v.asked.Add(1)
	<-v.open
	return []byte("horse"), nil
}

func TestAPasswordThatManyAskForIsReadOnce(t *testing.T) {
	t.Parallel()
	vault := &slowVault{open: make(chan struct{})}
	secrets := CacheSecrets(vault)
	var begun, all sync.WaitGroup
	for range 100 {
		begun.Add(1)
		all.Go(func() {
			begun.Done()
			if s, err := secrets.Secret(t.Context(), es.SystemOrg, "s"); err != nil || string(s) != "horse" {
				t.Errorf("got %q, %v", s, err)
			}
		})
	}
	begun.Wait()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := secrets.Secret(gone, es.SystemOrg, "s"); !errors.Is(err, context.Canceled) {
		t.Errorf("who doesn't wait any more: got %v", err)
	}
	close(vault.open)
	all.Wait()
	if n := vault.asked.Load(); n != 1 {
		t.Errorf("read %d times", n)
	}
}
