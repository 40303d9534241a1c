package simclock

import (
	"cmp"
	"slices"
	"time"
)

// drive moves time whenever it may move.
func (c *Coordinator) drive() {
	defer close(c.stopped)
	for {
		select {
		case <-c.closing:
			return
		default:
		}
		wait := c.step()
		if wait == 0 {
			continue
		}
		var alarm <-chan time.Time
		if wait > 0 {
			alarm = time.After(wait)
		}
		select {
		case <-c.closing:
			return
		case <-c.wake:
		case <-alarm:
		}
	}
}

// step moves time once if it may. It gives how long to wait before the next try: 0 = none, negative = until something is said.
func (c *Coordinator) step() time.Duration {
	before, due, ok := c.idle()
	if !ok {
		return -1
	}
	if wait := c.tooEarly(due); wait > 0 {
		return wait
	}
	if !c.ask(order{Kind: probe}, before) {
		return -1
	}
	after, now, ok := c.move(before, due)
	if !ok {
		return 0
	}
	if !c.ask(order{Kind: set, Now: micros(now)}, after) {
		return -1
	}
	var ready []*participant
	for p, s := range after {
		if s.Due != 0 && s.Due <= micros(now) {
			ready = append(ready, p)
		}
	}
	slices.SortFunc(ready, func(a, b *participant) int { return cmp.Compare(a.name, b.name) })
	turn := map[*participant]status{}
	for _, p := range ready {
		turn[p] = status{}
	}
	if !c.ask(order{Kind: run, Now: micros(now)}, turn) {
		return -1
	}
	return 0
}

// move shows the time due to who joins from now on, if nobody has been busy since before.
func (c *Coordinator) move(before map[*participant]status, due time.Time) (map[*participant]status, time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	after, next, ok := c.idleLocked()
	if !ok || !due.Equal(next) || !same(before, after) {
		return nil, time.Time{}, false
	}
	if due.After(c.now) {
		c.now = c.rounded(due)
		c.moves++
	}
	return after, c.now, true
}

// rounded is the end of the grain that holds t.
func (c *Coordinator) rounded(t time.Time) time.Time {
	if c.grain <= 0 {
		return t
	}
	grain := c.grain.Microseconds()
	return instant((micros(t) + grain - 1) / grain * grain)
}

// idle gives everybody's status and the next due time, if everybody is there and idle and something is due.
func (c *Coordinator) idle() (map[*participant]status, time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.idleLocked()
}

func (c *Coordinator) idleLocked() (map[*participant]status, time.Time, bool) {
	for _, name := range c.expect {
		if c.here[name] == nil {
			return nil, time.Time{}, false
		}
	}
	all := map[*participant]status{}
	var next int64
	for _, p := range c.here {
		if p.status.Busy > 0 {
			return nil, time.Time{}, false
		}
		if d := p.status.Due; d != 0 && (next == 0 || d < next) {
			next = d
		}
		all[p] = p.status
	}
	return all, instant(next), next != 0
}

// same: nobody came, went or became busy in between.
func same(before, after map[*participant]status) bool {
	if len(before) != len(after) {
		return false
	}
	for p, s := range before {
		if now, ok := after[p]; !ok || now.Activity != s.Activity {
			return false
		}
	}
	return true
}

func (c *Coordinator) tooEarly(due time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.speed <= 0 {
		return 0
	}
	atReal := c.begun.Add(time.Duration(float64(due.Sub(c.begunFrom)) / c.speed))
	return time.Until(atReal)
}

// ask gives an order to some and waits until all of them have carried it out; false if one of them is gone.
func (c *Coordinator) ask(o order, whom map[*participant]status) bool {
	c.mu.Lock()
	c.n++
	o.N = c.n
	for p := range whom {
		if p.out.Encode(o) != nil {
			_ = p.conn.Close()
		}
	}
	c.mu.Unlock()
	for {
		done, gone := true, false
		c.mu.Lock()
		for p := range whom {
			if c.here[p.name] != p {
				gone = true
			} else if p.status.Seen < o.N {
				done = false
			}
		}
		c.mu.Unlock()
		if gone {
			c.poke()
			return false
		}
		if done {
			return true
		}
		select {
		case <-c.closing:
			return false
		case <-c.wake:
		}
	}
}
