package api_test

import (
	"sync"
	"time"
)

// clock is the time that organisations live by: the real one, that tests put forward.
type clock struct {
	mu     sync.Mutex
	ahead  time.Duration
	alarms map[*alarm]bool
}

type alarm struct {
	at    time.Time
	timer *time.Timer
	ring  func()
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// At is processor.Timers'.
func (c *clock) At(t time.Time, f func()) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{at: t}
	a.ring = func() {
		c.mu.Lock()
		there := c.alarms[a]
		delete(c.alarms, a)
		c.mu.Unlock()
		if there {
			f()
		}
	}
	a.timer = time.AfterFunc(time.Until(t)-c.ahead, a.ring)
	if c.alarms == nil {
		c.alarms = map[*alarm]bool{}
	}
	c.alarms[a] = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		a.timer.Stop()
		delete(c.alarms, a)
	}
}

// forward lets time go by.
func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	for a := range c.alarms {
		a.timer.Stop()
		a.timer = time.AfterFunc(time.Until(a.at)-c.ahead, a.ring)
	}
}
