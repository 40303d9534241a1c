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
	"outrider/internal/es/commandkey"
	"outrider/internal/es/gateway"
	"outrider/internal/es/project"
	"outrider/internal/es/react"
	"outrider/internal/es/reader"
	"outrider/internal/es/shortcut"
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
	if err := errors.Join(wrapError("make topics", err), <-failed, <-failed); err != nil {
		return log, err
	}
	if err := ensureCommandKeys(ctx, k, log); err != nil {
		return log, err
	}
	if err := ensureMaster(ctx, a, k, secrets); err != nil {
		return log, err
	}
	return log, ensurePlatformKey(ctx, a, k, secrets)
}

// ensurePlatformKey makes the key of who runs the platform. Processes don't need it: they know its hash.
func ensurePlatformKey(ctx context.Context, a Addresses, k KeyFiles, secrets postgres.Secrets) error {
	if _, err := LoadSigner(k.Links()); err != nil { // made at the same time, as roles get copies of it
		return err
	}
	pool, err := postgres.OpenRole(ctx, a.Postgres, postgres.RoleIdentity, secrets.Identity, "identity", 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	keys, err := identity.NewKeys(pool, identity.Options{})
	if err == nil {
		_, err = keys.EnsurePlatformKey(ctx, k.Platform())
	}
	if err != nil {
		return fmt.Errorf("ensure platform key: %w", err)
	}
	return nil
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
	data       string // folder, whose disk must not be full
	Log        kafka.Log
	Pools      *postgres.Pools
	ClickHouse driver.Conn
	reports    driver.Conn // ClickHouse too, with connections of its own: who reads for others takes none of who writes
	blobs      *blob.Bucket
	vault      *pii.Vault
	keys       *identity.APIKeys
	Slugs      *identity.Slugs
	Positions  *project.Positions
	Gateway    *gateway.Gateway
	Signer     *linktoken.Signer
	audit      *audit.Keyring
	commands   *commandkey.Ring
	shared     *reader.Shared     // reads the log for all roles
	shortcut   *shortcut.Shortcut // between the gateway and the processor; nil = only one of them is here
	unsigned   map[int32]int64    // commands that are older than their keys, by partition
	tracing    *tracing.Tracing   // nil = off
	Platform   string             // API key of the operator
}

// StoresConfig says where a process' stores are.
type StoresConfig struct {
	Addresses
	Roles  []string // of the process, which holds only what they need; empty = all, and the platform key
	Keys   KeyFiles
	Log    kafka.Log      // measured, or as Migrate gives it
	Clock  SimulatedClock // nil = this machine's clock
	Logger *slog.Logger
}

// Validate says what is missing.
func (c StoresConfig) Validate() error {
	need := c.needs()
	for _, x := range []struct {
		flag, value string
		needed      bool
	}{{"--kafka", c.Kafka, true}, {"--postgres", c.Postgres, len(need.postgres) > 0}, {"--clickhouse", c.ClickHouse, need.clickhouse}, {"--blobs", c.Blobs, need.blobs}, {"--data", c.Keys.Dir, true}} {
		if x.needed && x.value == "" {
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

func (c StoresConfig) needs() needs {
	if len(c.Roles) == 0 {
		return needsOf(Roles()...)
	}
	return needsOf(c.Roles...)
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
	s := &Stores{Log: c.Log, data: c.Keys.Dir}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	need := c.needs()
	if s.tracing, err = tracing.FromEnvironment(ctx, "outrider", buildinfo.Version()); err != nil {
		return nil, err
	}
	if len(need.postgres) > 0 {
		if err := s.openPostgres(ctx, c, need); err != nil {
			return nil, err
		}
	}
	if need.clickhouse {
		if s.ClickHouse, err = clickhouse.Open(c.ClickHouse); err != nil {
			return nil, fmt.Errorf("open clickhouse: %w", err)
		}
		if s.reports, err = clickhouse.Open(c.ClickHouse); err != nil {
			return nil, fmt.Errorf("open clickhouse for reports: %w", err)
		}
	}
	if need.blobs {
		if s.blobs, err = blob.Open(ctx, c.Blobs); err != nil {
			return nil, fmt.Errorf("open blobs: %w", err)
		}
	}
	if s.shared, err = reader.OpenShared(reader.SharedConfig{Log: c.Log, Report: Report(c.Logger, "reader of the log")}); err != nil {
		return nil, err
	}
	return s, s.openCommands(ctx, c, need)
}

// openPostgres opens what rests on Postgres, with the keys that belong to it.
func (s *Stores) openPostgres(ctx context.Context, c StoresConfig, need needs) error {
	k := c.Keys
	secrets, err := postgres.ReadSecrets(k.Roles())
	if err != nil {
		return err
	}
	if s.Pools, err = postgres.OpenPools(ctx, c.Postgres, secrets, postgres.Options{Only: need.postgres}); err != nil {
		return fmt.Errorf("open postgres: %w", err)
	}
	if err := s.openVault(ctx, c); err != nil {
		return err
	}
	s.Positions = &project.Positions{Pool: s.Pools.API, Lingers: map[project.ProjectionKey]bool{}}
	for _, c := range analytics.Rebuildable() {
		s.Positions.Lingers[project.ProjectionKey{Name: c.Name, Version: c.Version}] = true
	}
	if need.links {
		if s.Signer, err = LoadSigner(k.Links()); err != nil {
			return err
		}
	}
	if need.audit {
		if s.audit, err = audit.LoadKeyring(k.Audit()); err != nil {
			return err
		}
	}
	if s.Pools.Identity == nil {
		return nil
	}
	s.Slugs = identity.NewSlugs(s.Pools.Identity, nil)
	if s.keys, err = identity.NewKeys(s.Pools.Identity, identity.Options{}); err != nil {
		return fmt.Errorf("open api keys: %w", err)
	}
	if len(c.Roles) > 0 {
		return nil // the platform key is its operator's, see Migrate
	}
	if s.Platform, err = s.keys.EnsurePlatformKey(ctx, k.Platform()); err != nil {
		return fmt.Errorf("ensure platform key: %w", err)
	}
	return nil
}

func (s *Stores) openVault(ctx context.Context, c StoresConfig) (err error) {
	if s.vault, err = vaultOn(s.Pools.Vault, c.Keys); err != nil {
		return err
	}
	if err := s.vault.CheckWrapper(ctx); err != nil {
		return err
	}
	return s.applyErasures(ctx, c.Logger)
}

// openCommands opens what asks for commands, or decides them.
func (s *Stores) openCommands(ctx context.Context, c StoresConfig, need needs) (err error) {
	if !need.asks && !need.decides {
		return nil
	}
	if s.commands, err = OpenCommandKeys(c.Keys); err != nil {
		return err
	}
	if need.asks && need.decides {
		s.shortcut = &shortcut.Shortcut{}
	}
	if s.unsigned, err = loadUnsigned(c.Keys, c.Log); err != nil || !need.asks {
		return err
	}
	if s.Gateway, err = gateway.Open(ctx, gateway.Config{Log: c.Log, Keys: s.commands, Shortcut: s.shortcut, Now: c.gatewayClock(), Trace: s.tracing.Produce(), Report: Report(c.Logger, "gateway")}); err != nil {
		return fmt.Errorf("open gateway: %w", err)
	}
	return nil
}

func (s *Stores) Close() {
	if s.Gateway != nil {
		s.Gateway.Close()
	}
	if s.shared != nil {
		s.shared.Close()
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
	if s.reports != nil {
		_ = s.reports.Close()
	}
	if s.Pools != nil {
		s.Pools.Close()
	}
}
