package simclock

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"outrider/internal/mailserver/loopback"
)

// Options of a coordinator.
type Options struct {
	Start  time.Time // the first simulated time
	Speed  float64   // at most so many simulated seconds in a real one; 0 = as fast as it goes
	Expect []string  // participants without whom time stands still
}

// Coordinator holds the time. Its methods may be called from any goroutine.
type Coordinator struct {
	listener net.Listener
	wake     chan struct{}
	closing  chan struct{}
	stopped  chan struct{}

	mu     sync.Mutex
	now    time.Time
	speed  float64
	expect []string
	here   map[string]*participant
	n      uint64 // orders so far
	moves  uint64

	begun     time.Time // speed is counted from here, real
	begunFrom time.Time // and simulated
}

type participant struct {
	name   string
	conn   net.Conn
	out    *json.Encoder
	status status
}

// Listen starts a coordinator on a loopback address (host:port).
func Listen(address string, o Options) (*Coordinator, error) {
	l, err := loopback.Listen(address)
	if err != nil {
		return nil, err
	}
	start := o.Start.UTC().Truncate(time.Microsecond)
	c := &Coordinator{listener: l, wake: make(chan struct{}, 1), closing: make(chan struct{}), stopped: make(chan struct{}),
		now: start, speed: o.Speed, expect: o.Expect, here: map[string]*participant{}, begun: time.Now(), begunFrom: start}
	go c.accept()
	go c.drive()
	return c, nil
}

// Addr is where clients join.
func (c *Coordinator) Addr() string { return c.listener.Addr().String() }

// Now is the simulated time, UTC.
func (c *Coordinator) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Moves counts how often time has moved.
func (c *Coordinator) Moves() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moves
}

// Expect says without whom time stands still from now on.
func (c *Coordinator) Expect(names ...string) {
	c.mu.Lock()
	c.expect = names
	c.mu.Unlock()
	c.poke()
}

// SetSpeed changes the cap; 0 = none.
func (c *Coordinator) SetSpeed(speed float64) {
	c.mu.Lock()
	c.speed, c.begun, c.begunFrom = speed, time.Now(), c.now
	c.mu.Unlock()
	c.poke()
}

// Holding names, sorted, who keeps time from moving, as far as is known now: busy participants and expected ones that aren't there ("name (away)").
func (c *Coordinator) Holding() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for name, p := range c.here {
		if p.status.Busy > 0 {
			out = append(out, name)
		}
	}
	for _, name := range c.expect {
		if c.here[name] == nil {
			out = append(out, name+" (away)")
		}
	}
	slices.Sort(out)
	return out
}

// Close ends the clock for everybody.
func (c *Coordinator) Close() error {
	close(c.closing)
	err := c.listener.Close()
	<-c.stopped
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.here {
		_ = p.conn.Close()
	}
	if err != nil {
		return fmt.Errorf("close the clock: %w", err)
	}
	return nil
}

func (c *Coordinator) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Coordinator) accept() {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return // closed
		}
		go c.attend(conn)
	}
}

// attend reads one participant until it is gone.
func (c *Coordinator) attend(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	var first status
	line, err := in.ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &first) != nil || first.Name == "" {
		return
	}
	p := &participant{name: first.Name, conn: conn, out: json.NewEncoder(conn), status: first}
	c.mu.Lock()
	if old := c.here[p.name]; old != nil {
		_ = old.conn.Close()
	}
	c.here[p.name] = p
	_ = p.out.Encode(order{Kind: welcome, N: c.n, Now: micros(c.now)}) // an error shows below
	p.status.Seen = c.n
	c.mu.Unlock()
	c.poke()
	for {
		var s status
		line, err := in.ReadBytes('\n')
		if err != nil || json.Unmarshal(line, &s) != nil {
			break
		}
		c.mu.Lock()
		p.status = s
		c.mu.Unlock()
		c.poke()
	}
	c.mu.Lock()
	if c.here[p.name] == p {
		delete(c.here, p.name)
	}
	c.mu.Unlock()
	c.poke()
}

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
		c.now = due
		c.moves++
	}
	return after, c.now, true
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
