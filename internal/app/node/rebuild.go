package node

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"

	"outrider/internal/buildinfo"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
	"outrider/internal/rebuild"
	"outrider/projections"
	"outrider/projections/analytics"
)

// OpenInstallation connects to an installation's stores for rebuilding projections. closed disconnects again.
func OpenInstallation(ctx context.Context, a Addresses, k KeyFiles, l kafka.Log, log *slog.Logger) (_ *rebuild.Installation, closed func(), err error) {
	secrets, err := postgres.ReadSecrets(k.Roles())
	if err != nil {
		return nil, nil, fmt.Errorf("%w, or name the folder of the installation with --data", err)
	}
	pool, err := postgres.OpenRole(ctx, a.Postgres, postgres.RoleVault, secrets.Vault, "vault", 8)
	if err != nil {
		return nil, nil, err
	}
	vault, err := vaultOn(pool, k)
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return &rebuild.Installation{Log: l, OwnerURL: a.Postgres, Secrets: secrets, ClickHouse: a.ClickHouse, Projections: projections.All(vault), Migrations: projections.Migrations(),
		Columns: analytics.Rebuildable(), MigrateColumns: analytics.Migrate, Decode: projections.Decode, Decoders: runtime.GOMAXPROCS(0), Program: buildinfo.Version(), Report: Report(log, "rebuild")}, pool.Close, nil
}
