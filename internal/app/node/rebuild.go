package node

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"outrider/internal/buildinfo"
	"outrider/internal/kafka"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/rebuild"
	"outrider/projections"
	"outrider/projections/analytics"
)

// OpenInstallation connects to an installation's stores for rebuilding projections. closed disconnects again.
func OpenInstallation(ctx context.Context, a Addresses, k KeyFiles, l kafka.Log, log *slog.Logger) (_ *rebuild.Installation, closed func(), err error) {
	if _, err := os.Stat(k.Roles()); err != nil {
		return nil, nil, fmt.Errorf("passwords of roles: %w; name the folder of the installation with --data", err)
	}
	secrets, err := postgres.LoadSecrets(k.Roles())
	if err != nil {
		return nil, nil, fmt.Errorf("load passwords of roles: %w", err)
	}
	master, err := pii.LoadMaster(k.Master())
	if err != nil {
		return nil, nil, fmt.Errorf("load master key: %w", err)
	}
	pool, err := postgres.OpenRole(ctx, a.Postgres, postgres.RoleVault, secrets.Vault, "vault", 8)
	if err != nil {
		return nil, nil, err
	}
	vault, err := pii.NewVault(pool, master, pii.Options{})
	if err != nil {
		pool.Close()
		return nil, nil, fmt.Errorf("open vault: %w", err)
	}
	return &rebuild.Installation{Log: l, OwnerURL: a.Postgres, Secrets: secrets, ClickHouse: a.ClickHouse, Projections: projections.All(vault), Migrations: projections.Migrations(),
		Columns: analytics.Rebuildable(), MigrateColumns: analytics.Migrate, Decode: projections.Decode, Decoders: runtime.GOMAXPROCS(0), Program: buildinfo.Version(), Report: Report(log, "rebuild")}, pool.Close, nil
}
