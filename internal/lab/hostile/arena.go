package hostile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/internal/lab/chaos"
	"outrider/internal/retry"
)

// arena is the product, its neighbour, and who attacks.
type arena struct {
	cfg       Config
	world     *chaos.World
	neighbour *neighbour
	tenant    *chaos.Tenant // a paying one that means harm; mail leaves from its mailboxes
	caller    *chaos.Caller // for what it sets up
	message   uuid.UUID     // that somebody has from it, with its links
	log       io.Writer     // of attackers
	spent     spent
	closers   []func()
}

// openArena starts all in one process of the product, whose log has one partition: nobody has a place where they meet nobody.
func openArena(ctx context.Context, cfg Config) (a *arena, err error) {
	a = &arena{cfg: cfg}
	a.world, err = chaos.OpenWorld(ctx, chaos.Config{Dir: cfg.Dir, Out: cfg.Out, OneProcess: true, Partitions: 1, Poll: time.Second, Session: 6 * time.Second, Clients: 1})
	a.closers = append(a.closers, a.world.Close)
	if err != nil {
		return a, err
	}
	a.spent = spent{attackers: map[int]bool{}, mail: a.world.HostileMail().PID()}
	log, err := a.world.OpenLog("attackers")
	if err != nil {
		return a, err
	}
	a.log = log
	a.closers = append(a.closers, func() { _ = log.Close() })
	if a.neighbour, err = newNeighbour(ctx, a.world); err != nil {
		return a, err
	}
	if a.tenant, err = a.world.NewSender(ctx); err != nil {
		return a, fmt.Errorf("make the greedy tenant: %w", err)
	}
	a.caller = a.world.Caller(a.tenant)
	a.message, err = a.awaitMessage(ctx)
	return a, err
}

func (a *arena) close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
}

// awaitMessage waits until one of the greedy tenant's messages has left.
func (a *arena) awaitMessage(ctx context.Context) (uuid.UUID, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		var page struct {
			Data []struct {
				ID    uuid.UUID
				State string
			}
		}
		if _, err := a.caller.Ask(ctx, "list messages", http.MethodGet, "/v1/messages?limit=100", nil, &page); err != nil {
			return uuid.Nil, err
		}
		for _, m := range page.Data {
			if m.State == "sent" {
				return m.ID, nil
			}
		}
		if err := retry.Sleep(ctx, 50*time.Millisecond); err != nil {
			return uuid.Nil, fmt.Errorf("no message has left: %w", err)
		}
	}
}

// isReady asks the product whether it is well.
func (a *arena) isReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last error
	for {
		status, body, err := a.get(ctx, "/readyz")
		switch {
		case err != nil:
			last = err
		case status == http.StatusOK:
			return nil
		default:
			last = fmt.Errorf("it isn't ready: %d %s", status, body)
		}
		if err := retry.Sleep(ctx, 100*time.Millisecond); err != nil {
			return errors.Join(err, last)
		}
	}
}

func (a *arena) get(ctx context.Context, path string) (status int, body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.world.URL()+path, nil)
	if err != nil {
		return 0, nil, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}
