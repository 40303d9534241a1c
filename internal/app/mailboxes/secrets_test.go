package mailboxes

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/es"
)

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
