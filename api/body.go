package api

import (
	"errors"
	"io"

	"github.com/gofiber/fiber/v2"
)

const (
	maxBody  = 1 << 20  // bytes of a request's body, files of imports excepted
	maxDrain = 32 << 20 // bytes of a refused upload that are read, so that the caller reads the answer
)

// body is a request's body as it comes. It remembers its end: the library's stream must not be read beyond, as the next
// request of the connection follows there.
type body struct {
	stream io.Reader
	ended  bool
}

func bodyOf(c *fiber.Ctx) *body {
	stream := c.Context().RequestBodyStream()
	return &body{stream: stream, ended: stream == nil}
}

func (b *body) Read(p []byte) (int, error) {
	if b.ended {
		return 0, io.EOF
	}
	n, err := b.stream.Read(p)
	b.ended = errors.Is(err, io.EOF)
	return n, err
}

// drainBody reads what is left of a body. The library doesn't: the rest would be taken for the connection's next request. A
// connection with more left than limit is closed after the answer.
func (b *body) drainBody(c *fiber.Ctx, limit int64) {
	if b.ended {
		return
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(b, limit)); err != nil || !b.ended {
		c.Context().SetConnectionClose()
	}
}
