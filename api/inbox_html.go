package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/mail/htmlview"
	"outrider/projections"
)

// showHTML answers with the HTML of a mail that came in, without anything that runs or loads.
func (x *inboxHandlers) showHTML(c *call, id uuid.UUID) error {
	var i *projections.InboxItem
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		i, err = projections.GetInboxItem(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	ref := headerOf(i).HTMLRef
	if ref == "" {
		return notFoundProblem()
	}
	source, err := x.bodies.open(c.ctx, c.who.Org, i.LeadID, nil, ref)
	if err != nil {
		return err
	}
	if source == nil { // the person is erased
		return notFoundProblem()
	}
	c.Set(fiber.HeaderContentSecurityPolicy, htmlview.Policy)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Status(http.StatusOK).SendString(htmlview.Page(*source))
}
