package api_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"outrider/api"
	"outrider/commands"
	"outrider/internal/es"
)

// holding keeps the first command that nobody waits for until it is let go.
type holding struct {
	*spying
	any  atomic.Bool
	held chan struct{} // closed when it is there
	free chan struct{}
}

func (h *holding) Post(ctx context.Context, c *es.Command) error {
	if h.any.CompareAndSwap(false, true) {
		close(h.held)
		<-h.free
	}
	return h.spying.Post(ctx, c)
}

func TestHitsGoAtOnceAndNeverWaitForWhatIsSlow(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	h := &holding{spying: &spying{Gateway: c.cfg.Commands}, held: make(chan struct{}), free: make(chan struct{})}
	c.serve(func(cfg *api.Config) { cfg.Commands = h })
	var first sync.WaitGroup
	first.Go(func() { c.visit("GET", l.pixel(), browser) })
	<-h.held
	c.seen(200, "GET", l.pixel(), browser) // answered while the first is still on its way
	close(h.free)
	first.Wait()
	c.seen(200, "GET", l.pixel(), browser) // none is on its way now
	if hits := l.hits(3); len(hits) != 3 {
		t.Errorf("%d hits", len(hits))
	}
	for _, cmd := range h.posted(t) {
		if r, ok := cmd.(commands.RecordHits); !ok || len(r.Hits) != 1 {
			t.Errorf("posted %+v", cmd)
		}
	}
}

func TestHitsThatComeMeanwhileGoTogether(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	other := c.sent("bob@acme.test", threeLinks, time.Hour)
	s := &spying{Gateway: c.cfg.Commands}
	c.serve(func(cfg *api.Config) { cfg.Commands = s })
	const n = 20 // of each: as many as are recorded
	var all sync.WaitGroup
	for range n {
		all.Go(func() { c.seen(200, "GET", l.pixel(), browser) })
		all.Go(func() { c.seen(200, "GET", other.pixel(), browser) })
	}
	all.Wait()
	if len(l.hits(n)) != n || len(other.hits(n)) != n {
		t.Error("hits are missing")
	}
	if posts := len(s.posted(t)); posts >= 2*n {
		t.Errorf("%d commands for %d hits", posts, 2*n)
	}
}
