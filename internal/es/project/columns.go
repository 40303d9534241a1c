package project

import (
	"context"
	"fmt"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ColumnMigration is a step of a ClickHouse schema. ClickHouse has no transactions: each statement can be repeated
// (IF NOT EXISTS and the like), and a published step is never edited.
type ColumnMigration struct {
	Version    uint32 // from 1, without holes
	Statements []string
}

var sourceName = regexp.MustCompile(`^[a-z][a-z_]{0,40}$`)

// MigrateClickHouse applies what is missing of a source's steps. It may run at once in several processes.
func MigrateClickHouse(ctx context.Context, conn driver.Conn, source string, steps []ColumnMigration) error {
	if !sourceName.MatchString(source) {
		return fmt.Errorf("migrate clickhouse: source name %q: want lower-case letters and underscores", source)
	}
	if err := conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (source String, version UInt32, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
		ENGINE = ReplacingMergeTree ORDER BY (source, version)`); err != nil {
		return fmt.Errorf("create schema_migrations: %w", err)
	}
	var done uint32
	if err := conn.QueryRow(ctx, `SELECT max(version) FROM schema_migrations WHERE source = ?`, source).Scan(&done); err != nil {
		return fmt.Errorf("read schema_migrations: %w", err)
	}
	if newest := uint32(len(steps)); done > newest {
		return fmt.Errorf("migrate clickhouse: %s is at version %d, this program knows %d: it is older than the data", source, done, newest)
	}
	for i, s := range steps {
		if s.Version != uint32(i)+1 {
			return fmt.Errorf("migrate clickhouse: step %d of %s says version %d", i+1, source, s.Version)
		}
		if s.Version <= done {
			continue
		}
		for _, sql := range s.Statements {
			if err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("migrate %s to version %d: %w", source, s.Version, err)
			}
		}
		if err := conn.Exec(ctx, `INSERT INTO schema_migrations (source, version) VALUES (?, ?)`, source, s.Version); err != nil {
			return fmt.Errorf("note version %d of %s: %w", s.Version, source, err)
		}
	}
	return nil
}
