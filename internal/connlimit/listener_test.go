package connlimit_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"outrider/internal/connlimit"
)

// failing is a listener that says some errors before what its channel holds.
type failing struct {
	errs  []error
	conns chan net.Conn
}

func (f *failing) Accept() (net.Conn, error) {
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", err)}
	}
	c, ok := <-f.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (f *failing) Close() error   { close(f.conns); return nil }
func (f *failing) Addr() net.Addr { return &net.TCPAddr{} }

// from is a connection of an address.
type from struct {
	net.Conn
	at string
}

func (f from) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(f.at), 1))
}

func pipe(at string) (server from, client net.Conn) {
	a, b := net.Pipe()
	return from{a, at}, b
}

func TestAcceptingGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, err := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
			inner := &failing{errs: []error{err, err, err}, conns: make(chan net.Conn, 1)}
			l := connlimit.Listen(inner, connlimit.Options{Total: 2})
			c, _ := pipe("192.0.2.1")
			inner.conns <- c
			if _, got := l.Accept(); got != nil {
				t.Errorf("after %v: %v", err, got)
			}
			_ = l.Close()
			if _, got := l.Accept(); !errors.Is(got, net.ErrClosed) {
				t.Errorf("closed: %v", got)
			}
		}
	})
}

func TestARealLackOfFilesEndsNothing(t *testing.T) { // alone: it takes all files of the process
	inner, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	l := connlimit.Listen(inner, connlimit.Options{Total: 4})
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				served <- err
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	client, err := net.Dial("tcp", inner.Addr().String()) //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	low := was
	low.Cur = 3 // fewer than are open already: the next accept fails
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	raw, err := syscall.Dup(0)
	if err == nil {
		_ = syscall.Close(raw)
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was)
		t.Skip("files aren't limited here")
	}
	time.Sleep(20 * time.Millisecond) // some fail; how many doesn't matter
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	again, err := net.Dial("tcp", inner.Addr().String()) //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := again.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(again, make([]byte, 1)); err != nil {
		t.Errorf("nobody answers any more: %v", err)
	}
	select {
	case err := <-served:
		t.Errorf("accepting ended: %v", err)
	default:
	}
}

func TestConnectionsAreBoundedPerAddressAndInAll(t *testing.T) {
	t.Parallel()
	inner := &failing{conns: make(chan net.Conn, 16)}
	l := connlimit.Listen(inner, connlimit.Options{Total: 4, PerAddress: 2})
	open := func(at string) (*connlimit.Conn, net.Conn) {
		t.Helper()
		s, c := pipe(at)
		inner.conns <- s
		got, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		return got.(*connlimit.Conn), c
	}
	isClosed := func(client net.Conn) bool {
		_ = client.SetReadDeadline(time.Now())
		_, err := client.Read(make([]byte, 1))
		return errors.Is(err, io.EOF)
	}
	busy, busyClient := open("192.0.2.1")
	busy.Begin()
	_, waiting := open("192.0.2.1")
	_, third := open("192.0.2.1")
	if !isClosed(waiting) || isClosed(busyClient) || isClosed(third) {
		t.Error("a third connection of one address takes the place of the one that waits, and of no request")
	}
	_, six := open("2001:db8::1")
	_, other := open("2001:db8::2:1")
	_, more := open("2001:db8::3:1") // of the same /64
	if !isClosed(six) || isClosed(other) || isClosed(more) {
		t.Error("a /64 is one address")
	}
	_, stranger := open("198.51.100.1") // all are taken: whoever has most gives one
	if isClosed(busyClient) || isClosed(stranger) {
		t.Error("a request that is under way lost its connection")
	}
	if closed := isClosed(third); closed == isClosed(other) {
		t.Errorf("one of those that wait gives its place: %v", closed)
	}
	busy.End()
	_ = busy.Close()
	_ = busy.Close() // counts once
	_, next := open("203.0.113.1")
	if isClosed(next) || isClosed(stranger) {
		t.Error("a place that was given back isn't free")
	}
}

func TestWhoIsBusyIsNotReplaced(t *testing.T) {
	t.Parallel()
	inner := &failing{conns: make(chan net.Conn, 4)}
	l := connlimit.Listen(inner, connlimit.Options{Total: 1})
	first, _ := pipe("192.0.2.1")
	inner.conns <- first
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c.(*connlimit.Conn).Begin()
	second, client := pipe("192.0.2.2")
	inner.conns <- second
	accepted := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		accepted <- err
	}()
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("it isn't turned away: %v", err)
	}
	_ = l.Close()
	if err := <-accepted; !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepted: %v", err)
	}
}

func TestAClientThatTakesNothingIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner := &failing{conns: make(chan net.Conn, 2)}
		l := connlimit.Listen(inner, connlimit.Options{Total: 2, Stall: 30 * time.Second})
		s, client := pipe("192.0.2.1")
		inner.conns <- s
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := c.Write(make([]byte, 4<<10)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) > time.Minute {
			t.Errorf("it took nothing for %s: %v", time.Since(began), err)
		}
		_ = c.Close()
		_ = client

		s, slow := pipe("192.0.2.1") // takes a byte a second
		inner.conns <- s
		if c, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
		go func() {
			b := make([]byte, 1)
			for {
				time.Sleep(time.Second)
				if _, err := slow.Read(b); err != nil {
					return
				}
			}
		}()
		began = time.Now()
		for err == nil {
			_, err = c.Write([]byte("0123456789"))
		}
		if took := time.Since(began); took > 5*time.Minute {
			t.Errorf("a client that takes ten bytes in ten seconds is kept for %s", took)
		}
		_ = c.Close()
		_ = l.Close()
		time.Sleep(2 * time.Second) // the client sees it
	})
}
