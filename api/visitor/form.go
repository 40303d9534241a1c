package visitor

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"outrider/internal/linktoken"
	"outrider/projections"
)

// maxForm bounds what somebody may send to a page, in bytes.
const maxForm = 64 << 10

// readBookingForm reads what a visitor sent: whose link it is, the form, and the message that it stood in.
func (h *Handlers) readBookingForm(ctx context.Context, c *Call) (t linktoken.Token, form url.Values, m *projections.LinkTarget, err error) {
	if t, err = h.verifyToken(c, linktoken.Booking); err != nil {
		return t, nil, nil, err
	}
	if err = h.limitUse(t, linktoken.Booking, true); err != nil {
		return t, nil, nil, err
	}
	if form, err = c.readForm(); err != nil {
		return t, nil, nil, err
	}
	m, err = h.cfg.Tracking.Target(ctx, messageOfToken(t))
	return t, form, m, err
}

// readForm reads what was sent: as browsers do, or as mail programs do (RFC 8058 allows both). No body is an empty form.
func (c *Call) readForm() (url.Values, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	if len(raw) > maxForm {
		return nil, ErrFormTooLarge
	}
	kind, params, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if kind != "multipart/form-data" {
		values, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, ErrUnreadableForm
		}
		return values, nil
	}
	values, parts := url.Values{}, multipart.NewReader(bytes.NewReader(raw), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // as it is documented
			return values, nil
		}
		if err != nil {
			return nil, ErrUnreadableForm
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, ErrUnreadableForm
		}
		values.Add(part.FormName(), string(text))
	}
}

// singleLineField is a field of a form, without what could be taken for more than text.
func singleLineField(values url.Values, name string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(values.Get(name), "\x00", ""), "")), " ")
}

// multilineField is a field of a form that may have lines.
func multilineField(values url.Values, name string) string {
	return strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(values.Get(name), "\x00", ""), ""))
}
