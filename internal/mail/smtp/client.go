// Package smtp submits messages (RFC 6409) over verified TLS, and reports what became of each.
package smtp

import (
	"context"
	"sync"
	"time"

	"outrider/internal/mail/transport"
)

// Options of a Client; the zero value of each is its default.
type Options struct {
	Dialer         transport.Dialer
	LocalName      string        // our name in EHLO; "localhost"
	MaxConns       int           // at once to this account; 2
	IdleTimeout    time.Duration // after which a connection is closed; 30 s
	CommandTimeout time.Duration // for the answer to a command; 1 min
	DataTimeout    time.Duration // for the answer to a message; 10 min (RFC 5321, 4.5.3.2.6)
}

// Client sends through one account. It keeps connections open between messages. Safe for many goroutines.
type Client struct {
	account transport.ServerLogin
	options Options
	slots   chan struct{}

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

// New doesn't connect yet.
func New(account transport.ServerLogin, o Options) *Client {
	if o.LocalName == "" {
		o.LocalName = "localhost"
	}
	if o.MaxConns == 0 {
		o.MaxConns = 2
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = 30 * time.Second
	}
	if o.CommandTimeout == 0 {
		o.CommandTimeout = time.Minute
	}
	if o.DataTimeout == 0 {
		o.DataTimeout = 10 * time.Minute
	}
	return &Client{account: account, options: o, slots: make(chan struct{}, o.MaxConns)}
}

// Send submits one message to one recipient. The addresses are bare; the message has CRLF line ends and no dot-stuffing.
// It waits while MaxConns messages are under way. Cancelling ctx ends it at once: InDoubt if the message's end was sent.
func (c *Client) Send(ctx context.Context, from, to string, message []byte) Result {
	return c.SendMarked(ctx, from, to, message, func() error { return nil })
}

// SendMarked is Send; it calls atEnd before the message's end is sent, from which on it may arrive. An error of it keeps the end from being sent.
func (c *Client) SendMarked(ctx context.Context, from, to string, message []byte, atEnd func() error) Result {
	if err := checkAddresses(from, to); err != nil {
		return Result{Outcome: Refused, Stage: StageRecipient, Code: 553, Enhanced: "5.1.3", Text: err.Error(), Err: err}
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return resultOfError(StageConnect, context.Cause(ctx))
	}
	return c.sendOverConn(ctx, from, to, message, atEnd)
}

// sendOverConn uses an idle connection or a new one. If the server closed one while it was idle, that is no outcome: nothing was
// answered, and the message goes over another one.
func (c *Client) sendOverConn(ctx context.Context, from, to string, message []byte, atEnd func() error) Result {
	for {
		cn := c.takeIdle()
		reused := cn != nil
		if !reused {
			var refusal Result
			if cn, refusal = openConn(ctx, c.account, c.options); cn == nil {
				return refusal
			}
		}
		stop := context.AfterFunc(ctx, cn.closeSocket)
		cn.atEnd = atEnd
		r, gone := cn.runTransaction(from, to, message)
		if !stop() || cn.broken {
			cn.closeSocket()
		} else {
			c.putIdle(cn)
		}
		if !reused || !gone || ctx.Err() != nil {
			return r
		}
	}
}

// takeIdle returns the idle connection that was used last, or nil.
func (c *Client) takeIdle() *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.idle) > 0 {
		last := len(c.idle) - 1
		cn := c.idle[last]
		c.idle = c.idle[:last]
		if cn.expiry.Stop() { // else it is being closed
			return cn
		}
	}
	return nil
}

func (c *Client) putIdle(cn *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		go cn.quitSession()
		return
	}
	cn.expiry = time.AfterFunc(c.options.IdleTimeout, func() { c.expireIdle(cn) })
	c.idle = append(c.idle, cn)
}

func (c *Client) expireIdle(cn *conn) {
	c.mu.Lock()
	for i := range c.idle {
		if c.idle[i] == cn {
			c.idle = append(c.idle[:i], c.idle[i+1:]...)
			break
		}
	}
	c.mu.Unlock()
	cn.quitSession()
}

// Close closes idle connections at once, and each of the others after its message.
func (c *Client) Close() {
	c.mu.Lock()
	idle := c.idle
	c.idle, c.closed = nil, true
	c.mu.Unlock()
	for _, cn := range idle {
		if cn.expiry.Stop() {
			cn.quitSession()
		}
	}
}
