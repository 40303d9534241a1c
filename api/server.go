package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"outrider/api/session"
	"outrider/api/visitor"
	"outrider/internal/app/livefeed"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/suppressions"
	"outrider/internal/connlimit"
	"outrider/internal/linktoken"
	"outrider/internal/ratelimit"
)

// Server answers requests.
type Server struct {
	*readSide
	*writeSide
	*pastSide
	*slugSide
	cfg        Config
	app        *fiber.App
	meters     *meters
	limits     *limiter
	strangers  *strangers
	turns      *ratelimit.Slots[uuid.UUID] // of organisations that read
	keyBatches *keyBatcher
	feed       *livefeed.Feed
	subdomains *suppressions.Subdomains
	mailboxes  mailboxes.Connector
	bodies     storedBodies
	docs       docsPage
	ready      readiness
	life       context.Context //nolint:containedctx // of all requests; ends when Shutdown has waited enough
	end        context.CancelFunc

	// Handlers that stand on less than all of the above.
	admin    *adminHandlers
	audit    *auditHandlers
	bulk     *bulkHandlers
	exports  *exportHandlers
	inbox    *inboxHandlers
	members  *memberHandlers
	sessions *session.Handlers // nil = only keys sign in here
	visitors *visitor.Handlers
	hooks    *sendgridHooks
}

// Timeouts in real time.
const (
	readTimeout   = 30 * time.Second // of a request's headers and body
	importTimeout = time.Hour        // of an upload
)

