// Package asof shows an organisation as it was at an instant, and as its log has it now, by folding the history in ClickHouse.
package asof

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/pii"
	"outrider/projections"
	"outrider/projections/analytics"
)

var (
	// ErrBehind says that something isn't visible yet: ask again.
	ErrBehind = errors.New("the history isn't visible yet")
	// ErrNotBegun says that the organisation had no history at the instant.
	ErrNotBegun = errors.New("the organisation's history had not begun then")
	// ErrDamaged says that the copy of the history in ClickHouse doesn't verify. The log itself is not touched by that.
	ErrDamaged = errors.New("the copy of the history is damaged")
)

// UnfinishedError says how far a fold came that had no time to end. The next request within two minutes continues from there.
type UnfinishedError struct {
	Oseq   int64 // of the newest event that was read
	Newest int64 // event of the history at least; 0 = not known
	cause  error
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("the history was read up to event %d of %d: %v", e.Oseq, e.Newest, e.cause)
}

func (e *UnfinishedError) Unwrap() error { return e.cause }

// Waiter waits until a projection has come to a position; *project.Positions is one.
type Waiter interface {
	Wait(ctx context.Context, key project.ProjectionKey, partition int32, pseq int64) error
}

// Config is what a Reader reads from; all of it is needed.
type Config struct {
	Columns    driver.Conn // ClickHouse
	Pool       *pgxpool.Pool
	Vault      *pii.Vault
	Positions  Waiter
	Partitions int32         // of the log
	AtMost     time.Duration // how long the copy of the log may take to reach what the read models have
}

// Reader shows organisations at an instant.
type Reader struct {
	cfg        Config
	log        analytics.History
	readModels map[string]project.ProjectionKey
	events     project.ProjectionKey // the table in ClickHouse
	snapshots  *Cache[Subject, Snapshot]
}

// NewReader makes a Reader that keeps the folds that took long.
func NewReader(cfg Config) (*Reader, error) {
	snapshots, err := NewCache[Subject, Snapshot](maxSnapshots, keepSnapshot)
	if err != nil {
		return nil, err
	}
	events := analytics.Events()
	r := &Reader{cfg: cfg, log: analytics.History{Conn: cfg.Columns}, readModels: map[string]project.ProjectionKey{}, events: project.ProjectionKey{Name: events.Name, Version: events.Version}, snapshots: snapshots}
	for _, p := range projections.All(nil) {
		r.readModels[p.Name] = project.ProjectionKey{Name: p.Name, Version: p.Version}
	}
	return r, nil
}

// asDamage marks an error that tells of damage to the copy: that answer would be wrong, so there is none.
func asDamage(err error) error {
	if err == nil || !errors.Is(err, es.ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}
