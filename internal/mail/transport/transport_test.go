package transport_test

import (
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"outrider/internal/dial"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

func TestOnlyAllowedAddressesAreDialled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dialer transport.Dialer
		host   string
	}{
		"loopback only, a public address":          {transport.Dialer{LoopbackOnly: true}, "192.0.2.1"},
		"loopback only, a private address":         {transport.Dialer{LoopbackOnly: true}, "10.0.0.1"},
		"loopback only, another address, IPv6":     {transport.Dialer{LoopbackOnly: true}, "2001:db8::1"},
		"public only, loopback":                    {transport.Dialer{}, "127.0.0.1"},
		"public only, a name that means loopback":  {transport.Dialer{}, "localhost"},
		"public only, loopback written as IPv6":    {transport.Dialer{}, "::ffff:127.0.0.1"},
		"public only, the metadata of a cloud":     {transport.Dialer{}, "169.254.169.254"},
		"public only, this network's own address":  {transport.Dialer{}, "0.0.0.0"},
		"public only, private":                     {transport.Dialer{}, "192.168.1.1"},
		"public only, a private address over IPv6": {transport.Dialer{}, "fd00::1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.dialer.Dial(t.Context(), transport.ServerLogin{Host: c.host, Port: 993})
			if !errors.Is(err, dial.ErrForbidden) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTheCertificateIsVerified(t *testing.T) {
	t.Parallel()
	ca := mailtest.NewCA(t)
	address := ca.ServeTLS(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	other := mailtest.NewCAFor(t, &x509.Certificate{DNSNames: []string{"mail.example.com"}})
	otherAddress := other.ServeTLS(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })

	for name, c := range map[string]struct {
		dialer transport.Dialer
		host   string
		port   int
		want   string
	}{
		"our CA":                    {transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}, "127.0.0.1", address.Port, ""},
		"our CA, by name":           {transport.Dialer{Roots: ca.Roots, LoopbackOnly: true}, "localhost", address.Port, ""},
		"a CA that nobody told of":  {transport.Dialer{LoopbackOnly: true}, "127.0.0.1", address.Port, "unknown authority"},
		"a certificate for another": {transport.Dialer{Roots: other.Roots, LoopbackOnly: true}, "localhost", otherAddress.Port, "not localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := c.dialer.Dial(t.Context(), transport.ServerLogin{Host: c.host, Port: c.port})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
		})
	}
}
