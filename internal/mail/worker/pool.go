package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// PoolConfig is how children are kept; the zero value of each is its default.
type PoolConfig struct {
	Setup    Setup
	Children int           // at once; 16
	Tenants  int           // organisations a child works for at once, while there is room; 4
	Crowd    int           // and at most, where all have their turn; 16 times Tenants
	Own      int           // children for mailboxes under suspicion, besides; half of Children
	Idle     time.Duration // after which an organisation's connections are closed; 30 s
	Turn     time.Duration // for one call, unless its context ends before; 5 min
	Host     int           // calls to one mail server at once, whoever they are for; 128
	HostOrg  int           // of them, of one organisation; half
	Now      func() time.Time
	Log      *slog.Logger
	// Suspend is told of a mailbox whose server has broken or overrun its child MaxStrikes times in a row. It is called beside the turn.
	Suspend func(of Mailbox, reason string)
}

// Pool opens the servers of mailboxes in children. An organisation has a place in one child while it has connections there; a crash touches whoever has a
// place in the same. A mailbox that had a turn in a child that crashed is under suspicion, those whose turns have ended well only where nobody else had one: it is
// read and sent from in a child of its own then, so that only what it does alone counts against it. Turns that never end keep nobody waiting: where all places
// are taken, children work for more organisations.
type Pool struct {
	PoolConfig

	mu       sync.Mutex
	children []*process
	changed  chan struct{} // closed when a place may have become free
	strikes  map[Mailbox]*record
	hosts    *hosts
	known    map[Mailbox]bool // that a turn has ended well for: others are suspected first
	readers  int              // and senders that were opened, for their names
	closed   bool
	sweeping bool
}

// NewPool starts no child yet.
func NewPool(c PoolConfig) *Pool {
	if c.Children == 0 {
		c.Children = 16
	}
	if c.Tenants == 0 {
		c.Tenants = 4
	}
	if c.Crowd == 0 {
		c.Crowd = 16 * c.Tenants
	}
	if c.Own == 0 {
		c.Own = max(c.Children/2, 1)
	}
	if c.Idle == 0 {
		c.Idle = 30 * time.Second
	}
	if c.Turn == 0 {
		c.Turn = 5 * time.Minute
	}
	if c.Host == 0 {
		c.Host = 128
	}
	if c.HostOrg == 0 {
		c.HostOrg = max(c.Host/2, 1)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Suspend == nil {
		c.Suspend = func(Mailbox, string) {}
	}
	return &Pool{PoolConfig: c, changed: make(chan struct{}), hosts: newHosts(c.Now, c.Host, c.HostOrg), strikes: map[Mailbox]*record{}, known: map[Mailbox]bool{}}
}

// Memory returns what this process and its children have in memory, in MB, and how many there are; zero where that can't be told.
func (p *Pool) Memory() (own, children float64, n int) {
	p.mu.Lock()
	all := p.children
	p.mu.Unlock()
	const mb = 1 << 20
	rss, _ := usageOf(os.Getpid())
	for _, c := range all {
		of, _ := usageOf(c.cmd.Process.Pid)
		children += float64(of) / mb
	}
	return float64(rss) / mb, children, len(all)
}

// Close ends all children.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	all := p.children
	p.children = nil
	p.wake()
	p.mu.Unlock()
	for _, c := range all {
		c.stop()
	}
}

var (
	errClosed = errors.New("mail workers are closed")
	errTurn   = fmt.Errorf("%w: one turn takes too long", ErrOverran)
)

// do gives a call to the child of its organisation and waits for the answer.
func (p *Pool) do(ctx context.Context, of Mailbox, c call, body []byte) (got answered, atEnd bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.Turn, errTurn)
	defer cancel()
	leave, err := p.hosts.enter(ctx, of, c)
	if err != nil {
		return got, false, err
	}
	defer leave()
	child, err := p.acquire(ctx, of, c.Client)
	if err != nil {
		p.hosts.note(c, got, errClosed) // it was not asked
		return got, false, err
	}
	c.Now = p.Now()
	c.known = p.isKnown(of)
	got, atEnd, err = child.ask(ctx, c, body)
	blame := child.blame(err, c.known)
	if err == nil && got.Failed != nil && errors.Is(context.Cause(ctx), errTurn) {
		err = context.Cause(ctx)
	}
	p.hosts.note(c, got, err)
	p.release(child, of)
	p.judge(of, got, err, blame)
	return got, atEnd, err
}

func (p *Pool) start(alone Mailbox) (*process, error) {
	c, err := startProcess(p.Setup)
	if err != nil {
		return nil, err
	}
	c.alone = alone
	p.children = append(p.children, c)
	return c, nil
}
