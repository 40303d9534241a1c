package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"outrider/internal/connlimit"
	"outrider/internal/es"
)

// serveRoute is what every request goes through.
func (s *Server) serveRoute(r *Route, op *operation) fiber.Handler {
	work := s.cfg.Patience.Request
	if r.isUpload() {
		work = importTimeout
	}
	return func(f *fiber.Ctx) error {
		began := time.Now()
		passed := proxies(s.cfg.Proxies).setCaller(f)
		if conn, ok := f.Context().Conn().(*connlimit.Conn); ok {
			conn.Begin()
		}
		if s.cfg.Begin != nil {
			defer s.cfg.Begin()()
		}
		ctx, cancel := context.WithTimeout(s.life, work)
		defer cancel()
		c := &call{Ctx: f, ctx: ctx, route: r, op: op, body: bodyOf(f), request: requestID(f), tokens: s.tokens, passedProxy: passed}
		defer func() {
			if c.who.Known() {
				c.body.drainBody(f, maxDrain)
			} else {
				c.body.drainStranger(f)
			}
		}()
		setSecurityHeaders(f)
		if s.cfg.Trace != nil && (!r.Allow.Public || r.Allow.Pages) {
			var end func(int, string)
			c.trace, end = s.cfg.Trace(f.Get("traceparent"), r.Method, r.Path, c.request)
			defer func() { end(f.Response().StatusCode(), c.batch) }()
		}
		s.meters.inFlight.Inc()
		defer s.meters.inFlight.Dec()
		err := s.recoverPanics(c)
		var later *pendingCommand
		if errors.As(err, &later) {
			err = later.answerPending(c)
		}
		var failure error
		if err != nil {
			p := problemOf(err)
			p.RequestID, c.code, failure = c.request, p.Code, p.cause
			c.maskProblem(p)
			c.setPosition()
			send := p.writeTo
			if r.Allow.Pages {
				send = func(f *fiber.Ctx) error { return s.visitors.ShowError(f, p.Status, p.retry) }
			}
			if err := send(f); err != nil {
				return err
			}
		}
		s.logRequest(c, time.Since(began), failure)
		return nil
	}
}

// recoverPanics turns a panic into an error.
func (s *Server) recoverPanics(c *call) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return s.runChecks(c)
}

// runChecks is the order of all checks.
func (s *Server) runChecks(c *call) error {
	if !c.route.Allow.Public {
		if err := s.authenticateKey(c); err != nil {
			return err
		}
		if err := s.limits.limitRate(c); err != nil {
			return err
		}
		if err := c.route.Allow.checkCaller(c.who); err != nil {
			return err
		}
		if err := c.checkSuspension(); err != nil {
			return err
		}
		if err := s.admin.noteImpersonation(c); err != nil {
			return err
		}
	}
	if c.route.Allow.Pages || c.route.Allow.Hook { // whatever mail programs add to a link, it works
		return c.route.handle(s, c)
	}
	if err := c.checkRequest(); err != nil {
		return err
	}
	if err := s.awaitHeader(c); err != nil {
		return err
	}
	return s.handleInTurn(c)
}

// readsWaiting is how many reads of an organisation wait for those that are under way; others are refused at once.
const readsWaiting = 500

// handleInTurn lets an organisation read with half of the connections to Postgres at most: the others are there for everybody else. Who
// writes waits here for the turn of their command, and not when all work but the decision is done. An upload takes as long as its sender likes.
func (s *Server) handleInTurn(c *call) error {
	if c.who.Org == uuid.Nil || c.route.isUpload() {
		return c.route.handle(s, c)
	}
	if c.Method() != http.MethodGet {
		ctx, release, err := s.cfg.Commands.TakeTurn(c.ctx, c.who.Org, len(c.raw))
		if err != nil {
			return err
		}
		defer release()
		c.ctx = ctx
		return c.route.handle(s, c)
	}
	release, err := s.turns.Acquire(c.ctx, c.who.Org)
	if err != nil {
		return err
	}
	defer release()
	return c.route.handle(s, c)
}

// isUpload reports whether a file comes with the request.
func (r *Route) isUpload() bool {
	return r.Method == http.MethodPost && (r.Path == "/v1/imports" || r.Path == "/v1/imports/inspect" || r.Path == "/v1/suppressions/import")
}

// requestID takes the caller's id when it is a UUID. Of any other text it makes one, the same for the same text.
func requestID(c *fiber.Ctx) uuid.UUID {
	text := c.Get(headerRequestID)
	id, err := parseID(text)
	switch {
	case text == "":
		id = es.NewID()
	case err != nil:
		id = es.DeriveID(es.SystemOrg, headerRequestID, text)
	}
	c.Set(headerRequestID, id.String())
	return id
}

func setSecurityHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000") // browsers pass over it where there is no TLS
}

// logRequest writes the request's one line and its metrics.
func (s *Server) logRequest(c *call, took time.Duration, failure error) {
	status := c.Response().StatusCode()
	s.meters.observeRequest(c.route, status, took)
	level, outcome := slog.LevelInfo, "ok"
	switch {
	case c.code == codeStarting: // whoever waits for it asks often
		level, outcome = slog.LevelDebug, "refused"
	case status >= http.StatusInternalServerError:
		level, outcome = slog.LevelError, "failed"
	case status >= http.StatusBadRequest:
		outcome = "refused"
	case status == http.StatusAccepted:
		outcome = "pending"
	}
	if c.route.Allow.Public && outcome == "ok" {
		level = slog.LevelDebug
	}
	if !s.cfg.Logger.Enabled(c.ctx, level) {
		return
	}
	silent := 0
	if !c.who.Known() && outcome == "refused" {
		var ok bool
		if ok, silent = s.strangers.takeSample(c.code); !ok {
			return
		}
	}
	sent := 0
	if !c.Response().IsBodyStream() { // which would be read to its end
		sent = len(c.Response().Body())
	}
	attrs := make([]slog.Attr, 0, 14)
	attrs = append(attrs, slog.String("method", c.route.Method), slog.String("route", c.route.Path), slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("outcome", outcome), slog.String("request_id", c.request.String()),
		slog.Int("bytes_in", max(c.Request().Header.ContentLength(), 0)), slog.Int("bytes_out", sent))
	if c.who.KeyID != uuid.Nil {
		attrs = append(attrs, slog.String("key", c.who.KeyID.String()))
	}
	if c.who.Person != uuid.Nil {
		attrs = append(attrs, slog.String("person", c.who.Person.String()))
	}
	if c.who.Org != uuid.Nil {
		attrs = append(attrs, slog.String("org", c.who.Org.String()))
	}
	if c.code != "" {
		attrs = append(attrs, slog.String("code", c.code))
	}
	if text := c.Get(headerRequestID); text != "" && text != c.request.String() {
		attrs = append(attrs, slog.String("client_request_id", text[:min(len(text), 128)]))
	}
	if c.position.Pseq > 0 {
		attrs = append(attrs, slog.String("position", c.position.String()))
	}
	if failure != nil {
		attrs = append(attrs, slog.String("error", failure.Error()))
	}
	if silent > 0 {
		attrs = append(attrs, slog.Int("requests_without_a_line", silent))
	}
	s.cfg.Logger.LogAttrs(c.ctx, level, "request", attrs...)
}
