// Package loopback opens and accepts connections on this machine only: what simulates mail must reach nobody.
package loopback

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrOutside says that an address is not this machine's loopback.
var ErrOutside = errors.New("address is not loopback")

// Dialer dials loopback addresses; anything else fails with ErrOutside. The check is made on the address that is about
// to be connected, so a name can't lead outside.
func Dialer() *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error { return check(address) }}
}

// Listen listens on address (host:port, port 0 chooses one), which must be loopback.
func Listen(address string) (*net.TCPListener, error) {
	if err := check(address); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	l, err := net.Listen("tcp", address) //nolint:noctx // local, at once
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l.(*net.TCPListener), nil
}

func check(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrOutside, address)
	}
	if !a.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%w: %s", ErrOutside, address)
	}
	return nil
}
