package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"outrider/internal/app/node"
	"outrider/internal/buildinfo"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
)

type migrateCmd struct {
	node.Addresses
	node.Topics
	node.RoleFolders
	KafkaRolePasswords map[string]string `help:"Make a user of Kafka for each role (role=password;...), with the rights of the role and no others." placeholder:"ROLE=PASSWORD"`
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
	if err := errors.Join(c.Share(f.Keys()), c.admitRoles(ctx, l)); err != nil {
		return err
	}
	if err := postgres.LimitConnections(ctx, a.Postgres); err != nil {
		return err
	}
	log.Info("migrated", "partitions", l.Partitions, "events", l.Events())
	return nil
}

// admitRoles lets each role sign in to Kafka and do there what it must.
func (c migrateCmd) admitRoles(ctx context.Context, l kafka.Log) error {
	if len(c.KafkaRolePasswords) == 0 {
		return nil
	}
	for _, role := range node.Roles() {
		if c.KafkaRolePasswords[role] == "" {
			return fmt.Errorf("--kafka-role-passwords names no password for the role %s", role)
		}
	}
	if err := l.SetPasswords(ctx, c.KafkaRolePasswords); err != nil {
		return err
	}
	return l.Grant(ctx, func(role string) string { return role })
}

type serveCmd struct {
	node.Addresses
	Roles      []string          `default:"api,commands,projections,consumers" enum:"api,commands,projections,consumers" help:"What this process does: ${enum}."`
	Generation int32             `default:"1" help:"Generation of the topics."`
	Listen     string            `default:"127.0.0.1:8080" help:"Where the api answers; without that role /healthz and /readyz."`
	Session    time.Duration     `default:"6s" help:"How long a process may be silent before others take its partitions; brokers bound it from below."`
	Via        map[string]string `hidden:"" help:"Reach the broker that calls itself by one address by another: through a proxy." placeholder:"ADDR=ADDR"`
	Lifeline   bool              `hidden:"" help:"End when standard input does."`
	node.Restarting
	node.Sending
	node.Auditing
	node.PlanFile
	node.Connections
	node.Operations
	node.Limiting
	node.SigningIn
	node.Selling
}

// Run serves until it is told to stop. `outrider migrate` has run before.
func (c serveCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) error {
	if c.Lifeline {
		var end context.CancelFunc
		ctx, end = node.WhileInputLasts(ctx)
		defer end()
	}
	node.LimitMemory(node.MemoryAlone, log)
	a, err := c.OrRunning(f, c.Roles...)
	if err != nil {
		return err
	}
	if err := postgres.CheckPlain(a.Postgres); err != nil {
		return fmt.Errorf("--postgres: %w", err)
	}
	l, err := kafka.Log{Seeds: a.Seeds(), Generation: c.Generation, Session: c.Session, Via: c.Via, Access: a.Access}.Measure(ctx)
	if err != nil {
		return err
	}
	s, err := node.OpenStores(ctx, node.StoresConfig{Addresses: a, Roles: c.Roles, Keys: f.Keys(), Log: l, Logger: log})
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := node.New(ctx, s, node.Config{Roles: c.Roles, Listen: c.Listen, Sending: c.Sending, Auditing: c.Auditing, Restarting: c.Restarting, PlanFile: c.PlanFile, Connections: c.Connections, Operations: c.Operations, Limiting: c.Limiting, SigningIn: c.SigningIn, Selling: c.Selling}, log)
	if err != nil {
		return err
	}
	log.Info("serving", "roles", c.Roles, "listen", n.Address(), "metrics", n.OperationsAddress(), "version", buildinfo.Version())
	return n.Run(ctx)
}
