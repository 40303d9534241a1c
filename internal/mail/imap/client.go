// Package imap reads what is new in a mailbox, without ever marking anything as read.
package imap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"outrider/internal/mail/transport"
)

// Inbox is the folder that every account has (RFC 9051, 5.1).
const Inbox = "INBOX"

// Options of a Client; the zero value of each is its default.
type Options struct {
	Dialer          transport.Dialer
	Now             func() time.Time // the product's clock; time.Now
	Timeout         time.Duration    // for one call; 2 min
	MaxMessages     int              // in a batch; 200
	MaxBatchBytes   int64            // in a batch, unless one message alone is larger; 8 MiB
	MaxMessageBytes int64            // what a message is cut at; 4 MiB
	Lookback        time.Duration    // how far back a folder is read again after its numbering restarted; 30 days
}

// Client polls one account over one connection, which it opens when it needs it. Calls wait for each other.
type Client struct {
	account transport.Account
	options Options

	mu   sync.Mutex
	conn *imapclient.Client // nil: not connected
}

// New doesn't connect yet.
func New(account transport.Account, o Options) *Client {
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
	return &Client{account: account, options: o}
}

// ErrLogin means that the server refused the user name or password.
var ErrLogin = errors.New("login refused")

// Verify opens a new connection, secures it and logs in.
func (c *Client) Verify(ctx context.Context) error {
	c.Close()
	return c.withConn(ctx, func(conn *imapclient.Client) error { return conn.Noop().Wait() })
}

// SentFolder returns the name of the folder for sent messages, or "" when there is none: the one that the server marks
// (RFC 6154), else one with a usual name.
func (c *Client) SentFolder(ctx context.Context) (name string, err error) {
	err = c.withConn(ctx, func(conn *imapclient.Client) error {
		var options *imap.ListOptions
		if caps := conn.Caps(); caps.Has(imap.CapSpecialUse) && caps.Has(imap.CapListExtended) {
			options = &imap.ListOptions{ReturnSpecialUse: true}
		}
		folders, err := conn.List("", "*", options).Collect()
		if err != nil {
			return fmt.Errorf("list folders: %w", err)
		}
		name = sentFolder(folders)
		return nil
	})
	return name, err
}

func sentFolder(folders []*imap.ListData) string {
	for _, f := range folders {
		for _, attr := range f.Attrs {
			if attr == imap.MailboxAttrSent {
				return f.Mailbox
			}
		}
	}
	usual := []string{"sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete elemente", "gesendete objekte",
		"envoyés", "messages envoyés", "éléments envoyés", "enviados", "elementos enviados"}
	for _, name := range usual {
		for _, f := range folders {
			last := f.Mailbox
			if f.Delim != 0 {
				last = last[strings.LastIndex(last, string(f.Delim))+1:]
			}
			if strings.EqualFold(last, name) {
				return f.Mailbox
			}
		}
	}
	return ""
}

// Close closes the connection; the next call opens another one.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropConn()
}

func (c *Client) dropConn() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// withConn runs do on the connection. If it was an old one and fails other than by a refusal from the server, do runs once more, on a
// new one.
func (c *Client) withConn(ctx context.Context, do func(*imapclient.Client) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	for {
		reused := c.conn != nil
		if !reused {
			if err := c.openConn(ctx); err != nil {
				return err
			}
		}
		conn := c.conn
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		err := do(conn)
		cancelled := !stop()
		var said *imap.Error
		if err == nil && !cancelled || errors.As(err, &said) && said.Type == imap.StatusResponseTypeNo {
			return err
		}
		c.dropConn()
		if cancelled || ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		if !reused {
			return err
		}
	}
}

func (c *Client) openConn(ctx context.Context) error {
	raw, err := c.options.Dialer.Dial(ctx, c.account)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	options := &imapclient.Options{TLSConfig: c.options.Dialer.TLSConfig(c.account.Host)}
	var conn *imapclient.Client
	if c.account.Security == transport.StartTLS {
		if conn, err = imapclient.NewStartTLS(raw, options); err != nil {
			return fmt.Errorf("start TLS: %w", err)
		}
	} else {
		conn = imapclient.New(raw, options)
	}
	if err := conn.Login(c.account.Username, c.account.Password).Wait(); err != nil {
		conn.Close()
		var said *imap.Error
		if errors.As(err, &said) {
			return fmt.Errorf("%w: %s", ErrLogin, said.Text)
		}
		return fmt.Errorf("log in: %w", err)
	}
	c.conn = conn
	return nil
}
