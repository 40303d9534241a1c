package visitor

import (
	"context"
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

// TrackOpen answers the pixel, once the log has it.
func (h *Handlers) TrackOpen(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Open)
	if err != nil {
		return err
	}
	if h.limitUse(t, linktoken.Open, false) == nil { // beyond that the image is the same
		if err := h.recordHit(ctx, c, t, tracking.Pixel); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderContentType, "image/gif")
	return c.SendString(transparent)
}

// TrackClick leads on to where a link of the message led when it was written. The destination is never in the URL.
func (h *Handlers) TrackClick(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Click)
	if err != nil {
		return err
	}
	if err := h.limitUse(t, linktoken.Click, false); err != nil {
		return err
	}
	if t.Link == linktoken.Trap {
		if err := h.recordVisit(ctx, c, t, linktoken.Trap); err != nil {
			return err
		}
		return h.showPage(c.Ctx, http.StatusOK, "message", message{Title: "Nothing here", Text: "This link isn't meant for people. It leads nowhere."})
	}
	to, err := h.readDestination(ctx, t)
	if err != nil {
		return err
	}
	if err := h.recordHit(ctx, c, t, t.Index()); err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, to)
	c.Status(http.StatusFound)
	return nil
}

// recordHit records a fetch. A HEAD is none.
func (h *Handlers) recordHit(ctx context.Context, c *Call, t linktoken.Token, link int) (err error) {
	if linktoken.Counts(c.Method()) {
		c.Batch, err = h.cfg.Tracking.Record(ctx, tracking.Fetch{Message: messageOfToken(t), Link: link, IP: c.IP(), UserAgent: c.Get(fiber.HeaderUserAgent), Prefetch: c.isPrefetch(), Trace: c.Trace})
	}
	return err
}

// recordVisit takes a look at one of our pages into account.
func (h *Handlers) recordVisit(ctx context.Context, c *Call, t linktoken.Token, link int) error {
	if !linktoken.Counts(c.Method()) || c.isPrefetch() {
		return nil
	}
	return h.cfg.Tracking.Visit(ctx, tracking.Fetch{Message: messageOfToken(t), Link: link, IP: c.IP(), UserAgent: c.Get(fiber.HeaderUserAgent)})
}

func (c *Call) isPrefetch() bool {
	return linktoken.IsPrefetch(func(name string) string { return c.Get(name) })
}

// verifyToken returns what the token of a path names.
func (h *Handlers) verifyToken(c *Call, kind linktoken.TokenKind) (linktoken.Token, error) {
	if h.cfg.Signer == nil {
		return linktoken.Token{}, ErrInvalidLink
	}
	t, err := h.cfg.Signer.VerifyLink(kind, c.Params("token"))
	if err != nil {
		return t, ErrInvalidLink
	}
	return t, nil
}

func messageOfToken(t linktoken.Token) tracking.MessageKey {
	return tracking.MessageKey{Org: t.Org, ID: t.Message}
}

func sentMessageRef(m *projections.LinkTarget) events.SentMessageRef {
	return events.SentMessageRef{MessageID: m.MessageID, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID}
}

// readDestination reads the drafted body; it is gone with the person.
func (h *Handlers) readDestination(ctx context.Context, t linktoken.Token) (string, error) {
	m, err := h.cfg.Tracking.Target(ctx, messageOfToken(t))
	if err != nil {
		return "", err
	}
	var text *projections.MessageText
	if err := h.cfg.ReadInOrg(ctx, t.Org, func(tx pgx.Tx) (err error) {
		text, err = projections.GetMessageText(ctx, tx, t.Org, t.Message)
		return err
	}); err != nil {
		return "", err
	}
	body, err := h.cfg.OpenBody(ctx, t.Org, m.LeadID, text.Body, text.BodyRef)
	if err != nil {
		return "", err
	}
	if body == nil {
		return "", ErrInvalidLink
	}
	to, ok := t.Destination(*body, h.cfg.BaseURL)
	if !ok {
		return "", ErrInvalidLink
	}
	return escapeForHeader(to), nil
}

// escapeForHeader writes a URL as a header can carry it: what isn't printable ASCII is percent-encoded (RFC 3986).
func escapeForHeader(url string) string {
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
