package imap

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"outrider/internal/mail/transport"
)

// conn is one connection. One command is under way at a time.
type conn struct {
	net     net.Conn
	in      *bufio.Reader
	caps    map[string]bool
	tags    int
	timeout time.Duration // for one command
	literal int64         // what a literal is cut at
}

func newConn(raw net.Conn, timeout time.Duration, literal int64) *conn {
	return &conn{net: raw, in: bufio.NewReader(raw), timeout: timeout, literal: literal}
}

// dial opens a connection, secured and signed in.
func (c *Client) dial(ctx context.Context) (*conn, error) {
	raw, err := c.options.Dialer.Dial(ctx, c.account)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	opened := newConn(raw, c.options.Timeout, c.options.MaxMessageBytes)
	if err := opened.begin(ctx, c.account, c.options.Dialer.TLSConfig(c.account.Host)); err != nil {
		opened.net.Close()
		return nil, err
	}
	return opened, nil
}

func (c *conn) begin(ctx context.Context, a transport.ServerLogin, secure *tls.Config) error {
	c.setDeadline()
	transport.Allow(c.net, maxAnswerBytes)
	hello, err := readResponse(c.in, c.literal)
	if err != nil {
		return transport.ExplainGreeting("IMAP", err)
	}
	switch hello.kind {
	case "OK", "PREAUTH":
	case "BYE":
		return fmt.Errorf("the server takes no connection now: %s", hello.text)
	default:
		return transport.NoServer("IMAP")
	}
	if a.Security == transport.StartTLS {
		if hello.kind == "PREAUTH" { // it could not be secured any more (RFC 9051, 7.1.4)
			return errors.New("start TLS: the server has signed us in before")
		}
		if err := c.startTLS(ctx, secure); err != nil {
			return err
		}
		hello = response{}
	}
	if hello.kind != "PREAUTH" {
		login := func() error { return c.login(a.Username, a.Password) }
		if a.Bearer {
			login = func() error { return c.loginByToken(a) }
		}
		if err := login(); err != nil {
			return err
		}
	}
	return c.readCapabilities()
}

// startTLS drops whatever the server said in the clear behind its answer.
func (c *conn) startTLS(ctx context.Context, secure *tls.Config) error {
	if err := c.run(nil, "STARTTLS"); err != nil {
		if said := (*StatusError)(nil); errors.As(err, &said) {
			return fmt.Errorf("the server offers no STARTTLS: choose TLS, and the port that is for it (%w)", err)
		}
		return fmt.Errorf("start TLS: %w", err)
	}
	secured := tls.Client(c.net, secure)
	if err := secured.HandshakeContext(ctx); err != nil {
		return transport.ExplainTLS(secure.ServerName, err)
	}
	c.net, c.in = secured, bufio.NewReader(secured)
	return nil
}

func (c *conn) login(user, password string) error {
	err := c.run(nil, "LOGIN", astring(user), astring(password))
	var said *StatusError
	if errors.As(err, &said) {
		return fmt.Errorf("%w: %s", ErrLogin, said.Text)
	}
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	return nil
}

// readCapabilities is of use, but no need.
func (c *conn) readCapabilities() error {
	c.caps = map[string]bool{}
	err := c.run(func(r response) {
		if r.kind == "CAPABILITY" && len(c.caps) < maxCapabilities {
			for _, v := range r.values[:min(len(r.values), maxCapabilities)] {
				c.caps[strings.ToUpper(v.text)] = true
			}
		}
	}, "CAPABILITY")
	return exceptRefused(err)
}

// exceptRefused leaves out that the server doesn't do what it was asked.
func exceptRefused(err error) error {
	if said := (*StatusError)(nil); errors.As(err, &said) {
		return nil
	}
	return err
}

func (c *conn) setDeadline() { _ = c.net.SetDeadline(time.Now().Add(c.timeout)) }
