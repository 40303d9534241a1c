package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5emb"

	"outrider/internal/buildinfo"
)

const (
	checkTimeout = 2 * time.Second
	readyFor     = time.Second // how long an answer to strangers holds: asking often costs nothing
)

func showHealth(_ *Server, c *call) error {
	c.Set("Outrider-Version", buildinfo.Version())
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendString("ok\n")
}

// readiness is what was found last.
type readiness struct {
	mu    sync.Mutex
	ready bool
	until time.Time
}

// showReadiness says whether all is well, and no more: anybody may ask.
func showReadiness(s *Server, c *call) error {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	if now := time.Now(); now.After(s.ready.until) {
		s.ready.ready = true
		for _, problem := range s.CheckAll(s.life) {
			s.ready.ready = s.ready.ready && problem == nil
		}
		s.ready.until = time.Now().Add(readyFor)
	}
	answer := startOf(s.cfg.Start)
	if answer.Ready = answer.Ready && s.ready.ready; !answer.Ready {
		return c.answerJSON(http.StatusServiceUnavailable, answer)
	}
	return c.answerJSON(http.StatusOK, answer)
}

// CheckAll runs all checks at once, and returns what each found.
func (s *Server) CheckAll(ctx context.Context) map[string]error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found := map[string]error{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, check := range s.cfg.Checks {
		all.Go(func() {
			err := check.Well(ctx)
			mu.Lock()
			defer mu.Unlock()
			found[check.Name] = err
		})
	}
	all.Wait()
	return found
}

// Metrics are the server's own ones and those of Config.Collectors. They are for its operator.
func (s *Server) Metrics() prometheus.Gatherer { return s.meters.registry }

func showOpenAPI(_ *Server, c *call) error {
	c.Set(fiber.HeaderContentType, "application/yaml")
	return c.sendCompressed(openapi)
}

// docsPage is Swagger UI out of the binary.
type docsPage struct{ fiber.Handler }

func newDocsPage() docsPage {
	return docsPage{adaptor.HTTPHandler(v5emb.NewWithConfig(swgui.Config{SettingsUI: map[string]string{"showExtensions": "true"}})("Outrider API", "/openapi.yaml", "/docs/"))}
}

func showDocs(s *Server, c *call) error { return s.docs.serve(c.Ctx) }

func (d docsPage) serve(c *fiber.Ctx) error {
	setSecurityHeaders(c)
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'")
	return d.Handler(c)
}
