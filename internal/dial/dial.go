// Package dial opens connections to hosts that strangers name: mail servers of organisations today, every other outgoing fetch of theirs
// tomorrow. It reaches nothing but public addresses, unless the operator says otherwise.
package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Reach is which addresses may be dialled.
type Reach int

// The zero value is the one for strangers; the others are the operator's to choose.
const (
	Public   Reach = iota // global unicast outside the special-purpose registries of IANA
	Loopback              // this machine only: while the world is simulated
	Anywhere              // private networks too: where everybody who names a host is trusted
)

// Why a host isn't reached. ErrUnreachable is all of it: nothing else is told to who named the host, as the difference between a closed port
// and a forbidden address is a map of our network.
var (
	ErrUnreachable = errors.New("can't be reached")
	ErrForbidden   = errors.New("address or port may not be dialled") // an ErrUnreachable
)

// Unreachable is what the one who named a host is told, whatever the reason.
const Unreachable = "the server can't be reached; check its name and port"

// Resolver finds the addresses of a name; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Dialer opens TCP connections. The zero value reaches public addresses on all ports.
type Dialer struct {
	Reach    Reach
	Ports    []int         // that may be dialled of public addresses; none = all
	Resolver Resolver      // nil: the system's
	Timeout  time.Duration // of all addresses together; 0 = 10 s
}

// DialContext opens a connection to host:port; network is tcp, tcp4 or tcp6. The name is resolved once, and what is dialled is one of the
// addresses that were looked at: a name that means something else a moment later changes nothing. It fits http.Transport.
func (d Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	timeout := d.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := d.dialAllowed(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("%s %w: %w", address, ErrUnreachable, err)
	}
	return conn, nil
}

func (d Dialer) dialAllowed(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 || d.Reach == Public && len(d.Ports) > 0 && !slices.Contains(d.Ports, int(number)) {
		return nil, fmt.Errorf("%w: port %s", ErrForbidden, port)
	}
	all, err := d.resolve(ctx, network, host)
	if err != nil {
		return nil, err
	}
	allowed := slices.DeleteFunc(slices.Clone(all), func(a netip.Addr) bool { return !d.Reach.Allows(a) })
	if len(allowed) == 0 {
		return nil, fmt.Errorf("%w: %v", ErrForbidden, all)
	}
	return d.dialFirst(ctx, network, allowed, uint16(number))
}

// resolve returns the addresses of a host in the order in which they are to be tried.
func (d Dialer) resolve(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if literal, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{literal}, nil
	}
	var resolver Resolver = net.DefaultResolver
	if d.Resolver != nil {
		resolver = d.Resolver
	}
	all, err := resolver.LookupNetIP(ctx, "ip"+network[len("tcp"):], host)
	if err == nil && len(all) == 0 {
		err = errors.New("it has no address")
	}
	return all, err
}

// dialFirst tries addresses one after the other, each for its share of the time that is left.
func (d Dialer) dialFirst(ctx context.Context, network string, to []netip.Addr, port uint16) (net.Conn, error) {
	dialer := net.Dialer{Control: d.checkDialled}
	end, _ := ctx.Deadline()
	var failed error
	for i, address := range to {
		own, cancel := context.WithTimeout(ctx, time.Until(end)/time.Duration(len(to)-i))
		conn, err := dialer.DialContext(own, network, netip.AddrPortFrom(address, port).String())
		cancel()
		if err == nil {
			return conn, nil
		}
		if failed = errors.Join(failed, err); ctx.Err() != nil {
			break
		}
	}
	return nil, failed
}

// checkDialled looks once more, at the address as the system gets it.
func (d Dialer) checkDialled(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	if !d.Reach.Allows(to.Addr()) {
		return fmt.Errorf("%w: %s", ErrForbidden, to.Addr())
	}
	return nil
}

// NoRedirect is an http.Client's CheckRedirect where a redirect is the answer: it would lead elsewhere than what was asked for.
func NoRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
