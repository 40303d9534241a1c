package api

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"outrider/internal/connlimit"
)

const (
	maxBody    = 1 << 20  // bytes of a request's body, files of imports excepted
	maxDrain   = 32 << 20 // bytes of a refused upload that are read, so that the caller reads the answer
	prefetched = 8 << 10  // bytes of a body that the library has read before we are asked
)

// What an upload may make us wait for, once it is known whose it is: importTimeout in all, and this long beyond a second for every slowestUpload bytes.
const (
	uploadStall   = 30 * time.Second
	slowestUpload = 4 << 10
)

// body is a request's body as it comes. It remembers its end: the library's stream must not be read beyond, as the next
// request of the connection follows there.
type body struct {
	stream io.Reader
	ended  bool

	conn    net.Conn // of an upload
	end     time.Time
	allowed time.Duration // that it may still make us wait
}

func bodyOf(c *fiber.Ctx) *body {
	stream := c.Context().RequestBodyStream()
	return &body{stream: stream, ended: stream == nil}
}

// allowUpload lets the body take longer than a request may. Call it when it is known who asks.
func (b *body) allowUpload(c *fiber.Ctx) {
	b.conn, b.end, b.allowed = c.Context().Conn(), time.Now().Add(importTimeout), uploadStall
}

func (b *body) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	began := time.Now()
	if b.conn != nil {
		end := began.Add(b.allowed)
		if b.end.Before(end) {
			end = b.end
		}
		if err := b.conn.SetReadDeadline(end); err != nil {
			return 0, err
		}
	}
	n, err := b.stream.Read(p)
	b.allowed = min(b.allowed-time.Since(began)+time.Duration(n)*time.Second/slowestUpload, uploadStall)
	b.ended = errors.Is(err, io.EOF)
	return n, err
}

// drainBody reads what is left of a body, at most limit. The library doesn't: the rest would be taken for the connection's next request. A
// connection with more left is closed after the answer.
func (b *body) drainBody(c *fiber.Ctx, limit int64) {
	if b.ended {
		return
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(b, limit)); err != nil || !b.ended {
		closeConn(c)
	}
}

// drainStranger is drainBody where nobody knows who asks: no byte is waited for, and a connection with a larger body is closed.
func (b *body) drainStranger(c *fiber.Ctx) {
	if length := c.Request().Header.ContentLength(); length >= 0 && length <= prefetched {
		b.drainBody(c, prefetched)
		return
	}
	if !b.ended {
		closeConn(c)
	}
}

// closeConn closes the connection after the answer, so that a client that is still sending can read it.
func closeConn(c *fiber.Ctx) {
	c.Context().SetConnectionClose()
	if conn, ok := c.Context().Conn().(*connlimit.Conn); ok {
		conn.Linger()
	}
}
