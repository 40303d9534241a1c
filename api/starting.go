package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"outrider/api/gen"
	"outrider/internal/buildinfo"
)

// phaseOrganization is what the link of the first run waits for when all else is there.
const phaseOrganization = "organization"

// Start is how far the start of a process is: its parts, in their order. *node.Startup is one.
type Start interface {
	Phases() []Phase
}

// Phase is a part of a start.
type Phase struct {
	Name         string
	Began, Ended time.Time // zero = not yet
}

func (p Phase) show() gen.StartPhase {
	switch {
	case p.Began.IsZero():
		return gen.StartPhase{Name: p.Name, State: gen.StartPhaseStateWaiting}
	case p.Ended.IsZero():
		return gen.StartPhase{Name: p.Name, State: gen.StartPhaseStateStarting, Ms: time.Since(p.Began).Milliseconds()}
	}
	return gen.StartPhase{Name: p.Name, State: gen.StartPhaseStateReady, Ms: p.Ended.Sub(p.Began).Milliseconds()}
}

// startOf is ready where nothing starts any more.
func startOf(s Start) gen.Readiness {
	answer := gen.Readiness{Ready: true}
	if s == nil {
		return answer
	}
	for _, p := range s.Phases() {
		answer.Phases = append(answer.Phases, p.show())
		if p.Ended.IsZero() && answer.Ready {
			answer.Ready, answer.Phase = false, p.Name
		}
	}
	return answer
}

// StartingServer answers while there is nothing yet that a Server could stand on: the dashboard, and how far the start is. All else is 503.
type StartingServer struct {
	app   *fiber.App
	start Start
}

// NewStartingServer takes the dashboard as it was built; nil = none.
func NewStartingServer(dashboard fs.FS, start Start) (*StartingServer, error) {
	pages, err := newDashboard(dashboard)
	if err != nil {
		return nil, fmt.Errorf("read dashboard: %w", err)
	}
	// Each connection ends with its answer, so that none is left when a Server takes over.
	s := &StartingServer{app: fiber.New(fiber.Config{DisableStartupMessage: true, StrictRouting: true, CaseSensitive: true, DisableKeepalive: true, BodyLimit: maxBody,
		StreamRequestBody: true, ReadTimeout: readTimeout, ReadBufferSize: 16 << 10, ErrorHandler: handleUnrouted}), start: start}
	pages.addTo(s.app)
	s.app.Get("/healthz", s.showHealth)
	s.app.Get("/readyz", s.showReadiness)
	s.app.Use(s.refuse)
	return s, nil
}

func (s *StartingServer) showHealth(c *fiber.Ctx) error {
	setSecurityHeaders(c)
	requestID(c)
	c.Set("Outrider-Version", buildinfo.Version())
	return c.SendString("ok\n")
}

func (s *StartingServer) showReadiness(c *fiber.Ctx) error {
	setSecurityHeaders(c)
	requestID(c)
	answer := startOf(s.start)
	answer.Ready = false // whoever is ready answers in our place
	return c.Status(http.StatusServiceUnavailable).JSON(answer)
}

func (s *StartingServer) refuse(c *fiber.Ctx) error {
	setSecurityHeaders(c)
	bodyOf(c).drainStranger(c)
	p := laterProblem(codeStarting, "", nil)
	p.RequestID, p.Phase = requestID(c), startOf(s.start).Phase
	if p.Phase != "" {
		p.Detail = "it waits for " + p.Phase
	}
	return p.writeTo(c)
}

// Listen answers until Shutdown.
func (s *StartingServer) Listen(l net.Listener) error {
	if err := s.app.Listener(l); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serve http while starting: %w", err)
	}
	return nil
}

// Shutdown closes the listener and waits for requests to end, until ctx ends.
func (s *StartingServer) Shutdown(ctx context.Context) error {
	if err := s.app.ShutdownWithContext(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("shut http down: %w", err)
	}
	return nil
}
