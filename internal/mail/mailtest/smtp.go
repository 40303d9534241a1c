package mailtest

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"outrider/internal/mail/transport"
)

// ReceivedMail is a message as it arrived.
type ReceivedMail struct {
	From, To string
	Message  string
}

// SMTP is a real submission server whose answers a test can change. Its account is "user" with "secret".
type SMTP struct {
	Account transport.ServerLogin
	// The hooks run in the session; an error is the answer. They are set before the first connection.
	OnMail, OnRcpt func(c *smtp.Conn, address string) error
	OnData         func(c *smtp.Conn, d ReceivedMail) error
	Discard        bool // keep no deliveries

	mu         sync.Mutex
	deliveries []ReceivedMail
	sessions   int
	open, most int
}

// NewSMTP listens until the test ends.
func NewSMTP(t testing.TB, ca CA, security transport.Security) *SMTP {
	t.Helper()
	s := &SMTP{}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sessions++
		s.open++
		s.most = max(s.most, s.open)
		return &smtpSession{server: s, conn: c}, nil
	}))
	server.Domain = "localhost"
	server.ErrorLog = silentLogger{}
	listener := Listen(t)
	port := listener.Addr().(*net.TCPAddr).Port
	if security == transport.StartTLS {
		server.TLSConfig = ca.Server
	} else {
		listener = tls.NewListener(listener, ca.Server)
	}
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { server.Close() })
	s.Account = transport.ServerLogin{Host: "127.0.0.1", Port: port, Security: security, Username: "user", Password: "secret"}
	return s
}

type silentLogger struct{}

func (silentLogger) Printf(string, ...any) {}
func (silentLogger) Println(...any)        {}

// Deliveries are those that were answered with 2xx.
func (s *SMTP) Deliveries() []ReceivedMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]ReceivedMail(nil), s.deliveries...)
}

// Sessions is how many connections (after STARTTLS: halves of one) there were, and how many at once at most.
func (s *SMTP) Sessions() (all, atOnce int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions, s.most
}

type smtpSession struct {
	server   *SMTP
	conn     *smtp.Conn
	loggedIn bool
	delivery ReceivedMail
}

func (s *smtpSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "user" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		s.loggedIn = true
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if !s.loggedIn {
		return smtp.ErrAuthRequired
	}
	s.delivery.From = from
	return callHook(s.server.OnMail, s.conn, from)
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.delivery.To = to
	return callHook(s.server.OnRcpt, s.conn, to)
}

func (s *smtpSession) Data(r io.Reader) error {
	if s.server.Discard {
		_, err := io.Copy(io.Discard, r)
		return err
	}
	message, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.delivery.Message = string(message)
	if err := callHook(s.server.OnData, s.conn, s.delivery); err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.deliveries = append(s.server.deliveries, s.delivery)
	s.server.mu.Unlock()
	return nil
}

func (s *smtpSession) Reset() { s.delivery = ReceivedMail{} }

func (s *smtpSession) Logout() error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.open--
	return nil
}

func callHook[T any](hook func(*smtp.Conn, T) error, c *smtp.Conn, v T) error {
	if hook == nil {
		return nil
	}
	return hook(c, v)
}

// Hangup is a hook's answer that is none: the connection is gone.
func Hangup(c *smtp.Conn) error {
	c.Conn().Close()
	return errors.New("hung up")
}
