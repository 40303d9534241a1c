package worker

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
)

// poll has a turn that does what a folder is called.
func (p *Pool) poll(ctx context.Context, of Mailbox, folder string) error {
	_, err := p.Reader(of, transport.ServerLogin{}).Poll(ctx, folder, imap.Cursor{})
	return err
}

// holdTurns gives mailboxes a turn each that ends with the test, and returns once all have it.
func holdTurns(t *testing.T, p *Pool, of ...Mailbox) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	before := p.underWay()
	var all sync.WaitGroup
	for _, m := range of {
		all.Go(func() { _ = p.poll(ctx, m, "wait") })
	}
	for p.underWay() < before+len(of) {
		runtime.Gosched()
	}
	end = func() { cancel(); all.Wait() }
	t.Cleanup(end)
	return end
}

// underWay counts the calls that children have.
func (p *Pool) underWay() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.children {
		c.mu.Lock()
		n += len(c.pending)
		c.mu.Unlock()
	}
	return n
}

func TestTurnsThatNeverEndKeepNoOtherOrganisationWaiting(t *testing.T) {
	t.Parallel()
	p, _ := newPool(t, func(c *PoolConfig) { c.Children, c.Tenants, c.Crowd = 2, 2, 8 })
	var slow []Mailbox
	for range 12 {
		slow = append(slow, mailbox())
	}
	holdTurns(t, p, slow...)
	if err := p.poll(t.Context(), mailbox(), "fine"); err != nil {
		t.Error(err)
	}
	if n := p.underWay(); n != len(slow) {
		t.Errorf("%d slow turns are under way", n)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.children) != 2 {
		t.Errorf("%d children", len(p.children))
	}
}

// suspect lets a child end in which mailboxes have a turn, none of which may be told to be the one.
func suspect(t *testing.T, p *Pool, of ...Mailbox) {
	t.Helper()
	end := holdTurns(t, p, of...)
	if err := p.poll(t.Context(), mailbox(), "panic"); !errors.Is(err, ErrCrashed) {
		t.Fatal(err)
	}
	end()
}

func TestSuspectsOfOneOrganisationKeepNoOthersWaiting(t *testing.T) {
	t.Parallel()
	p, _ := newPool(t, func(c *PoolConfig) { c.Children, c.Own = 1, 2 })
	slow, calm := []Mailbox{mailbox()}, mailbox()
	for range 5 {
		m := mailbox()
		m.Org = slow[0].Org
		slow = append(slow, m)
	}
	suspect(t, p, append([]Mailbox{calm}, slow...)...)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, m := range slow {
		all.Go(func() { _ = p.poll(ctx, m, "wait") })
	}
	for p.underWay() == 0 {
		runtime.Gosched()
	}
	if err := p.poll(t.Context(), calm, "fine"); err != nil {
		t.Error(err)
	}
	if n := p.underWay(); n != 1 {
		t.Errorf("%d suspects of the slow organisation have a child of their own", n)
	}
	cancel()
	all.Wait()
}

func TestWhoseTurnsEndedWellIsNotSuspectedBesideOneThatIsUnknown(t *testing.T) {
	t.Parallel()
	p, _ := newPool(t, func(c *PoolConfig) { c.Children = 1 })
	calm := mailbox()
	if err := p.poll(t.Context(), calm, "fine"); err != nil {
		t.Fatal(err)
	}
	suspect(t, p, calm)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.strikes[calm] != nil || len(p.strikes) != 1 {
		t.Errorf("suspected: %v", p.strikes)
	}
}

func TestWhoBrokeAChildSharesNoneUntilManyTurnsEndWell(t *testing.T) {
	t.Parallel()
	p, _ := newPool(t, nil)
	bad := mailbox()
	if err := p.poll(t.Context(), bad, "panic"); !errors.Is(err, ErrCrashed) {
		t.Fatal(err)
	}
	for n := range goodTurns {
		p.mu.Lock()
		if is := p.strikes[bad]; is == nil || !is.suspected || p.known[bad] {
			t.Errorf("after %d good turns it isn't suspected any more", n)
		}
		p.mu.Unlock()
		if err := p.poll(t.Context(), bad, "fine"); err != nil {
			t.Fatal(err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.strikes[bad] != nil || !p.known[bad] {
		t.Error("it is suspected for ever")
	}
}
