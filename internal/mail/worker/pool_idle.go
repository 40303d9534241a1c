package worker

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// forgetIdlest takes its place from the organisation that has had no turn for longest, and returns its child.
func (p *Pool) forgetIdlest() (of *process) {
	var org uuid.UUID
	var idlest *tenancy
	for _, c := range p.children {
		for id, t := range c.tenants {
			if !c.isOwn() && t.turns == 0 && (idlest == nil || t.last.Before(idlest.last)) {
				of, org, idlest = c, id, t
			}
		}
	}
	if of != nil {
		p.forget(of, org)
	}
	return of
}

// forget closes what an organisation has open in a child.
func (p *Pool) forget(c *process, org uuid.UUID) {
	t := c.tenants[org]
	delete(c.tenants, org)
	if len(c.tenants) == 0 {
		c.idle = time.Now()
	}
	go func() { // a child that doesn't read keeps nobody waiting here
		for client := range t.clients {
			_ = c.tell(call{Do: doClose, Client: client}, nil)
		}
	}()
}

func (p *Pool) dropEnded() {
	for _, c := range p.children {
		select {
		case <-c.ended:
			p.remove(c)
		default:
		}
	}
}

// remove makes a new list: who goes through the old one goes on.
func (p *Pool) remove(c *process) {
	p.children = slices.DeleteFunc(slices.Clone(p.children), func(x *process) bool { return x == c })
}

// sweepLater closes what is idle from time to time, as long as there are children.
func (p *Pool) sweepLater() {
	if p.sweeping || p.closed {
		return
	}
	p.sweeping = true
	time.AfterFunc(p.Idle/2, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sweeping = false
		p.dropEnded()
		for _, c := range p.children {
			for org, t := range c.tenants {
				if t.turns == 0 && time.Since(t.last) > p.Idle {
					p.forget(c, org)
				}
			}
			if len(c.tenants) == 0 && time.Since(c.idle) > p.Idle {
				p.remove(c)
				c.stop()
			}
		}
		p.wake()
		if len(p.children) > 0 {
			p.sweepLater()
		}
	})
}
