package api

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/mail/htmlview"
	"outrider/projections"
)

// headerImages says how many images of a mail can be asked for.
const headerImages = "Outrider-Images"

// showHTML answers with the HTML of a mail that came in, without anything that runs or loads. Images of other servers are fetched through us, for who asks for them.
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
	view := htmlview.View{Ours: func(address string) bool { return x.links.IsOurs(c.who.Org, address) }}
	seal := newImageSealer(c, x)
	if valueOrZero(c.boolParam("images")) && x.images != nil {
		view.Image, view.Origins = seal.address, x.originsOf(c)
	}
	shown := htmlview.Show(*source, view)
	if seal.err != nil {
		return seal.err
	}
	if x.images == nil {
		shown.Images = 0
	}
	c.Set(headerImages, strconv.Itoa(shown.Images))
	c.Set(fiber.HeaderContentSecurityPolicy, shown.Policy)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Status(http.StatusOK).SendString(shown.Page)
}

var hostAndPort = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)

// originsOf are where who asks has this server: at its public address, or at the one that they ask at, over TLS or not, as that may end before us.
func (x *inboxHandlers) originsOf(c *call) (all []string) {
	if u, err := url.Parse(x.links.Base); err == nil && hostAndPort.MatchString(u.Host) {
		all = append(all, u.Scheme+"://"+u.Host)
	}
	if host := string(c.Request().Host()); hostAndPort.MatchString(host) {
		all = append(all, "https://"+host, "http://"+host)
	}
	return all
}
