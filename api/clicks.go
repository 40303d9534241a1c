package api

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"outrider/internal/linktoken"
	"outrider/projections"
)

// transparent is a GIF of one pixel.
const transparent = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// trackOpen answers the pixel, once the log has it.
func (s *Server) trackOpen(c *call) error {
	t, err := s.token(c, linktoken.Open)
	if err != nil {
		return err
	}
	if linktoken.Counts(c.Method()) {
		if err := s.hits.record(c, place{letter{t.Org, t.Message}, pixel}, string(linktoken.Classify(c.Get(fiber.HeaderUserAgent)))); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderContentType, "image/gif")
	return c.SendString(transparent)
}

// trackClick leads on to where a link of the message led when it was written. The destination is never in the URL.
func (s *Server) trackClick(c *call) error {
	t, err := s.token(c, linktoken.Click)
	if err != nil {
		return err
	}
	if t.Link == linktoken.Trap {
		if err := s.visited(c, t, linktoken.Trap); err != nil {
			return err
		}
		return s.show(c.Ctx, http.StatusOK, "message", message{Title: "Nothing here", Text: "This link isn't meant for people. It leads nowhere."})
	}
	to, err := s.destination(c, t)
	if err != nil {
		return err
	}
	if linktoken.Counts(c.Method()) {
		if err := s.hits.record(c, place{letter{t.Org, t.Message}, int(t.Link)}, string(linktoken.Classify(c.Get(fiber.HeaderUserAgent)))); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderLocation, to)
	c.Status(http.StatusFound)
	return nil
}

// destination reads the drafted body; it is gone with the person.
func (s *Server) destination(c *call, t linktoken.Token) (string, error) {
	m, err := s.reached(c, t)
	if err != nil {
		return "", err
	}
	var text *projections.MessageText
	if err := s.read(c, t.Org, func(tx pgx.Tx) (err error) {
		text, err = projections.GetMessageText(c.ctx, tx, t.Org, t.Message)
		return err
	}); err != nil {
		return "", err
	}
	body, err := s.bodyOfText(c.ctx, t.Org, m.LeadID, text.Body, text.BodyRef)
	if err != nil {
		return "", err
	}
	if body == nil {
		return "", notFound()
	}
	all := linktoken.Destinations(*body, s.cfg.BaseURL)
	if int(t.Link) >= len(all) {
		return "", notFound()
	}
	return inHeader(all[t.Link]), nil
}

// inHeader writes a URL as a header can carry it: what isn't printable ASCII is percent-encoded (RFC 3986).
func inHeader(url string) string {
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(url) {
		if b := url[i]; b > ' ' && b < 0x7f {
			out.WriteByte(b)
		} else {
			out.Write([]byte{'%', hex[b>>4], hex[b&15]})
		}
	}
	return out.String()
}
