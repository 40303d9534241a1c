package main

import (
	"context"
	"log/slog"
	"time"

	"outrider/internal/buildinfo"
	"outrider/internal/kafka"
)

// Topics says what the log is made with; it is fixed when it is made.
type Topics struct {
	Generation  int32 `default:"1" help:"Generation of the topics."`
	Partitions  int32 `help:"Partitions of a new log; 0 = 8 embedded, else 16."`
	Replication int16 `default:"1" help:"Replicas of each partition; 3 in production."`
	Replies     int32 `default:"8" help:"Partitions of replies; at least one for each api process."`
}

func (t Topics) log(a Addresses) kafka.Log {
	return kafka.Log{Seeds: a.seeds(), Generation: t.Generation, Partitions: partitionsFor(a, t.Partitions), Replication: t.Replication, Replies: t.Replies}
}

type migrateCmd struct {
	Addresses
	Topics
}

// Run makes what is missing; see migrate.
func (c migrateCmd) Run(ctx context.Context, f *Folder, log *slog.Logger) error {
	a, err := c.orRunning(f)
	if err != nil {
		return err
	}
	l, err := migrate(ctx, a, f.keys(), c.log(a))
	if err != nil {
		return err
	}
	log.Info("migrated", "partitions", l.Partitions, "events", l.Events())
	return nil
}

type serveCmd struct {
	Addresses
	Roles      []string          `default:"api,commands,projections,consumers" enum:"api,commands,projections,consumers" help:"What this process does: ${enum}."`
	Generation int32             `default:"1" help:"Generation of the topics."`
	Listen     string            `default:"127.0.0.1:8080" help:"Where the api answers; without that role /healthz, /readyz and /metrics."`
	Session    time.Duration     `default:"6s" help:"How long a process may be silent before others take its partitions; brokers bound it from below."`
	Via        map[string]string `hidden:"" help:"Reach the broker that calls itself by one address by another: through a proxy." placeholder:"ADDR=ADDR"`
	Lifeline   bool              `hidden:"" help:"End when standard input does."`
	Restarting
	Sending
	Auditing
	PlanFile
}

// Run serves until it is told to stop. `outrider migrate` has run before.
func (c serveCmd) Run(ctx context.Context, f *Folder, log *slog.Logger) error {
	if c.Lifeline {
		var end context.CancelFunc
		ctx, end = whileInputLasts(ctx)
		defer end()
	}
	a, err := c.orRunning(f)
	if err != nil {
		return err
	}
	l, err := kafka.Log{Seeds: a.seeds(), Generation: c.Generation, Session: c.Session, Via: c.Via}.Measure(ctx)
	if err != nil {
		return err
	}
	s, err := openStores(ctx, a, f.keys(), l, nil, log)
	if err != nil {
		return err
	}
	defer s.close()
	m, err := c.Sending.ready()
	if err != nil {
		return err
	}
	plans, err := c.limits()
	if err != nil {
		return err
	}
	n, err := newNode(ctx, s, nodeOptions{plans: plans, roles: c.Roles, listen: c.Listen, mailing: m, auditing: c.Auditing, restarting: c.Restarting}, log)
	if err != nil {
		return err
	}
	log.Info("serving", "roles", c.Roles, "listen", n.listener.Addr(), "version", buildinfo.Version())
	return n.run(ctx)
}
