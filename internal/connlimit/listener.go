// Package connlimit keeps strangers from ending or filling a server by its connections: accepting goes on whatever it says of one of them, they are
// bounded per address and in all below the limit of files, and one that takes or sends nothing is given up.
package connlimit

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Options of a Listener; the zero value of each is its default.
type Options struct {
	Total      int           // connections at a time; half of the files that may be open, 4,096 at most
	PerAddress int           // of one address (of IPv6: one /64); half of Total. Behind a proxy all have the proxy's: give it Total there
	Stall      time.Duration // how long a client may take nothing of what is written; 30 s
	Logger     *slog.Logger  // of what is turned away, at most once a minute; nil = none
}

func (o Options) withDefaults() Options {
	if o.Total <= 0 {
		o.Total = min(openFiles()/2, 4096)
	}
	if o.PerAddress <= 0 {
		o.PerAddress = max(o.Total/2, 1)
	}
	o.PerAddress = min(o.PerAddress, o.Total)
	if o.Stall <= 0 {
		o.Stall = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// openFiles is how many files this process may have open.
func openFiles() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil || l.Cur > 1<<20 {
		return 1 << 20
	}
	return int(l.Cur)
}

// Listener gives connections that are bounded.
type Listener struct {
	net.Listener
	options Options

	mu     sync.Mutex
	groups map[netip.Addr]*group // by address
	total  int
	told   time.Time // when something was logged last
	closed chan struct{}
	once   sync.Once
}

// group is the connections of one address; those that wait for a request come in the order in which they began to.
type group struct {
	open    int
	waiting []*Conn
}

// Listen bounds what l accepts.
func Listen(l net.Listener, o Options) *Listener {
	return &Listener{Listener: l, options: o.withDefaults(), groups: map[netip.Addr]*group{}, closed: make(chan struct{})}
}

// Close stops accepting, also while Accept waits for files to become free.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// Accept returns the next connection that there is room for. An error is the listener's own: it is closed, or of no use any more. What only one
// connection or the moment is to blame for (no files or memory left, a client that is gone already) is tried again.
func (l *Listener) Accept() (net.Conn, error) {
	wait := 5 * time.Millisecond
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			if !passes(err) {
				return nil, err
			}
			l.report("connections can't be accepted for the moment", "error", err)
			l.dropWaiting(nil)
			select {
			case <-l.closed:
				return nil, net.ErrClosed
			case <-time.After(wait):
			}
			wait = min(2*wait, time.Second)
			continue
		}
		wait = 5 * time.Millisecond
		if c := l.admit(raw); c != nil {
			return c, nil
		}
		_ = raw.Close()
	}
}

// passes reports whether an error of accept is about the moment or about one connection (accept(2)).
func passes(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EPROTO, syscall.EINTR, syscall.EPERM,
		syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.EHOSTUNREACH, syscall.ENOPROTOOPT, syscall.EOPNOTSUPP, syscall.ETIMEDOUT} {
		if errors.Is(err, e) {
			return true
		}
	}
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// admit takes a connection in; where there is no room, the one that has waited longest for a request gives its place: of the same address if that
// has all it may have, else of the one that has most. nil = nobody can be asked to leave.
func (l *Listener) admit(raw net.Conn) *Conn {
	at := addressOf(raw)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch own := l.groups[at]; {
	case own != nil && own.open >= l.options.PerAddress:
		if !l.dropLongest(own) {
			l.reportLocked("an address has all the connections that it may have", "address", at, "connections", own.open)
			return nil
		}
	case l.total >= l.options.Total:
		if !l.dropLongest(l.largest()) {
			l.reportLocked("there are as many connections as there may be", "connections", l.total)
			return nil
		}
	}
	of := l.groups[at] // dropLongest may have emptied it
	if of == nil {
		of = &group{}
		l.groups[at] = of
	}
	of.open++
	l.total++
	c := &Conn{Conn: raw, listener: l, at: at, stall: l.options.Stall, allowed: patience}
	of.waiting = append(of.waiting, c)
	c.isWaiting = true
	return c
}

// largest is the group with the most connections of those that have one waiting.
func (l *Listener) largest() (most *group) {
	for _, g := range l.groups {
		if len(g.waiting) > 0 && (most == nil || g.open > most.open) {
			most = g
		}
	}
	return most
}

// dropLongest closes the connection of a group that has waited longest, if any does.
func (l *Listener) dropLongest(g *group) bool {
	if g == nil || len(g.waiting) == 0 {
		return false
	}
	c := g.waiting[0]
	l.forget(c)
	_ = c.Conn.Close()
	return true
}

// dropWaiting makes room when the process has no files left.
func (l *Listener) dropWaiting(g *group) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g == nil {
		g = l.largest()
	}
	l.dropLongest(g)
}

// forget takes a connection out of the count, once.
func (l *Listener) forget(c *Conn) {
	if c.isGone {
		return
	}
	c.isGone = true
	g := l.groups[c.at]
	l.setWaiting(g, c, false)
	l.total--
	if g.open--; g.open == 0 {
		delete(l.groups, c.at)
	}
}

func (l *Listener) setWaiting(g *group, c *Conn, waits bool) {
	if c.isWaiting == waits {
		return
	}
	c.isWaiting = waits
	if waits {
		g.waiting = append(g.waiting, c)
		return
	}
	for i := range g.waiting {
		if g.waiting[i] == c {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			break
		}
	}
}

func (l *Listener) report(what string, attrs ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reportLocked(what, attrs...)
}

func (l *Listener) reportLocked(what string, attrs ...any) {
	if time.Since(l.told) >= time.Minute {
		l.told = time.Now()
		l.options.Logger.Warn(what, attrs...)
	}
}

// addressOf is what connections are counted by.
func addressOf(c net.Conn) netip.Addr {
	to, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return Neighbourhood(to.Addr())
}

// Neighbourhood is what somebody is counted by who has an address: whoever has one of IPv6 has the /64 around it.
func Neighbourhood(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
