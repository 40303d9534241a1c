// Package rebuild builds projections again beside the live ones, compares the two, and exchanges them.
package rebuild

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
)

// Installation is where projections live and what they are.
type Installation struct {
	Log            kafka.Log
	OwnerURL       string // Postgres, as for migrations
	Secrets        postgres.Secrets
	ClickHouse     string // DSN
	Projections    []project.Projection
	Migrations     postgres.Source // of the projections' tables
	Columns        []project.Columns
	MigrateColumns func(context.Context, driver.Conn) error
	Decode         es.Decoder
	Decoders       int
	MaxEvents      int    // in a transaction, 0 = 4000
	Program        string // version: a rebuild begun by another one is discarded
	Report         func(what string, attrs ...any)

	moved func(to project.Side, table string) error // tests interrupt the work here
}

// Names lists all projections.
func (in *Installation) Names() (names []string) {
	for _, p := range in.Projections {
		names = append(names, p.Name)
	}
	for _, c := range in.Columns {
		names = append(names, c.Name)
	}
	return names
}

// Rebuild is the work on one projection; nobody else works on it meanwhile.
type Rebuild struct {
	name  string
	in    *Installation
	owner *pgxpool.Pool
	lock  *pgx.Conn // holds the advisory lock
	store store
}

// store is where a projection's rows are, on every side.
type store interface {
	checkpointKeys(project.Side) []project.ProjectionKey
	tableNames() []string
	// prepareSide creates empty tables, or finds those of an earlier run.
	prepareSide(context.Context, project.Side) error
	sideExists(context.Context, project.Side) (bool, error)
	// runTo brings a partition of a side to exactly this position.
	runTo(ctx context.Context, side project.Side, partition int32, to es.Checkpoint, moved func(int64)) error
	// snapshotLive returns a view of the live rows at the positions that it returns.
	snapshotLive(context.Context) (view, vector, error)
	// viewAt returns a view of another side's rows, which nobody changes; they stand at the positions.
	viewAt(context.Context, project.Side, vector) (view, error)
	// exchangeWithLive makes a side's rows the live ones; the live ones become the former side.
	exchangeWithLive(context.Context, project.Side, func(vector) error) error
	// dropSide drops a side's rows, and says under which name they were, if they were there.
	dropSide(context.Context, project.Side) (string, bool, error)
	closeConns()
}

// ErrBusy means that somebody else is working on the projection.
var ErrBusy = errors.New("somebody else is rebuilding, comparing or swapping it now")

// Open begins work on a projection. Close ends it.
func (in *Installation) Open(ctx context.Context, name string) (_ *Rebuild, err error) {
	if !slices.Contains(in.Names(), name) {
		return nil, fmt.Errorf("there is no projection %q", name)
	}
	r := &Rebuild{name: name, in: in}
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	if r.owner, err = pgxpool.New(ctx, in.OwnerURL); err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	if r.lock, err = pgx.Connect(ctx, in.OwnerURL); err != nil {
		return nil, fmt.Errorf("connect to postgres: %w", err)
	}
	var ours bool
	if err := r.lock.QueryRow(ctx, `select pg_try_advisory_lock(hashtextextended('outrider rebuild ' || $1, 0))`, name).Scan(&ours); err != nil {
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	if !ours {
		return nil, fmt.Errorf("%s: %w", name, ErrBusy)
	}
	r.store, err = in.openStore(ctx, r.owner, name)
	return r, err
}

func (in *Installation) openStore(ctx context.Context, owner *pgxpool.Pool, name string) (store, error) {
	for _, c := range in.Columns {
		if c.Name == name {
			return openColumns(ctx, in, owner, c)
		}
	}
	return openRows(ctx, in, owner, name)
}

// Close ends the work; it can be taken up again.
func (r *Rebuild) Close() {
	if r.store != nil {
		r.store.closeConns()
	}
	if r.lock != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, _ = r.lock.Exec(ctx, `select pg_advisory_unlock_all()`) // a backend goes on for a moment when its client has left
		_ = r.lock.Close(ctx)
		cancel()
	}
	if r.owner != nil {
		r.owner.Close()
	}
}
