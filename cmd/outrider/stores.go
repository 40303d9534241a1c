package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"outrider/internal/audit"
	"outrider/internal/blob"
	"outrider/internal/buildinfo"
	"outrider/internal/clickhouse"
	"outrider/internal/es/gateway"
	"outrider/internal/es/project"
	"outrider/internal/es/react"
	"outrider/internal/identity"
	"outrider/internal/kafka"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/tracing"
	"outrider/projections"
	"outrider/projections/analytics"
)

// migrate makes roles, schemas, tables, topics and key files that are missing. It may run at any time.
func migrate(ctx context.Context, a Addresses, k keyFiles, log kafka.Log) (kafka.Log, error) {
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return log, fmt.Errorf("make folder of keys: %w", err)
	}
	if _, err := pii.LoadMaster(k.master()); err != nil {
		return log, fmt.Errorf("load master key: %w", err)
	}
	secrets, err := postgres.LoadSecrets(k.roles())
	if err != nil {
		return log, fmt.Errorf("load passwords of roles: %w", err)
	}
	if _, err := audit.LoadKeyring(k.audit()); err != nil {
		return log, err
	}
	failed := make(chan error, 2)
	go func() {
		failed <- wrap("migrate postgres", postgres.Migrate(ctx, a.Postgres, secrets, projections.Migrations()))
	}()
	go func() { failed <- wrap("migrate clickhouse", migrateClickHouse(ctx, a.ClickHouse)) }()
	if log, err = log.EnsureTopics(ctx); err == nil {
		err = react.EnsurePoison(ctx, log, react.PoisonTopic)
	}
	return log, errors.Join(wrap("make topics", err), <-failed, <-failed)
}

func migrateClickHouse(ctx context.Context, dsn string) error {
	conn, err := clickhouse.Open(dsn)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer conn.Close()
	return analytics.Migrate(ctx, conn)
}

// stores are the connections that the roles of a process share.
type stores struct {
	log       kafka.Log
	pools     *postgres.Pools
	click     driver.Conn
	blobs     *blob.Bucket
	vault     *pii.Vault
	keys      *identity.Keys
	slugs     *identity.Slugs
	positions *project.Positions
	gateway   *gateway.Gateway
	signer    *linktoken.Signer
	audit     *audit.Keyring
	tracing   *tracing.Tracing // nil = off
	platform  string           // API key of the operator
}

// openStores connects to what migrate has made.
func openStores(ctx context.Context, a Addresses, k keyFiles, log kafka.Log, now func() time.Time, logger *slog.Logger) (_ *stores, err error) {
	s := &stores{log: log}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	secrets, err := postgres.LoadSecrets(k.roles())
	if err != nil {
		return nil, fmt.Errorf("load passwords of roles: %w", err)
	}
	if s.pools, err = postgres.OpenPools(ctx, a.Postgres, secrets, postgres.Options{}); err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	if s.click, err = clickhouse.Open(a.ClickHouse); err != nil {
		return nil, fmt.Errorf("open clickhouse: %w", err)
	}
	if s.blobs, err = blob.Open(ctx, a.Blobs); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	master, err := pii.LoadMaster(k.master())
	if err != nil {
		return nil, fmt.Errorf("load master key: %w", err)
	}
	if s.vault, err = pii.NewVault(s.pools.Vault, master, pii.Options{}); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	if s.keys, err = identity.NewKeys(s.pools.Identity, identity.Options{}); err != nil {
		return nil, fmt.Errorf("open api keys: %w", err)
	}
	if s.platform, err = s.keys.EnsurePlatformKey(ctx, k.platform()); err != nil {
		return nil, fmt.Errorf("ensure platform key: %w", err)
	}
	if s.signer, err = loadSigner(k.links()); err != nil {
		return nil, err
	}
	if s.audit, err = audit.LoadKeyring(k.audit()); err != nil {
		return nil, err
	}
	s.slugs = identity.NewSlugs(s.pools.Identity, nil)
	s.positions = &project.Positions{Pool: s.pools.API, Lingers: map[project.Key]bool{}}
	for _, c := range analytics.Rebuildable() {
		s.positions.Lingers[project.Key{Name: c.Name, Version: c.Version}] = true
	}
	if s.tracing, err = tracing.FromEnvironment(ctx, "outrider", buildinfo.Version()); err != nil {
		return nil, err
	}
	if s.gateway, err = gateway.Open(ctx, gateway.Config{Log: log, Now: now, Trace: s.tracing.Produce(), Report: report(logger, "gateway")}); err != nil {
		return nil, fmt.Errorf("open gateway: %w", err)
	}
	return s, nil
}

func (s *stores) close() {
	if s.gateway != nil {
		s.gateway.Close()
	}
	last, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	_ = s.tracing.Shutdown(last) // spans that can't be sent are lost
	cancel()
	if s.blobs != nil {
		_ = s.blobs.Close() // nothing is buffered
	}
	if s.click != nil {
		_ = s.click.Close() // nothing is in flight when roles have ended
	}
	if s.pools != nil {
		s.pools.Close()
	}
}
