package simclock

import (
	"cmp"
	"slices"
	"time"
)

// driveTime moves time whenever it may move.
func (c *Coordinator) driveTime() {
	defer close(c.stopped)
	for {
		select {
		case <-c.closing:
			return
		default:
		}
		wait := c.stepOnce()
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

// stepOnce moves time once if it may. It gives how long to wait before the next try: 0 = none, negative = until something is said.
func (c *Coordinator) stepOnce() time.Duration {
	before, due, ok := c.allIdle()
	if !ok {
		return -1
	}
	if wait := c.tooEarly(due); wait != 0 {
		return wait
	}
	if !c.askDue(order{Kind: probe}, before) {
		return -1
	}
	after, now, ok := c.moveTo(before, due)
	if !ok {
		return 0
	}
	if !c.askDue(order{Kind: set, Now: toMicros(now)}, after) {
		return -1
	}
	var ready []*participant
	for p, s := range after {
		if s.Due != 0 && s.Due <= toMicros(now) {
			ready = append(ready, p)
		}
	}
	slices.SortFunc(ready, func(a, b *participant) int { return cmp.Compare(a.name, b.name) })
	turn := map[*participant]status{}
	for _, p := range ready {
		turn[p] = status{}
	}
	if !c.askDue(order{Kind: run, Now: toMicros(now)}, turn) {
		return -1
	}
	return 0
}

// moveTo shows the time due to who joins from now on, if nobody has been busy since before.
func (c *Coordinator) moveTo(before map[*participant]status, due time.Time) (map[*participant]status, time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	after, next, ok := c.idleLocked()
	if !ok || !due.Equal(next) || !sameParticipants(before, after) {
		return nil, time.Time{}, false
	}
	if due.After(c.now) {
		c.now = c.roundUp(due)
		c.moves++
	}
	return after, c.now, true
}

// roundUp is the end of the grain that holds t.
func (c *Coordinator) roundUp(t time.Time) time.Time {
	if c.grain <= 0 {
		return t
	}
	grain := c.grain.Microseconds()
	return fromMicros((toMicros(t) + grain - 1) / grain * grain)
}

// allIdle gives everybody's status and the next due time, if everybody is there and idle and something is due.
func (c *Coordinator) allIdle() (map[*participant]status, time.Time, bool) {
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
	return all, fromMicros(next), next != 0
}

// sameParticipants reports whether nobody came, went or became busy in between.
func sameParticipants(before, after map[*participant]status) bool {
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

// tooEarly is how long to wait until something may be due: 0 = no longer, negative = time stands still.
func (c *Coordinator) tooEarly(due time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused {
		return -1
	}
	if c.speed <= 0 {
		return 0
	}
	atReal := c.begun.Add(time.Duration(float64(due.Sub(c.begunFrom)) / c.speed))
	return max(time.Until(atReal), 0)
}

// askDue gives an order to some and waits until all of them have carried it out; false if one of them is gone.
func (c *Coordinator) askDue(o order, whom map[*participant]status) bool {
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
			c.wakeDriver()
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
