// Package transport reaches a mailbox's servers: verified TLS, and no address that it may not reach.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"outrider/internal/dial"
)

// Security is how a connection becomes encrypted. There is no plain text.
type Security string

// The two ways (RFC 8314): encrypted from the first byte (the zero value means it too), or upgraded by STARTTLS.
const (
	Implicit Security = "implicit"
	StartTLS Security = "starttls"
)

// ServerLogin is one server and who we are there.
type ServerLogin struct {
	Host     string // a name or an address; the certificate must be valid for it
	Port     int
	Security Security
	Username string
	Password string
	Bearer   bool   // the password is an access token
	Provider string // "" = it is a mail server; else who sends by an API of their own, whose key is the password
}

// Dialer opens connections. The zero value reaches mail servers at public addresses, trusts the system's CAs and waits 10 s.
type Dialer struct {
	LoopbackOnly bool           // nothing but this machine, at any port: while mail is simulated
	Private      bool           // also private addresses, and any port: where everybody who names a host is trusted
	Resolver     dial.Resolver  // nil: the system's
	Roots        *x509.CertPool // nil: the system's; see RootsWith
	Timeout      time.Duration  // for connecting and the TLS handshake; 0 means 10 s
}

// mailPorts are submission (RFC 6409, 8314, and 2525, which many providers open beside it), SMTP itself, and IMAP.
func mailPorts() []int { return []int{25, 143, 465, 587, 993, 2525} }

// RootsWith returns the system's CAs and those of pem.
func RootsWith(pem []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without any; ours still counts
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("read CA: no certificate in PEM")
	}
	return pool, nil
}

// TLSConfig verifies that the server is host. TLS 1.2 at least (RFC 8996).
func (d Dialer) TLSConfig(host string) *tls.Config {
	return &tls.Config{ServerName: host, RootCAs: d.Roots, MinVersion: tls.VersionTLS12}
}

// Dial opens a TCP connection to a's server, and makes it a TLS one if a says Implicit. With StartTLS the caller upgrades
// it, with TLSConfig. What can't be reached is dial.ErrUnreachable.
func (d Dialer) Dial(ctx context.Context, a ServerLogin) (net.Conn, error) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	reach := dial.Public
	switch {
	case d.LoopbackOnly:
		reach = dial.Loopback
	case d.Private:
		reach = dial.Anywhere
	}
	address := net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
	conn, err := dial.Dialer{Reach: reach, Ports: mailPorts(), Resolver: d.Resolver, Timeout: timeout}.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("dial %w", err)
	}
	conn = bound(conn)
	switch a.Security {
	case StartTLS:
		return conn, nil
	case Implicit, "":
	default:
		conn.Close()
		return nil, fmt.Errorf("dial %s: unknown security %q", address, a.Security)
	}
	secured := tls.Client(conn, d.TLSConfig(a.Host))
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, ExplainTLS(a.Host, err)
	}
	return secured, nil
}
