package visitor

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

//go:embed pages/*.html pages/style.css
var pageFiles embed.FS

// pages are what strangers see. They run no scripts, load nothing, and work on a phone and without a mouse.
type pages struct {
	templates *template.Template
	policy    string // Content-Security-Policy
}

// message is a page that only says something.
type message struct{ Title, Text string }

func newPages() (*pages, error) {
	style, err := pageFiles.ReadFile("pages/style.css")
	if err != nil {
		return nil, fmt.Errorf("read style of pages: %w", err)
	}
	style = bytes.TrimSpace(style)
	funcs := template.FuncMap{"style": func() template.CSS { return template.CSS(style) }}
	t, err := template.New("pages").Funcs(funcs).ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	sum := sha256.Sum256(style)
	return &pages{t, "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}, nil
}

// showPage answers with a page of ours.
func (h *Handlers) showPage(c *fiber.Ctx, status int, name string, data any) error {
	var out bytes.Buffer
	if err := h.pages.templates.ExecuteTemplate(&out, name, data); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, h.pages.policy)
	c.Set("X-Robots-Tag", "noindex, nofollow")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(out.Bytes())
}

// ShowError answers with an error as people read it; retry is when to come back, 0 = unknown.
func (h *Handlers) ShowError(c *fiber.Ctx, status int, retry time.Duration) error {
	if retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatInt(int64((retry+time.Second-1)/time.Second), 10))
	}
	m := message{"Something went wrong", "It is our fault, not yours. Please try again later."}
	switch status {
	case http.StatusNotFound:
		m = message{"This link is not valid", "It may be incomplete, or no longer valid."}
	case http.StatusTooManyRequests:
		m = message{"Please wait a little", "This link was used very often. Please try again in an hour, or answer the message that you got."}
	case http.StatusServiceUnavailable:
		m = message{"Please try again", "We can't answer this just now. Please try again in a moment."}
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		m = message{"This can't be read", "What was sent is not what this page asks for."}
	}
	return h.showPage(c, status, "message", m)
}
