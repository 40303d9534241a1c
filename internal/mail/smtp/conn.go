package smtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"time"

	"outrider/internal/mail/transport"
)

// conn is an authenticated connection. The standard library's client greets, secures and authenticates; the transactions
// are ours, because it (and go-smtp's client) waits for each answer, and most servers let us pipeline (RFC 2920).
type conn struct {
	net      net.Conn
	client   *smtp.Client
	options  Options
	pipeline bool
	size     bool         // SIZE (RFC 1870)
	utf8     bool         // SMTPUTF8 (RFC 6531)
	eightBit bool         // 8BITMIME (RFC 6152)
	dirty    bool         // a transaction was begun and not ended: RSET comes first
	broken   bool         // may not be used again
	expiry   *time.Timer  // while it is idle
	atEnd    func() error // called before a message's end is sent
}

func openConn(ctx context.Context, a transport.ServerLogin, o Options) (*conn, Result) {
	raw, err := o.Dialer.Dial(ctx, a)
	if err != nil {
		return nil, resultOfError(StageConnect, err)
	}
	cn := &conn{net: raw, options: o}
	defer context.AfterFunc(ctx, cn.closeSocket)()
	cn.setDeadline(o.CommandTimeout)
	if r := cn.runHandshake(a); r.Outcome != Accepted {
		raw.Close()
		return nil, r
	}
	return cn, Result{}
}

func (cn *conn) runHandshake(a transport.ServerLogin) Result {
	var err error
	if cn.client, err = smtp.NewClient(cn.net, a.Host); err != nil {
		return resultOfError(StageConnect, transport.ExplainGreeting("SMTP", err))
	}
	if err := cn.client.Hello(cn.options.LocalName); err != nil {
		return resultOfError(StageConnect, fmt.Errorf("say hello: %w", err))
	}
	if a.Security == transport.StartTLS {
		// Without it we stop: going on in plain text is what someone in between would want.
		if err := cn.client.StartTLS(cn.options.Dialer.TLSConfig(a.Host)); err != nil {
			r := resultOfError(StageTLS, transport.ExplainTLS(a.Host, err))
			if r.Err == nil {
				r.Text = clipText("the server offers no STARTTLS: choose TLS, and the port that is for it (it says: " + r.Text + ")")
			}
			return r
		}
	}
	if err := cn.authenticateAs(a); err != nil {
		return resultOfError(StageAuth, fmt.Errorf("authenticate: %w", err))
	}
	cn.pipeline, _ = cn.client.Extension("PIPELINING")
	cn.size, _ = cn.client.Extension("SIZE")
	cn.utf8, _ = cn.client.Extension("SMTPUTF8")
	cn.eightBit, _ = cn.client.Extension("8BITMIME")
	return Result{Outcome: Accepted}
}

func (cn *conn) authenticateAs(a transport.ServerLogin) error {
	_, offered := cn.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	if a.Bearer {
		b, err := newBearer(mechanisms, a)
		if err != nil {
			return err
		}
		return cn.client.Auth(b)
	}
	for _, m := range mechanisms {
		if m == "PLAIN" {
			return cn.client.Auth(smtp.PlainAuth("", a.Username, a.Password, a.Host))
		}
	}
	for _, m := range mechanisms {
		if m == "LOGIN" { // all that some large providers offer beside OAuth
			return cn.client.Auth(&login{username: a.Username, password: a.Password})
		}
	}
	if offered == "" {
		return errors.New("the server offers no sign-in at this port: compare name and port with what the mail provider says (587 or 465, and not 25)")
	}
	return fmt.Errorf("the server offers %q, and only PLAIN and LOGIN are known here: ask the mail provider how programs sign in with a password", offered)
}

// login is the mechanism LOGIN, never standardised; draft-murchison-sasl-login describes it.
type login struct{ username, password string }

func (l *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !server.TLS {
		return "", nil, errors.New("unencrypted connection")
	}
	return "LOGIN", nil, nil
}

func (l *login) Next(challenge []byte, more bool) ([]byte, error) {
	switch prompt := strings.ToLower(string(challenge)); {
	case !more:
		return nil, nil
	case strings.HasPrefix(prompt, "user"):
		return []byte(l.username), nil
	case strings.HasPrefix(prompt, "pass"):
		return []byte(l.password), nil
	default:
		return nil, fmt.Errorf("unknown challenge %q", challenge)
	}
}

// maxReplyBytes is what a server may say from one step of the dialogue to the next; the longest that are known have some 2 kB.
const maxReplyBytes = 256 << 10

// setDeadline begins a step of the dialogue, which is bounded in time and bytes.
func (cn *conn) setDeadline(d time.Duration) {
	transport.Allow(cn.net, maxReplyBytes)
	if err := cn.net.SetDeadline(time.Now().Add(d)); err != nil {
		cn.broken = true
	}
}

// closeSocket also ends a read or write that is under way.
func (cn *conn) closeSocket() { cn.net.Close() }

// quitSession sends QUIT, closes the connection and waits for no answer.
func (cn *conn) quitSession() {
	cn.setDeadline(time.Second)
	fmt.Fprint(cn.client.Text.W, "QUIT\r\n")
	cn.client.Text.W.Flush()
	cn.closeSocket()
}
