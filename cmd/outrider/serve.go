package main

import (
	"context"
	"log/slog"
	"time"

	"outrider/internal/app/node"
	"outrider/internal/buildinfo"
	"outrider/internal/kafka"
)

type migrateCmd struct {
	node.Addresses
	node.Topics
}

// Run makes what is missing; see migrate.
func (c migrateCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	a, err := c.OrRunning(f)
	if err != nil {
		return err
	}
	l, err := node.Migrate(ctx, a, f.Keys(), c.Log(a))
	if err != nil {
		return err
	}
	log.Info("migrated", "partitions", l.Partitions, "events", l.Events())
	return nil
}

type serveCmd struct {
	node.Addresses
	Roles      []string          `default:"api,commands,projections,consumers" enum:"api,commands,projections,consumers" help:"What this process does: ${enum}."`
	Generation int32             `default:"1" help:"Generation of the topics."`
	Listen     string            `default:"127.0.0.1:8080" help:"Where the api answers; without that role /healthz, /readyz and /metrics."`
	Session    time.Duration     `default:"6s" help:"How long a process may be silent before others take its partitions; brokers bound it from below."`
	Via        map[string]string `hidden:"" help:"Reach the broker that calls itself by one address by another: through a proxy." placeholder:"ADDR=ADDR"`
	Lifeline   bool              `hidden:"" help:"End when standard input does."`
	node.Restarting
	node.Sending
	node.Auditing
	node.PlanFile
}

// Run serves until it is told to stop. `outrider migrate` has run before.
func (c serveCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	if c.Lifeline {
		var end context.CancelFunc
		ctx, end = node.WhileInputLasts(ctx)
		defer end()
	}
	a, err := c.OrRunning(f)
	if err != nil {
		return err
	}
	l, err := kafka.Log{Seeds: a.Seeds(), Generation: c.Generation, Session: c.Session, Via: c.Via}.Measure(ctx)
	if err != nil {
		return err
	}
	s, err := node.OpenStores(ctx, node.StoresConfig{Addresses: a, Keys: f.Keys(), Log: l, Logger: log})
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := node.New(ctx, s, node.Config{Roles: c.Roles, Listen: c.Listen, Sending: c.Sending, Auditing: c.Auditing, Restarting: c.Restarting, PlanFile: c.PlanFile}, log)
	if err != nil {
		return err
	}
	log.Info("serving", "roles", c.Roles, "listen", n.Address(), "version", buildinfo.Version())
	return n.Run(ctx)
}
