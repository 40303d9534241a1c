package transport_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

// Who types a server in is told what to do, and nothing of this machine's sockets.
func TestWhatHelpsIsSaidOfAServerThatIsNotTaken(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	a := mailtest.NewSMTP(t, ca, transport.Implicit).Account
	plain := mailtest.NewSMTP(t, ca, transport.StartTLS).Account
	plain.Security = transport.Implicit
	_, _, greeting := textproto.NewReader(bufio.NewReader(strings.NewReader("HTTP/1.1 400 Bad Request\r\n"))).ReadResponse(220)
	silent := &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{Port: 4711}, Err: os.ErrDeadlineExceeded}
	for name, x := range map[string]struct {
		err  error
		says string
	}{
		"a port without TLS":       {dialled(t, transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}, plain), "choose the port that is for TLS, or STARTTLS"},
		"an unknown authority":     {dialled(t, transport.Dialer{LoopbackOnly: true}, a), "signed by nobody who is trusted here"},
		"another's certificate":    {transport.ExplainTLS("mail.example", asNamed(t, ca, a, "mail.example")), "is not for mail.example"},
		"a server that is silent":  {transport.ExplainTLS("mail.example", silent), "compare port and encryption"},
		"one that doesn't greet":   {transport.ExplainGreeting("IMAP", silent), "compare port and encryption"},
		"one that hangs up":        {transport.ExplainGreeting("SMTP", io.EOF), "compare port and encryption"},
		"another protocol":         {transport.ExplainGreeting("SMTP", greeting), "no SMTP server"},
		"what is known of no more": {transport.ExplainTLS("mail.example", errors.New("odd")), "odd"},
	} {
		if x.err == nil || !strings.Contains(x.err.Error(), x.says) || strings.Contains(x.err.Error(), "4711") {
			t.Errorf("%s: %v", name, x.err)
		}
	}
	if !errors.Is(transport.ExplainTLS("mail.example", silent), os.ErrDeadlineExceeded) {
		t.Error("what kind of error it is got lost")
	}
}

func dialled(t *testing.T, d transport.Dialer, a transport.ServerLogin) error {
	t.Helper()
	c, err := d.Dial(t.Context(), a)
	if err == nil {
		c.Close()
	}
	return err
}

// asNamed is the error of a handshake with a server that is taken for another.
func asNamed(t *testing.T, ca mailtest.CA, a transport.ServerLogin, name string) error {
	t.Helper()
	a.Security = transport.StartTLS // so that the dialer doesn't secure it
	d := transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}
	c, err := d.Dial(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return tls.Client(c, d.TLSConfig(name)).HandshakeContext(t.Context())
}
