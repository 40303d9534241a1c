// Package transport reaches a mailbox's servers: verified TLS, and no address that it may not reach.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// Security is how a connection becomes encrypted. There is no plain text.
type Security string

// The two ways (RFC 8314): encrypted from the first byte (the zero value means it too), or upgraded by STARTTLS.
const (
	Implicit Security = "implicit"
	StartTLS Security = "starttls"
)

// Account is one server and who we are there.
type Account struct {
	Host     string // a name or an address; the certificate must be valid for it
	Port     int
	Security Security
	Username string
	Password string
}

// ErrForbiddenAddress means that a name resolved to an address that this process may not dial.
var ErrForbiddenAddress = errors.New("address may not be dialled")

// Dialer opens connections. The zero value dials anywhere, trusts the system's CAs and waits 10 s.
type Dialer struct {
	LoopbackOnly bool           // nothing but loopback: while mail is simulated
	PublicOnly   bool           // no private, loopback or link-local address: where strangers name the host
	Resolver     *net.Resolver  // nil: the system's
	Roots        *x509.CertPool // nil: the system's; see RootsWith
	Timeout      time.Duration  // for connecting and the TLS handshake; 0 means 10 s
}

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
// it, with TLSConfig. The addresses are checked after the name was resolved, when they are dialled.
func (d Dialer) Dial(ctx context.Context, a Account) (net.Conn, error) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	dialer := net.Dialer{Resolver: d.Resolver, Control: d.checkAddress}
	address := net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
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
		return nil, fmt.Errorf("secure %s: %w", address, err)
	}
	return secured, nil
}

// checkAddress refuses to dial an address that the Dialer may not reach.
func (d Dialer) checkAddress(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	ip := to.Addr().Unmap()
	inside := ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified()
	if d.LoopbackOnly && !ip.IsLoopback() || d.PublicOnly && inside {
		return fmt.Errorf("%w: %s", ErrForbiddenAddress, ip)
	}
	return nil
}
