package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"outrider/api/gen"
	"outrider/internal/buildinfo"
)

const checkTimeout = 2 * time.Second

func showHealth(_ *Server, c *call) error {
	c.Set("Outrider-Version", buildinfo.Version())
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendString("ok\n")
}

// showReadiness runs all checks at once.
func (s *Server) showReadiness(c *call) error {
	ctx, cancel := context.WithTimeout(c.ctx, checkTimeout)
	defer cancel()
	r := gen.Readiness{Ready: true, Checks: map[string]string{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, check := range s.cfg.Checks {
		all.Go(func() {
			err := check.Well(ctx)
			mu.Lock()
			defer mu.Unlock()
			r.Checks[check.Name] = "ok"
			if err != nil {
				r.Ready, r.Checks[check.Name] = false, err.Error()
			}
		})
	}
	all.Wait()
	if !r.Ready {
		return c.answerJSON(http.StatusServiceUnavailable, r)
	}
	return c.answerJSON(http.StatusOK, r)
}

func (s *Server) showMetrics(c *call) error {
	return adaptor.HTTPHandler(promhttp.HandlerFor(s.meters.registry, promhttp.HandlerOpts{}))(c.Ctx)
}

func showOpenAPI(_ *Server, c *call) error {
	c.Set(fiber.HeaderContentType, "application/yaml")
	return c.sendCompressed(openapi)
}

// docsPage is Swagger UI out of the binary.
type docsPage struct{ fiber.Handler }

func newDocsPage() docsPage {
	return docsPage{adaptor.HTTPHandler(v5emb.NewWithConfig(swgui.Config{})("Outrider API", "/openapi.yaml", "/docs/"))}
}

func (s *Server) showDocs(c *call) error { return s.docsFiles(c.Ctx) }

func (s *Server) docsFiles(c *fiber.Ctx) error {
	setSecurityHeaders(c)
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'")
	return s.swagger.Handler(c)
}
