// Package imap reads what is new in a mailbox, without ever marking anything as read.
package imap

import (
	"context"
	"errors"
	"sync"
	"time"

	"outrider/internal/mail/transport"
)

// Inbox is the folder that every account has (RFC 9051, 5.1).
const Inbox = "INBOX"

// Options of a Client; the zero value of each is its default.
type Options struct {
	Dialer          transport.Dialer
	Now             func() time.Time // the product's clock; time.Now
	Timeout         time.Duration    // for one command; 2 min
	MaxMessages     int              // in a batch; 200
	MaxBatchBytes   int64            // in a batch, unless one message alone is larger; 8 MiB
	MaxMessageBytes int64            // what a message is cut at; 4 MiB
	Lookback        time.Duration    // how far back a folder is read again after its numbering restarted; 30 days
}

// Client polls one account over one connection, which it opens when it needs it. Calls wait for each other.
type Client struct {
	account transport.ServerLogin
	options Options

	mu      sync.Mutex
	conn    *conn       // nil: not connected
	unwatch func() bool // of the call's context, which closes conn
	tries   failedReads
}

// New doesn't connect yet.
func New(account transport.ServerLogin, o Options) *Client {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	if o.MaxMessages == 0 {
		o.MaxMessages = 200
	}
	if o.MaxBatchBytes == 0 {
		o.MaxBatchBytes = 8 << 20
	}
	if o.MaxMessageBytes == 0 {
		o.MaxMessageBytes = 4 << 20
	}
	if o.Lookback == 0 {
		o.Lookback = 30 * 24 * time.Hour
	}
	return &Client{account: account, options: o, tries: failedReads{}}
}

// ErrLogin means that the server refused the user name or password.
var ErrLogin = errors.New("login refused")

// Verify opens a new connection, secures it and logs in.
func (c *Client) Verify(ctx context.Context) error {
	c.Close()
	return c.withConn(ctx, func(at *conn) error { return at.run(nil, "NOOP") })
}

// Close closes the connection; the next call opens another one.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropConn()
}

func (c *Client) dropConn() {
	if c.conn != nil {
		c.conn.net.Close()
		c.conn = nil
	}
}

// withConn runs do on the connection. If it was an old one and fails other than by a refusal from the server, do runs once more, on a
// new one.
func (c *Client) withConn(ctx context.Context, do func(*conn) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		reused := c.conn != nil
		if reused {
			c.watch(ctx)
		} else if _, err := c.reconnect(ctx); err != nil {
			return err
		}
		err := do(c.conn)
		if !c.unwatch() || ctx.Err() != nil {
			c.dropConn()
			return errors.Join(context.Cause(ctx), err)
		}
		var said *StatusError
		if err == nil || errors.As(err, &said) {
			return err
		}
		c.dropConn()
		if !reused {
			return err
		}
	}
}

// watch closes the connection when the call is over before its time.
func (c *Client) watch(ctx context.Context) {
	if c.unwatch != nil {
		c.unwatch()
	}
	watched := c.conn.net
	c.unwatch = context.AfterFunc(ctx, func() { watched.Close() })
}

// reconnect replaces the connection.
func (c *Client) reconnect(ctx context.Context) (*conn, error) {
	c.dropConn()
	opened, err := c.dial(ctx)
	if err != nil {
		c.unwatch = func() bool { return ctx.Err() == nil }
		return nil, err
	}
	c.conn = opened
	c.watch(ctx)
	return opened, nil
}
