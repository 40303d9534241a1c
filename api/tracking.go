package api

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/app/tracking"
	"outrider/internal/linktoken"
	"outrider/projections"
)

// transparent is a GIF of one pixel.
const transparent = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// trackOpen answers the pixel, once the log has it.
func (s *Server) trackOpen(c *call) error {
	t, err := s.tokenIn(c, linktoken.Open)
	if err != nil {
		return err
	}
	if err := s.recordHit(c, t, tracking.Pixel); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/gif")
	return c.SendString(transparent)
}

// trackClick leads on to where a link of the message led when it was written. The destination is never in the URL.
func (s *Server) trackClick(c *call) error {
	t, err := s.tokenIn(c, linktoken.Click)
	if err != nil {
		return err
	}
	if t.Link == linktoken.Trap {
		if err := s.recordVisit(c, t, linktoken.Trap); err != nil {
			return err
		}
		return s.showPage(c.Ctx, http.StatusOK, "message", message{Title: "Nothing here", Text: "This link isn't meant for people. It leads nowhere."})
	}
	to, err := s.readDestination(c, t)
	if err != nil {
		return err
	}
	if err := s.recordHit(c, t, int(t.Link)); err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, to)
	c.Status(http.StatusFound)
	return nil
}

// recordHit records a fetch. A HEAD is none.
func (s *Server) recordHit(c *call, t linktoken.Token, link int) (err error) {
	if linktoken.Counts(c.Method()) {
		c.batch, err = s.tracking.Record(c.ctx, tracking.Fetch{Message: trackedMessage(t), Link: link, IP: c.IP(), UserAgent: c.Get(fiber.HeaderUserAgent), Trace: c.trace})
	}
	return err
}

// recordVisit takes a look at one of our pages into account.
func (s *Server) recordVisit(c *call, t linktoken.Token, link int) error {
	if !linktoken.Counts(c.Method()) {
		return nil
	}
	return s.tracking.Visit(c.ctx, trackedMessage(t), link)
}

// tokenIn is the message that a path names, or a page that says that it names none.
func (s *Server) tokenIn(c *call, kind linktoken.Kind) (linktoken.Token, error) {
	if s.cfg.Signer == nil {
		return linktoken.Token{}, notFoundProblem()
	}
	t, err := s.cfg.Signer.Verify(kind, c.Params("token"))
	if err != nil {
		return t, notFoundProblem()
	}
	return t, nil
}

func trackedMessage(t linktoken.Token) tracking.Message {
	return tracking.Message{Org: t.Org, ID: t.Message}
}

func answeredBy(m *projections.LinkTarget) events.SentMessageRef {
	return events.SentMessageRef{MessageID: m.MessageID, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}
}

// readDestination reads the drafted body; it is gone with the person.
func (s *Server) readDestination(c *call, t linktoken.Token) (string, error) {
	m, err := s.tracking.Target(c.ctx, trackedMessage(t))
	if err != nil {
		return "", err
	}
	var text *projections.MessageText
	if err := s.readInOrg(c, t.Org, func(tx pgx.Tx) (err error) {
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
		return "", notFoundProblem()
	}
	all := linktoken.Destinations(*body, s.cfg.BaseURL)
	if int(t.Link) >= len(all) {
		return "", notFoundProblem()
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
