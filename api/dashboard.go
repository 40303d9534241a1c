package api

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/compress"
)

// dashboard serves the pages for people: one page whose script does the rest, and what it loads. It holds nothing of anybody, so nobody is asked who they are.
type dashboard struct {
	files fs.FS // nil = it wasn't built
	page  []byte
}

// dashboardPages are the addresses that it answers; what is below them is for its script to tell.
func dashboardPages() []string {
	return []string{"/", "/o/*", "/operator", "/operator/*", "/signin", "/signup", "/forgot", "/reset", "/verify", "/invite", "/start", "/nowhere"}
}

const noncePlace = "__NONCE__"

func newDashboard(files fs.FS) (*dashboard, error) {
	d := &dashboard{files: files}
	if files == nil {
		return d, nil
	}
	page, err := fs.ReadFile(files, "index.html")
	d.page = page
	return d, err
}

func (d *dashboard) addTo(app *fiber.App) {
	small := compress.New()
	for _, p := range dashboardPages() {
		app.Get(p, small, d.servePage)
	}
	app.Get("/assets/*", small, d.serveAsset)
	app.Get("/icon.svg", d.serveAsset)
}

// servePage lets only our own files run, and only styles that know this page's nonce.
func (d *dashboard) servePage(c *fiber.Ctx) error {
	setSecurityHeaders(c)
	requestID(c)
	if d.page == nil {
		return c.Status(http.StatusNotFound).SendString("The dashboard wasn't built into this program: make build does it. The API is described at /docs/.\n")
	}
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	nonce := base64.RawURLEncoding.EncodeToString(random)
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'self'; style-src 'self' 'nonce-"+nonce+"'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(bytes.ReplaceAll(d.page, []byte(noncePlace), []byte(nonce)))
}

// serveAsset serves a file whose name says what is in it, so it may be kept for ever.
func (d *dashboard) serveAsset(c *fiber.Ctx) error {
	setSecurityHeaders(c)
	requestID(c)
	name := path.Clean(c.Path())[1:]
	if d.files == nil || path.Dir(name) != "assets" && name != "icon.svg" {
		return c.SendStatus(http.StatusNotFound)
	}
	data, err := fs.ReadFile(d.files, name)
	if err != nil {
		return c.SendStatus(http.StatusNotFound)
	}
	c.Set(fiber.HeaderContentType, mime.TypeByExtension(path.Ext(name)))
	if path.Dir(name) == "assets" {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	}
	return c.Send(data)
}
