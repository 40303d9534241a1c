package worker

import (
	"context"
	"fmt"
	"time"
)

// acquire gives a turn in a child where the mailbox may have one, and waits for one.
func (p *Pool) acquire(ctx context.Context, of Mailbox, client string) (*process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if p.closed {
			return nil, errClosed
		}
		child, err := p.findPlace(of)
		if err != nil {
			return nil, err
		}
		if child != nil {
			t := child.tenants[of.Org]
			if t == nil {
				t = &tenancy{clients: map[string]bool{}}
				child.tenants[of.Org] = t
			}
			t.turns++
			t.clients[client] = true
			p.sweepLater()
			return child, nil
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		p.mu.Lock()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("wait for a mail worker: %w", context.Cause(ctx))
		}
	}
}

// findPlace returns a child with room for a mailbox, a new one if need be; nil = all places are taken.
func (p *Pool) findPlace(of Mailbox) (*process, error) {
	p.dropEnded()
	if is := p.strikes[of]; is != nil && is.suspected {
		return p.findOwn(of)
	}
	var least *process
	shared := 0
	for _, c := range p.children {
		if c.isOwn() {
			continue
		}
		shared++
		if c.tenants[of.Org] != nil {
			return c, nil
		}
		if least == nil || len(c.tenants) < len(least.tenants) {
			least = c
		}
	}
	switch {
	case shared < p.Children && (least == nil || len(least.tenants) > 0): // a processor for itself, too, as far as there are any
		return p.start(Mailbox{})
	case len(least.tenants) < p.Tenants:
		return least, nil
	}
	if idle := p.forgetIdlest(); idle != nil {
		return idle, nil
	}
	if len(least.tenants) < p.Crowd { // all have a turn, maybe one that never ends
		return least, nil
	}
	return nil, nil //nolint:nilnil // no place, no error
}

// findOwn returns a child that works for one mailbox only. There are fewer of them, and an organisation has one at a time.
func (p *Pool) findOwn(of Mailbox) (*process, error) {
	own := 0
	var unused *process
	for _, c := range p.children {
		switch {
		case c.alone == of:
			return c, nil
		case !c.isOwn():
		case !c.isBusy():
			own++
			unused = c
		case c.alone.Org == of.Org:
			return nil, nil //nolint:nilnil // no place, no error
		default:
			own++
		}
	}
	if own >= p.Own {
		if unused == nil {
			return nil, nil //nolint:nilnil // no place, no error
		}
		p.remove(unused)
		unused.stop()
	}
	return p.start(of)
}

// isOwn reports whether a child is for one mailbox alone.
func (c *process) isOwn() bool { return c.alone != Mailbox{} }

func (c *process) isBusy() bool {
	for _, t := range c.tenants {
		if t.turns > 0 {
			return true
		}
	}
	return false
}

// release ends a turn.
func (p *Pool) release(c *process, of Mailbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := c.tenants[of.Org]; t != nil {
		t.turns--
		t.last = time.Now()
	}
	p.wake()
}

func (p *Pool) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}
