package api

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/identity"
	"outrider/internal/picture"
)

// pictureHandlers answer about pictures of people.
type pictureHandlers struct {
	people  *identity.People
	members *memberHandlers
}

func forPictures(handle func(pictureHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		if s.cfg.SignIn == nil {
			return unavailableProblem(codeUnavailable, errors.New("nobody signs in here"))
		}
		return handle(pictureHandlers{s.cfg.SignIn.People, s.members}, c)
	}
}

func (h pictureHandlers) setOwn(c *call, body gen.PictureWrite) error {
	jpeg, err := picture.Encode(body.Image)
	if refused := (*picture.RefusedError)(nil); errors.As(err, &refused) {
		return invalidProblem(gen.FieldError{Field: "image", Reason: refused.Why})
	}
	if err != nil {
		return err
	}
	version, err := h.people.SetPicture(c.ctx, c.who.Person, jpeg)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.Picture{Picture: version})
}

func (h pictureHandlers) removeOwn(c *call) error {
	if err := h.people.RemovePicture(c.ctx, c.who.Person); err != nil {
		return err
	}
	return c.answerNothing()
}

func (h pictureHandlers) showOwn(c *call) error { return h.show(c, c.who.Person) }

// showMember shows the picture of somebody who works in the caller's organisation.
func (h pictureHandlers) showMember(c *call, id uuid.UUID) error {
	if _, err := h.members.loadMember(c, id); err != nil {
		return err
	}
	return h.show(c, id)
}

func (h pictureHandlers) show(c *call, person uuid.UUID) error {
	p, err := h.people.Picture(c.ctx, person)
	if errors.Is(err, identity.ErrNotFound) {
		return notFoundProblem()
	}
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderETag, `"`+p.Version+`"`)
	c.Set(fiber.HeaderCacheControl, "private, no-cache") // who may see it is asked each time
	if c.Get(fiber.HeaderIfNoneMatch) == `"`+p.Version+`"` {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.Set(fiber.HeaderContentType, "image/jpeg")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	c.Status(http.StatusOK)
	return c.Send(p.JPEG)
}
