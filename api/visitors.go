package api

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/visitor"
	"outrider/internal/app/calendars"
	"outrider/internal/app/tracking"
	"outrider/internal/es"
	"outrider/internal/postgres"
)

// newVisitorHandlers gives the handlers of pixel, redirect and pages what they need of the server.
func newVisitorHandlers(s *Server) (*visitor.Handlers, error) {
	cfg := s.cfg
	var stop func(context.Context, uuid.UUID, uuid.UUID) error
	if cfg.SignIn != nil && cfg.SignIn.Settings != nil {
		stop = cfg.SignIn.Settings.StopNotificationMails
	}
	return visitor.New(visitor.Config{
		Tracking: tracking.NewRecorder(s.life, tracking.Config{Commands: cfg.Commands, Pool: cfg.Pool, Vault: cfg.Vault, Now: cfg.Now, TraceBatch: cfg.TraceBatch}),
		Keys:     cfg.Vault, Signer: cfg.Signer, BaseURL: cfg.BaseURL, Generation: cfg.Generation, Partitions: cfg.Partitions, Now: cfg.Now,
		Submit: cfg.Commands.Submit, StopNotifications: stop,
		ReadInOrg: func(ctx context.Context, org uuid.UUID, queries func(pgx.Tx) error) error {
			return postgres.InOrg(ctx, cfg.Pool, org, queries)
		},
		AwaitMeetings: func(ctx context.Context, at es.Position) error { return s.awaitPosition(ctx, "meetings", at) },
		StillFree:     stillFree(cfg),
		SealOrigin:    s.origins.sealOrigin,
		OpenBody:      s.bodies.open,
	})
}

// forVisitor is the handler of a route that is answered by package visitor.
func forVisitor(handle func(*visitor.Handlers, context.Context, *visitor.Call) error) handler {
	return func(s *Server, c *call) error {
		v := &visitor.Call{Ctx: c.Ctx, RequestID: c.request, Trace: c.trace, ReadBody: c.readBody}
		defer func() { c.batch, c.position = v.Batch, v.Position }()
		return handle(s.visitors, c.ctx, v)
	}
}

// stillFree asks calendars once more; nil where none can be connected.
func stillFree(cfg Config) func(ctx context.Context, org uuid.UUID, hosts []uuid.UUID, from, to time.Time) []uuid.UUID {
	if cfg.Integrations == nil || cfg.Integrations.Calendar == nil {
		return nil
	}
	return calendars.Rechecker{Vault: cfg.Vault, Client: cfg.Integrations.Calendar, ReadInOrg: func(ctx context.Context, org uuid.UUID, queries func(pgx.Tx) error) error {
		return postgres.InOrg(ctx, cfg.Pool, org, queries)
	}}.StillFree
}
