package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/identity"
)

// ErrElsewhere: a link of the first run is used from another machine, or through a proxy.
var ErrElsewhere = errors.New("this link works only on the machine where Outrider was started")

// ClaimSession signs in who has started an installation of their own, by the link that was printed.
func (h *Handlers) ClaimSession(ctx context.Context, c *Call) error {
	var body gen.MailedToken
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if !c.fromThisMachine() {
		return ErrElsewhere
	}
	awaited := h.cfg.Awaited.Awaits(body.Token) // whoever has it asks until it is there
	if !awaited {
		if err := h.limitTries(ctx, c); err != nil {
			return err
		}
	}
	link, err := h.cfg.Links.Find(ctx, identity.LinkFirstRun, body.Token)
	if awaited && errors.Is(err, identity.ErrLink) {
		return identity.ErrLinkAwaited
	}
	if err != nil {
		return err
	}
	h.cfg.Awaited.End()
	var of identity.FirstRun
	if err := json.Unmarshal(link.Data, &of); err != nil {
		return fmt.Errorf("read link of the first run: %w", err)
	}
	person, err := uuid.Parse(link.About)
	if err != nil {
		return fmt.Errorf("read link of the first run: %w", err)
	}
	if err := h.cfg.Links.Use(ctx, link.ID); err != nil { // first: it is good once
		return err
	}
	err = h.begin(ctx, c, person, of.Org)
	if errors.Is(err, identity.ErrNotFound) { // no member any more
		return identity.ErrLink
	}
	return err
}

// fromThisMachine reports whether a request was made on this machine, to this machine, and passed on by nobody.
func (c *Call) fromThisMachine() bool {
	host := string(c.Request().Host())
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	forwarded := c.Get(fiber.HeaderXForwardedFor) != "" || c.Get(fiber.HeaderForwarded) != "" || c.Get(fiber.HeaderVia) != ""
	return !forwarded && c.Context().RemoteIP().IsLoopback() && (host == "localhost" || ip != nil && ip.IsLoopback())
}
