package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"outrider/api/visitor"
	"outrider/internal/app/asof"
	"outrider/internal/app/livefeed"
	"outrider/internal/es/project"
	"outrider/projections"
	"outrider/projections/analytics"
)

// Server answers requests.
type Server struct {
	cfg         Config
	app         *fiber.App
	meters      *meters
	limits      *limiter
	keyBatches  *keyBatcher
	origins     *origins
	cursors     cursors
	feed        *livefeed.Feed
	live        *asof.Live   // nil without ClickHouse
	past        *asof.Reader // likewise
	projections map[string]project.Key
	swagger     docsPage
	visitors    *visitor.Handlers
	life        context.Context //nolint:containedctx // of all requests; ends when Shutdown has waited enough
	end         context.CancelFunc
}

// Timeouts in real time.
const (
	readTimeout    = 30 * time.Second // of a request's headers and body
	importTimeout  = time.Hour        // of an upload
	requestTimeout = 15 * time.Second // of the work on a request
)

// New fails when something is missing in cfg, and when openapi.yaml and the routes don't fit each other.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	meters, err := newMeters(cfg.Collectors)
	if err != nil {
		return nil, err
	}
	spec, err := loadSpec()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, meters: meters, limits: newLimiter(), keyBatches: newKeyBatcher(cfg.Vault.Keys), projections: map[string]project.Key{}, swagger: newDocsPage(), cursors: cursors{cfg.Vault}}
	s.origins = &origins{cfg.Vault, s.keyBatches}
	s.life, s.end = context.WithCancel(context.Background())
	if s.visitors, err = newVisitorHandlers(s); err != nil {
		return nil, err
	}
	s.feed = livefeed.New(s.life, livefeed.Config{Log: cfg.Log, Generation: cfg.Generation, Partitions: cfg.Partitions, Pool: cfg.Pool, Columns: cfg.Columns, Positions: cfg.Positions, Logger: cfg.Logger})
	for _, p := range projections.All(nil) {
		s.projections[p.Name] = project.Key{Name: p.Name, Version: p.Version}
	}
	for _, table := range []project.Table{analytics.Events(), analytics.Engagement()} {
		s.projections[table.Name] = project.Key{Name: table.Name, Version: table.Version}
	}
	if cfg.Columns != nil {
		if s.live, err = asof.NewLive(analytics.History{Conn: cfg.Columns}); err != nil {
			return nil, err
		}
		if s.past, err = asof.NewReader(asof.Config{Columns: cfg.Columns, Pool: cfg.Pool, Vault: cfg.Vault, Positions: cfg.Positions, Partitions: cfg.Partitions}); err != nil {
			return nil, err
		}
	}
	s.app = fiber.New(fiber.Config{
		AppName: "outrider", DisableStartupMessage: true, StrictRouting: true, CaseSensitive: true,
		Immutable:         true, // strings of a request are kept: in commands, logs and caches
		StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: maxBody,
		ReadTimeout: readTimeout, IdleTimeout: 75 * time.Second, ReadBufferSize: 16 << 10,
		ErrorHandler: handleUnrouted,
	})
	s.app.Server().CloseOnShutdown = true
	s.app.Server().HeaderReceived = uploadsTakeLonger
	for _, r := range Routes() {
		op := spec[r.Method+" "+r.Path]
		if op == nil {
			return nil, fmt.Errorf("route %s %s is not in openapi.yaml", r.Method, r.Path)
		}
		delete(spec, r.Method+" "+r.Path)
		if !r.Allow.Declared() || r.Allow.Public != op.public {
			return nil, fmt.Errorf("route %s %s: its permission is missing, or differs from openapi.yaml", r.Method, r.Path)
		}
		path := strings.NewReplacer("{id}", ":id", "{token}", ":token", ".csv", `\.csv`, ".ics", `\.ics`).Replace(r.Path)
		s.app.Add(r.Method, path, s.serveRoute(&r, op))
		if r.Allow.Pages && r.Method == http.MethodGet { // some look whether a link is there before they follow it
			s.app.Add(http.MethodHead, path, s.serveRoute(&r, op))
		}
	}
	for left := range spec {
		return nil, fmt.Errorf("openapi.yaml describes %s, which is no route", left)
	}
	s.app.Get("/docs/*", s.docsFiles)
	return s, nil
}

// uploadsTakeLonger is asked when a request's headers are read.
func uploadsTakeLonger(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	if h.IsPost() && path == "/v1/imports" {
		return fasthttp.RequestConfig{ReadTimeout: importTimeout}
	}
	return fasthttp.RequestConfig{}
}

// Listen serves until Shutdown.
func (s *Server) Listen(l net.Listener) error {
	if err := s.app.Listener(l); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serve http: %w", err)
	}
	return nil
}

// Shutdown takes no new connections and waits for requests to end, until ctx ends; then it cancels them.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.end()
	s.feed.Close() // streams would else go on for ever
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("shut http down: %w", err)
	}
	return nil
}

// Handler is the server without a listener, for tests.
func (s *Server) Handler() fasthttp.RequestHandler { return s.app.Handler() }

// handleUnrouted is for what no route answers.
func handleUnrouted(c *fiber.Ctx, err error) error {
	bodyOf(c).drainBody(c, maxBody)
	p := problemOf(err)
	p.RequestID, _ = uuid.Parse(c.GetRespHeader(headerRequestID))
	if p.RequestID == uuid.Nil {
		p.RequestID = requestID(c)
	}
	setSecurityHeaders(c)
	return p.writeTo(c)
}
