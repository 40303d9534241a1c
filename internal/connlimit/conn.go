package connlimit

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// What a client may make us wait for beyond what it takes or gives: patience, and a second for every slowest bytes.
const (
	patience = 2 * time.Minute
	slowest  = 4 << 10
	linger   = 500 * time.Millisecond
)

// Conn is a bounded connection.
type Conn struct {
	net.Conn
	listener *Listener
	at       netip.Addr
	stall    time.Duration

	isWaiting, isGone bool // the listener's, under its lock

	mu       sync.Mutex
	allowed  time.Duration // that writes of this request may still wait
	lingers  bool
	deadline time.Time // of writes, as the server set it
}

// Begin says that a request was read and is being answered: the connection is nobody's to take away until End.
func (c *Conn) Begin() {
	c.mu.Lock()
	c.allowed = patience
	c.mu.Unlock()
	c.setWaiting(false)
}

// End says that the answer is written, or about to be.
func (c *Conn) End() { c.setWaiting(true) }

func (c *Conn) setWaiting(waits bool) {
	l := c.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.isGone {
		l.setWaiting(l.groups[c.at], c, waits)
	}
}

// Write gives up a client that takes nothing for a while, or so little for so long that it holds the connection for its own sake.
func (c *Conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.allowed += time.Duration(len(b)) * time.Second / slowest
	end := time.Now().Add(min(c.allowed, c.stall+time.Duration(len(b))*time.Second/slowest))
	if !c.deadline.IsZero() && c.deadline.Before(end) {
		end = c.deadline
	}
	c.mu.Unlock()
	if err := c.Conn.SetWriteDeadline(end); err != nil {
		return 0, err
	}
	began := time.Now()
	n, err := c.Conn.Write(b)
	c.mu.Lock()
	c.allowed = min(c.allowed-time.Since(began), patience)
	if c.allowed <= 0 && err == nil {
		err = os.ErrDeadlineExceeded
	}
	c.mu.Unlock()
	return n, err
}

// SetWriteDeadline is the server's own; the earlier of the two counts.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline sets both.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.Conn.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// Linger has Close wait a moment for a client that is still sending to read its answer: closing at once throws away what it hasn't read (RFC 9112, 9.6).
// Nothing more of it is read.
func (c *Conn) Linger() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lingers = true
}

// Close gives the place back.
func (c *Conn) Close() error {
	c.mu.Lock()
	lingers := c.lingers
	c.lingers = false
	c.mu.Unlock()
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if lingers && ok && half.CloseWrite() == nil {
		time.AfterFunc(linger, func() { _ = c.closeNow() })
		return nil
	}
	return c.closeNow()
}

func (c *Conn) closeNow() error {
	c.listener.mu.Lock()
	c.listener.forget(c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
