package simclock

import (
	"bufio"
	"container/heap"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"

	"outrider/internal/lab/mailserver/loopback"
)

// Participant is one participant's view of time.
type Participant struct {
	conn  net.Conn
	gone  chan struct{}
	dirty chan struct{}

	mu     sync.Mutex
	now    time.Time
	pace   Pace
	status status
	timers timers
	born   uint64
	ready  sync.Once
}

// Dial joins the coordinator at address (host:port) under a name, and returns when the time is known. The participant counts
// as busy until Ready is called. A second one of the same name takes the first one's place.
func Dial(ctx context.Context, address, name string) (*Participant, error) {
	conn, err := loopback.Dialer().DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("join the clock: %w", err)
	}
	c := &Participant{conn: conn, gone: make(chan struct{}), dirty: make(chan struct{}, 1), status: status{Name: name, Busy: 1, Activity: 1}}
	in := bufio.NewReader(conn)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err = json.NewEncoder(conn).Encode(c.status)
	var first order
	if err == nil {
		var line []byte
		if line, err = in.ReadBytes('\n'); err == nil {
			err = json.Unmarshal(line, &first)
		}
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("join the clock: %w", err)
	}
	c.now, c.status.Name = fromMicros(first.Now), ""
	if first.Pace != nil {
		c.pace = first.Pace.read()
	}
	go c.readMessages(in)
	go c.sendChanges()
	return c, nil
}

// Ready ends the busy time with which a participant begins: what it has due is known.
func (c *Participant) Ready() { c.ready.Do(c.endBusy) }

// Now is the simulated time, UTC.
func (c *Participant) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pace is how time goes, as far as was told.
func (c *Participant) Pace() Pace {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pace
}

// AskPace asks the coordinator to let time go otherwise. It is done, and told to everybody, a moment later.
func (c *Participant) AskPace(speed float64, stand bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status.Ask = &pace{Speed: speed, Paused: stand}
	c.pace.Speed, c.pace.Paused = speed, stand
	c.reportChange()
}

// At runs f in a goroutine when it is t or later; the participant is busy until f returns. A t that isn't after Now runs as
// soon as nobody is busy; so At(Now().Add(time.Microsecond)) waits until all is quiet. The result takes f back, and says whether it came in time.
func (c *Participant) At(t time.Time, f func()) (cancel func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.born++
	one := &timer{at: t, born: c.born, run: f}
	heap.Push(&c.timers, one)
	c.reportChange()
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if one.index < 0 {
			return false
		}
		heap.Remove(&c.timers, one.index)
		c.reportChange()
		return true
	}
}

// Busy makes time stand still until the result is called (once is enough).
func (c *Participant) Busy() (done func()) {
	c.mu.Lock()
	c.status.Busy++
	c.status.Activity++
	c.mu.Unlock()
	var once sync.Once
	return func() { once.Do(c.endBusy) }
}

func (c *Participant) endBusy() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status.Busy--; c.status.Busy == 0 {
		c.reportChange()
	}
}

// Gone is closed when the coordinator can no longer be reached; time then stands still for ever.
func (c *Participant) Gone() <-chan struct{} { return c.gone }

// Close leaves. If the coordinator expects this participant, time waits until it is back.
func (c *Participant) Close() error {
	if err := c.conn.Close(); err != nil {
		return fmt.Errorf("leave the clock: %w", err)
	}
	return nil
}

// reportChange has the status sent soon; c.mu is held. Several changes are one message.
func (c *Participant) reportChange() {
	c.status.Due = 0
	if len(c.timers) > 0 {
		c.status.Due = toMicros(c.timers[0].at)
	}
	select {
	case c.dirty <- struct{}{}:
	default:
	}
}

func (c *Participant) sendChanges() {
	out := json.NewEncoder(c.conn)
	for {
		select {
		case <-c.gone:
			return
		case <-c.dirty:
		}
		c.mu.Lock()
		s := c.status
		c.status.Ask = nil
		c.mu.Unlock()
		if out.Encode(s) != nil {
			return // listen notices too
		}
	}
}

func (c *Participant) readMessages(in *bufio.Reader) {
	defer close(c.gone)
	for {
		line, err := in.ReadBytes('\n')
		var o order
		if err != nil || json.Unmarshal(line, &o) != nil {
			_ = c.conn.Close()
			return
		}
		c.mu.Lock()
		if o.Kind == paced && o.Pace != nil {
			c.pace = o.Pace.read()
			c.mu.Unlock()
			continue
		}
		if o.Now != 0 {
			c.now = fromMicros(o.Now)
		}
		if o.Kind == run {
			c.startTimer()
		}
		c.status.Seen = o.N
		c.reportChange()
		c.mu.Unlock()
	}
}

// startTimer begins what is due; c.mu is held.
func (c *Participant) startTimer() {
	for len(c.timers) > 0 && toMicros(c.timers[0].at) <= toMicros(c.now) {
		t := heap.Pop(&c.timers).(*timer)
		c.status.Busy++
		c.status.Activity++
		go func() {
			defer c.endBusy()
			t.run()
		}()
	}
}

type timer struct {
	at    time.Time
	born  uint64
	run   func()
	index int
}

// timers is a heap, the earliest first; of equal times the one that was set first.
type timers []*timer

func (h timers) Len() int { return len(h) }
func (h timers) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].born < h[j].born
	}
	return h[i].at.Before(h[j].at)
}
func (h timers) Swap(i, j int) { h[i], h[j] = h[j], h[i]; h[i].index, h[j].index = i, j }
func (h *timers) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timers) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}