// New fails when something is missing in cfg, and when openapi.yaml and the routes don't fit each other.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, app: newApp(), readSide: newReadSide(cfg), keyBatches: newKeyBatcher(cfg.Vault.Keys), bodies: storedBodies{cfg.Objects, cfg.Vault}, docs: newDocsPage()}
	s.writeSide = &writeSide{gateway: cfg.Commands, vault: cfg.Vault, origins: &origins{cfg.Vault, s.keyBatches}, generation: cfg.Generation, now: cfg.Now}
	s.slugSide = &slugSide{s.writeSide, cfg.Slugs}
	if s.pastSide, err = newPastSide(cfg, s.readSide); err != nil {
		return nil, err
	}
	if s.meters, err = newMeters(cfg.Collectors); err != nil {
		return nil, err
	}
	if s.subdomains, err = suppressions.NewSubdomains(cfg.Vault.Hasher); err != nil {
		return nil, err
	}
	s.limits, s.strangers = newLimiter(cfg, s.readSide), newStrangers(cfg.Logger)
	half := int(cfg.Pool.Config().MaxConns / 2) // of a copy, once
	s.turns = ratelimit.NewSlots[uuid.UUID](func() int { return half }, readsWaiting)
	s.mailboxes = mailboxes.Connector{Vault: cfg.Vault, KeyOf: s.keyBatches.keyOf, Logger: cfg.Logger}
	s.life, s.end = context.WithCancel(context.Background())
	s.feed = livefeed.New(s.life, livefeed.Config{Log: cfg.Log, Shared: cfg.LogReader, Generation: cfg.Generation, Partitions: cfg.Partitions, Pool: cfg.Pool, Columns: cfg.Columns, Positions: cfg.Positions, Logger: cfg.Logger})
	s.audit = &auditHandlers{readSide: s.readSide, writeSide: s.writeSide, columns: cfg.Columns, ring: cfg.Audit, vault: cfg.Vault, keys: cfg.Keys, origins: s.origins, now: cfg.Now, logger: cfg.Logger, life: s.life}
	s.bulk = &bulkHandlers{s.readSide, s.writeSide, s.pastSide, cfg.Columns}
	s.hooks = newSendgridHooks(s)
	s.exports = &exportHandlers{readSide: s.readSide, writeSide: s.writeSide, files: cfg.ExportFiles, logger: cfg.Logger}
	s.inbox = &inboxHandlers{s.readSide, s.writeSide, s.bodies, s.pastSide, linktoken.Links{Signer: cfg.Signer, Base: cfg.BaseURL}, cfg.RemoteImages}
	s.sessions = newSessionHandlers(s)
	s.members = &memberHandlers{s.readSide, s.writeSide, cfg.SignIn, s.sessions, cfg.Keys, cfg.Slugs, cfg.Begin != nil}
	if s.admin, err = newAdminHandlers(s); err != nil {
		return nil, err
	}
	if s.visitors, err = newVisitorHandlers(s); err == nil {
		err = s.addRoutes()
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func newApp() *fiber.App {
	app := fiber.New(fiber.Config{
		AppName: "outrider", DisableStartupMessage: true, StrictRouting: true, CaseSensitive: true,
		Immutable:         true, // strings of a request are kept: in commands, logs and caches
		StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: maxBody,
		ReadTimeout: readTimeout, IdleTimeout: 75 * time.Second, ReadBufferSize: 16 << 10,
		ErrorHandler: handleUnrouted,
	})
	app.Server().CloseOnShutdown = true
	app.Server().ConnState = noteIdle
	return app
}

// addRoutes registers the routes; each must be described in openapi.yaml, with the same permission, and nothing else may be.
func (s *Server) addRoutes() error {
	spec, err := loadSpec()
	if err != nil {
		return err
	}
	ops, unserved := map[string]*operation{}, maps.Clone(spec)
	for _, r := range Routes() {
		op := spec[r.Method+" "+r.Path]
		if op == nil {
			return fmt.Errorf("route %s %s is not in openapi.yaml", r.Method, r.Path)
		}
		ops[r.Method+" "+r.Path] = op
		delete(unserved, r.Method+" "+r.Path)
		if !r.Allow.Declared() || r.Allow.Public != op.public || !slices.Equal(r.Allow.Names(), op.allow) || !slices.Equal(r.Allow.AlsoNames(), op.also) {
			return fmt.Errorf("route %s %s: its permission is missing, or differs from openapi.yaml (make generate writes it there)", r.Method, r.Path)
		}
		s.addRoute(&r, op, strings.NewReplacer("{id}", ":id", "{token}", ":token", "{name}", ":name", "{n}", ":n", ".csv", `\.csv`, ".ics", `\.ics`).Replace(r.Path))
	}
	for _, r := range Routes() { // after all others: mail programs take what follows a link for a part of it
		if path, ok := strings.CutSuffix(r.Path, "{token}"); ok {
			s.addRoute(&r, ops[r.Method+" "+r.Path], path+":token/*")
		}
	}
	for left := range unserved {
		return fmt.Errorf("openapi.yaml describes %s, which is no route", left)
	}
	s.app.Get("/docs/*", s.docs.serve)
	pages, err := newDashboard(s.cfg.Dashboard)
	if err != nil {
		return fmt.Errorf("read dashboard: %w", err)
	}
	pages.addTo(s.app)
	return nil
}

func (s *Server) addRoute(r *Route, op *operation, path string) {
	s.app.Add(r.Method, path, s.serveRoute(r, op))
	if r.Allow.Pages && r.Method == http.MethodGet { // some look whether a link is there before they follow it
		s.app.Add(http.MethodHead, path, s.serveRoute(r, op))
	}
}

// noteIdle is told when a connection has its answer.
func noteIdle(c net.Conn, state fasthttp.ConnState) {
	if conn, ok := c.(*connlimit.Conn); ok && state == fasthttp.StateIdle {
		conn.End()
	}
}

// Listen serves until Shutdown, at most as many connections as Config.Connections says.
func (s *Server) Listen(l net.Listener) error {
	options := s.cfg.Connections
	options.Logger = s.cfg.Logger
	if err := s.app.Listener(connlimit.Listen(l, options)); err != nil && !errors.Is(err, net.ErrClosed) {
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
	bodyOf(c).drainStranger(c)
	p := problemOf(err)
	p.RequestID, _ = uuid.Parse(c.GetRespHeader(headerRequestID))
	if p.RequestID == uuid.Nil {
		p.RequestID = requestID(c)
	}
	setSecurityHeaders(c)
	return p.writeTo(c)
}
