package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
)

// PoolConfig is how children are kept; the zero value of each is its default.
type PoolConfig struct {
	Setup    Setup
	Children int           // at once; 16
	Tenants  int           // organisations a child works for at once; 4
	Idle     time.Duration // after which an organisation's connections are closed; 30 s
	Turn     time.Duration // for one call, unless its context ends before; 5 min
	Now      func() time.Time
	Log      *slog.Logger
	// Suspend is told of a mailbox whose server has broken or overrun its child MaxStrikes times in a row. It is called beside the turn.
	Suspend func(of Mailbox, reason string)
}

// Pool opens the servers of mailboxes in children. An organisation has a place in one child while it has connections there; a crash touches whoever has a
// place in the same. A mailbox that had a turn in a child that crashed is under suspicion: until a turn ends well it is read and sent from in a child of its
// own, so that only what it does alone counts against it.
type Pool struct {
	PoolConfig

	mu       sync.Mutex
	children []*process
	changed  chan struct{} // closed when a place may have become free
	strikes  map[Mailbox]*record
	readers  int // and senders that were opened, for their names
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
	if c.Idle == 0 {
		c.Idle = 30 * time.Second
	}
	if c.Turn == 0 {
		c.Turn = 5 * time.Minute
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
	return &Pool{PoolConfig: c, changed: make(chan struct{}), strikes: map[Mailbox]*record{}}
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
	child, err := p.acquire(ctx, of, c.Client)
	if err != nil {
		return got, false, err
	}
	c.Now = p.Now()
	got, atEnd, err = child.ask(ctx, c, body)
	alone := err != nil && child.broken <= 1 // which is known once it has ended
	if err == nil && got.Failed != nil && errors.Is(context.Cause(ctx), errTurn) {
		err = context.Cause(ctx)
	}
	p.release(child, of)
	p.judge(of, got, err, alone)
	return got, atEnd, err
}

func (p *Pool) start(alone uuid.UUID) (*process, error) {
	c, err := startProcess(p.Setup)
	if err != nil {
		return nil, err
	}
	c.alone = alone
	p.children = append(p.children, c)
	return c, nil
}
