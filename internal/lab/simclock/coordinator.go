package simclock

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"outrider/internal/lab/mailserver/loopback"
)

// Options of a coordinator.
type Options struct {
	Start  time.Time // the first simulated time
	Speed  float64   // at most so many simulated seconds in a real one; 0 = as fast as it goes
	Expect []string  // participants that time waits for

	// Grain makes time move in whole multiples of it (from 1970): what falls due within one begins together, at its end. 0 = as it
	// falls due. Nothing is ever early, and at most so much late.
	Grain time.Duration
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
	paused bool
	from   time.Time // of what is being played
	to     time.Time
	report string
	grain  time.Duration
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
		now: start, speed: o.Speed, grain: o.Grain, expect: o.Expect, here: map[string]*participant{}, begun: time.Now(), begunFrom: start}
	go c.acceptClients()
	go c.driveTime()
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

// SetSpeed changes the cap; 0 = none.
func (c *Coordinator) SetSpeed(speed float64) {
	c.mu.Lock()
	c.setPace(speed, c.paused)
	c.mu.Unlock()
	c.wakeDriver()
}

// Pace returns how time goes.
func (c *Coordinator) Pace() Pace {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.paceLocked()
}

func (c *Coordinator) paceLocked() Pace { return Pace{c.speed, c.paused, c.from, c.to, c.report} }

// SetPace changes how time goes, and tells everybody.
func (c *Coordinator) SetPace(p Pace) {
	c.mu.Lock()
	c.from, c.to, c.report = p.From, p.To, p.Report
	c.setPace(p.Speed, p.Paused)
	c.mu.Unlock()
	c.wakeDriver()
}

// setPace is called with mu held.
func (c *Coordinator) setPace(speed float64, paused bool) {
	c.speed, c.paused, c.begun, c.begunFrom = max(speed, 0), paused, time.Now(), c.now
	for _, p := range c.here {
		_ = p.out.Encode(order{Kind: paced, Pace: c.paceLocked().onWire()}) // who is gone shows elsewhere
	}
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

func (c *Coordinator) wakeDriver() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Coordinator) acceptClients() {
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return // closed
		}
		go c.serveClient(conn)
	}
}

// serveClient reads one participant until it is gone.
func (c *Coordinator) serveClient(conn net.Conn) {
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
	_ = p.out.Encode(order{Kind: welcome, N: c.n, Now: toMicros(c.now), Pace: c.paceLocked().onWire()}) // an error shows below
	p.status.Seen = c.n
	c.mu.Unlock()
	c.wakeDriver()
	for {
		var s status
		line, err := in.ReadBytes('\n')
		if err != nil || json.Unmarshal(line, &s) != nil {
			break
		}
		c.mu.Lock()
		if s.Ask != nil {
			c.setPace(s.Ask.Speed, s.Ask.Paused)
			s.Ask = nil
		}
		p.status = s
		c.mu.Unlock()
		c.wakeDriver()
	}
	c.mu.Lock()
	if c.here[p.name] == p {
		delete(c.here, p.name)
	}
	c.mu.Unlock()
	c.wakeDriver()
}
