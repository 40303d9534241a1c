package api

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/mail/htmlview"
	"outrider/internal/mail/remoteimage"
	"outrider/internal/pii"
)

const (
	imageAddress = "image of a mail" // what its token is bound to
	imagesLive   = 10 * time.Minute  // addresses of images
)

// imageSealer makes the addresses of a page's images. The frame that shows them has no origin, and so no cookie: the address itself says which image may
// be fetched for which organisation until when. It is sealed, so nobody reads in it what a person was sent, or makes one up.
type imageSealer struct {
	ctx   context.Context //nolint:containedctx // of the request that it is made for
	vault *pii.Vault
	org   uuid.UUID
	until int64 // seconds since 1970, by the clock of this machine
	err   error // the first
}

func newImageSealer(c *call, x *inboxHandlers) *imageSealer {
	return &imageSealer{ctx: c.ctx, vault: x.vault, org: c.who.Org, until: time.Now().Add(imagesLive).Unix()}
}

func (s *imageSealer) address(of string) string {
	sealed, err := s.vault.SealCursor(s.ctx, es.SystemOrg, imageAddress, strings.Join([]string{strconv.FormatInt(s.until, 10), s.org.String(), of}, " "))
	if err != nil && s.err == nil {
		s.err = err
	}
	return htmlview.ImagePath + base64.RawURLEncoding.EncodeToString(sealed)
}

// openImage returns what the token of a path was made for, and how long that holds.
func (x *inboxHandlers) openImage(c *call) (w remoteimage.Wanted, left time.Duration, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(c.Params("token"))
	if err != nil {
		return w, 0, notFoundProblem()
	}
	text, err := x.vault.OpenCursor(c.ctx, es.SystemOrg, imageAddress, sealed)
	if errors.Is(err, pii.ErrUnreadable) {
		return w, 0, notFoundProblem()
	}
	if err != nil {
		return w, 0, err
	}
	parts := strings.SplitN(text, " ", 3)
	if len(parts) < 3 {
		return w, 0, notFoundProblem()
	}
	until, err := strconv.ParseInt(parts[0], 10, 64)
	if left = time.Until(time.Unix(until, 0)); err != nil || left <= 0 {
		return w, 0, newProblem(commands.CodeNotFound, "the address has expired: look at the mail again")
	}
	w.Address = parts[2]
	if w.Org, err = parseID(parts[1]); err != nil {
		return w, 0, notFoundProblem()
	}
	w.Ours = func(address string) bool { return x.links.IsOurs(w.Org, address) }
	return w, left, nil
}

// showImage answers whoever has the address of an image of a mail. Of what its server says nothing is passed on but the image.
func (x *inboxHandlers) showImage(c *call) error {
	wanted, left, err := x.openImage(c)
	if err != nil {
		return err
	}
	if x.images == nil {
		return unavailableProblem(codeUnavailable, errors.New("this server fetches no images"))
	}
	image, err := x.images.Fetch(c.ctx, wanted)
	var busy *remoteimage.BusyError
	switch {
	case errors.As(err, &busy):
		p := newProblem(codeRateLimited, "too many images are asked for")
		p.retry = busy.Retry
		return p
	case err != nil: // the same for all reasons: which hosts can be reached from here is not told
		return newProblem(commands.CodeNotFound, remoteimage.ErrUnavailable.Error())
	}
	c.Set(fiber.HeaderContentType, image.MediaType)
	c.Set(fiber.HeaderContentDisposition, "inline")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	c.Set("Cross-Origin-Resource-Policy", "cross-origin") // the frame is of no origin
	c.Set(fiber.HeaderCacheControl, "private, max-age="+strconv.Itoa(int(left.Seconds())))
	return c.Status(http.StatusOK).Send(image.Bytes)
}
