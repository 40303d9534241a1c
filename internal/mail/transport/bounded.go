package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
)

// ErrExceeded means that a server said more than it may for what it was asked.
var ErrExceeded = errors.New("the server says more than it was asked for")

// maxHandshake is what a server may say until the connection is encrypted.
const maxHandshake = 256 << 10

// bounded is a connection of which no more is read than was allowed last.
type bounded struct {
	net.Conn
	left atomic.Int64
}

func bound(conn net.Conn) net.Conn {
	b := &bounded{Conn: conn}
	b.left.Store(maxHandshake)
	return b
}

func (b *bounded) Read(p []byte) (int, error) {
	left := b.left.Load()
	if left <= 0 {
		return 0, ErrExceeded
	}
	n, err := b.Conn.Read(p[:min(int64(len(p)), left)])
	b.left.Add(-int64(n))
	return n, err
}

// Allow says how many bytes may be read from now on of a connection that Dial opened, encrypted or not: of the answers to the next command. What
// is beyond is ErrExceeded.
func Allow(conn net.Conn, n int64) {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	if b, ok := conn.(*bounded); ok {
		b.left.Store(n)
	}
}
