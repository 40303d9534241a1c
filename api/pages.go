package api

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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
func (s *Server) showPage(c *fiber.Ctx, status int, name string, data any) error {
	var out bytes.Buffer
	if err := s.pages.templates.ExecuteTemplate(&out, name, data); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	c.Set(fiber.HeaderContentSecurityPolicy, s.pages.policy)
	c.Set("X-Robots-Tag", "noindex, nofollow")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(out.Bytes())
}

// showErrorPage answers with a problem as people read it.
func (s *Server) showErrorPage(c *fiber.Ctx, p *problem) error {
	if p.retry > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.FormatInt(int64((p.retry+time.Second-1)/time.Second), 10))
	}
	m := message{"Something went wrong", "It is our fault, not yours. Please try again later."}
	switch p.Status {
	case http.StatusNotFound:
		m = message{"This link is not valid", "It may be incomplete, or no longer valid."}
	case http.StatusServiceUnavailable:
		m = message{"Please try again", "We can't answer this just now. Please try again in a moment."}
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		m = message{"This can't be read", "What was sent is not what this page asks for."}
	}
	return s.showPage(c, p.Status, "message", m)
}

// maxForm bounds what somebody may send to a page, in bytes.
const maxForm = 64 << 10

// readForm reads what was sent: as browsers do, or as mail programs do (RFC 8058 allows both). No body is an empty form.
func (c *call) readForm() (url.Values, error) {
	raw, err := c.readBody()
	if err != nil {
		return nil, err
	}
	if len(raw) > maxForm {
		return nil, newProblem(codeTooLarge, "")
	}
	kind, params, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if kind != "multipart/form-data" {
		values, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, malformedProblem("the form can't be read")
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
			return nil, malformedProblem("the form can't be read")
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, malformedProblem("the form can't be read")
		}
		values.Add(part.FormName(), string(text))
	}
}

// singleLineField is a field of a form, without what could be taken for more than text.
func singleLineField(values url.Values, name string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(values.Get(name), "\x00", ""), "")), " ")
}
