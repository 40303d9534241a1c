package node

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

// Migrate makes roles, schemas, tables, topics and key files that are missing. It may run at any time.
func Migrate(ctx context.Context, a Addresses, k KeyFiles, log kafka.Log) (kafka.Log, error) {
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return log, fmt.Errorf("make folder of keys: %w", err)
	}
	if _, err := pii.LoadMaster(k.Master()); err != nil {
		return log, fmt.Errorf("load master key: %w", err)
	}
	secrets, err := postgres.LoadSecrets(k.Roles())
	if err != nil {
		return log, fmt.Errorf("load passwords of roles: %w", err)
	}
	if _, err := audit.LoadKeyring(k.Audit()); err != nil {
		return log, err
	}
	failed := make(chan error, 2)
	go func() {
		failed <- wrapError("migrate postgres", postgres.Migrate(ctx, a.Postgres, secrets, projections.Migrations()))
	}()
	go func() { failed <- wrapError("migrate clickhouse", MigrateClickHouse(ctx, a.ClickHouse)) }()
	if log, err = log.EnsureTopics(ctx); err == nil {
		err = react.EnsurePoison(ctx, log, react.PoisonTopic)
	}
	return log, errors.Join(wrapError("make topics", err), <-failed, <-failed)
}

// MigrateClickHouse makes the tables of ClickHouse that are missing.
func MigrateClickHouse(ctx context.Context, dsn string) error {
	conn, err := clickhouse.Open(dsn)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer conn.Close()
	return analytics.Migrate(ctx, conn)
}

// Stores are the connections that the roles of a process share.
type Stores struct {
	Log        kafka.Log
	Pools      *postgres.Pools
	ClickHouse driver.Conn
	blobs      *blob.Bucket
	vault      *pii.Vault
	keys       *identity.Keys
	Slugs      *identity.Slugs
	Positions  *project.Positions
	Gateway    *gateway.Gateway
	Signer     *linktoken.Signer
	audit      *audit.Keyring
	tracing    *tracing.Tracing // nil = off
	Platform   string           // API key of the operator
}

// StoresConfig says where a process' stores are.
type StoresConfig struct {
	Addresses
	Keys   KeyFiles
	Log    kafka.Log      // measured, or as Migrate gives it
	Clock  SimulatedClock // nil = this machine's clock
	Logger *slog.Logger
}

// Validate says what is missing.
func (c StoresConfig) Validate() error {
	for _, x := range []struct{ flag, value string }{{"--kafka", c.Kafka}, {"--postgres", c.Postgres}, {"--clickhouse", c.ClickHouse}, {"--blobs", c.Blobs}, {"--data", c.Keys.Dir}} {
		if x.value == "" {
			return fmt.Errorf("%s must be given", x.flag)
		}
	}
	if c.Log.Partitions < 1 {
		return errors.New("the log has no partitions; run `outrider migrate` first")
	}
	if c.Logger == nil {
		return errors.New("stores need a logger")
	}
	return nil
}

// gatewayClock is the gateway's clock; nil = its own.
func (c StoresConfig) gatewayClock() func() time.Time {
	if c.Clock == nil {
		return nil
	}
	return c.Clock.Now
}

// OpenStores connects to what migrate has made.
func OpenStores(ctx context.Context, c StoresConfig) (_ *Stores, err error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	a, k, log := c.Addresses, c.Keys, c.Log
	s := &Stores{Log: log}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	secrets, err := postgres.LoadSecrets(k.Roles())
	if err != nil {
		return nil, fmt.Errorf("load passwords of roles: %w", err)
	}
	if s.Pools, err = postgres.OpenPools(ctx, a.Postgres, secrets, postgres.Options{}); err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	if s.ClickHouse, err = clickhouse.Open(a.ClickHouse); err != nil {
		return nil, fmt.Errorf("open clickhouse: %w", err)
	}
	if s.blobs, err = blob.Open(ctx, a.Blobs); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	master, err := pii.LoadMaster(k.Master())
	if err != nil {
		return nil, fmt.Errorf("load master key: %w", err)
	}
	if s.vault, err = pii.NewVault(s.Pools.Vault, master, pii.Options{}); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	if s.keys, err = identity.NewKeys(s.Pools.Identity, identity.Options{}); err != nil {
		return nil, fmt.Errorf("open api keys: %w", err)
	}
	if s.Platform, err = s.keys.EnsurePlatformKey(ctx, k.Platform()); err != nil {
		return nil, fmt.Errorf("ensure platform key: %w", err)
	}
	if s.Signer, err = LoadSigner(k.Links()); err != nil {
		return nil, err
	}
	if s.audit, err = audit.LoadKeyring(k.Audit()); err != nil {
		return nil, err
	}
	s.Slugs = identity.NewSlugs(s.Pools.Identity, nil)
	s.Positions = &project.Positions{Pool: s.Pools.API, Lingers: map[project.Key]bool{}}
	for _, c := range analytics.Rebuildable() {
		s.Positions.Lingers[project.Key{Name: c.Name, Version: c.Version}] = true
	}
	if s.tracing, err = tracing.FromEnvironment(ctx, "outrider", buildinfo.Version()); err != nil {
		return nil, err
	}
	if s.Gateway, err = gateway.Open(ctx, gateway.Config{Log: log, Now: c.gatewayClock(), Trace: s.tracing.Produce(), Report: Report(c.Logger, "gateway")}); err != nil {
		return nil, fmt.Errorf("open gateway: %w", err)
	}
	return s, nil
}

func (s *Stores) Close() {
	if s.Gateway != nil {
		s.Gateway.Close()
	}
	last, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	_ = s.tracing.Shutdown(last) // spans that can't be sent are lost
	cancel()
	if s.blobs != nil {
		_ = s.blobs.Close() // nothing is buffered
	}
	if s.ClickHouse != nil {
		_ = s.ClickHouse.Close() // nothing is in flight when roles have ended
	}
	if s.Pools != nil {
		s.Pools.Close()
	}
}
