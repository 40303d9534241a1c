package rebuild

import (
	"context"
	"fmt"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	chgo "github.com/ClickHouse/clickhouse-go/v2"

	"outrider/internal/clickhouse"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/postgres"
)

// columns is a projection in ClickHouse: a side is a database with the same tables and views. The live database stays where
// it is, so that views and readers need not know: rows are exchanged table by table while the projection is held.
type columns struct {
	in        *Installation
	owner     *pgxpool.Pool
	projector *pgxpool.Pool
	is        project.Columns
	database  string // the live one

	mu    sync.Mutex
	conns map[project.Side]driver.Conn
}

func openColumns(ctx context.Context, in *Installation, owner *pgxpool.Pool, c project.Columns) (*columns, error) {
	s := &columns{in: in, owner: owner, is: c, conns: map[project.Side]driver.Conn{}}
	live, err := clickhouse.Open(in.ClickHouse)
	if err != nil {
		return nil, err
	}
	s.conns[project.Live] = live
	if err := live.QueryRow(ctx, `SELECT currentDatabase()`).Scan(&s.database); err != nil {
		s.closeConns()
		return nil, fmt.Errorf("ask for the name of the database: %w", err)
	}
	if s.projector, err = postgres.OpenRole(ctx, in.OwnerURL, postgres.RoleProjector, in.Secrets.Projector, "kernel", 8); err != nil {
		s.closeConns()
		return nil, err
	}
	return s, nil
}

func (s *columns) closeConns() {
	for _, c := range s.conns {
		_ = c.Close() // nothing is in flight
	}
	if s.projector != nil {
		s.projector.Close()
	}
}

func (s *columns) databaseOf(side project.Side) string {
	if side == project.Live {
		return s.database
	}
	return s.database + "_" + string(side) + "_" + s.is.Name
}

func (s *columns) connOptions(side project.Side) (*chgo.Options, error) {
	o, err := clickhouse.Options(s.in.ClickHouse)
	if err == nil {
		o.Auth.Database = s.databaseOf(side)
	}
	return o, err
}

func (s *columns) connFor(side project.Side) (driver.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns[side] == nil {
		o, err := s.connOptions(side)
		if err != nil {
			return nil, err
		}
		c, err := chgo.Open(o)
		if err != nil {
			return nil, fmt.Errorf("open ClickHouse: %w", err)
		}
		s.conns[side] = c
	}
	return s.conns[side], nil
}

func (s *columns) checkpointKeys(side project.Side) []project.ProjectionKey {
	return []project.ProjectionKey{side.Key(s.is.Name, s.is.Version)}
}

func (s *columns) tableNames() []string { return s.is.Tables() }

func (s *columns) sideExists(ctx context.Context, side project.Side) (ok bool, err error) {
	if side == project.Next {
		return isPrepared(ctx, s.owner, s.is.Name, s.in.Program)
	}
	k := s.checkpointKeys(side)[0] // its positions are written when it is complete
	err = s.owner.QueryRow(ctx, `select exists (select from kernel.checkpoints where projection = $1 and version = $2)`, k.Name, k.Version).Scan(&ok)
	if err != nil {
		return false, fmt.Errorf("look for the %s side of %s: %w", side, s.is.Name, err)
	}
	return ok, nil
}

func (s *columns) prepareSide(ctx context.Context, side project.Side) error {
	ready, err := isPrepared(ctx, s.owner, s.is.Name, s.in.Program)
	if err != nil || ready {
		return err
	}
	if err := pgx.BeginFunc(ctx, s.owner, func(tx pgx.Tx) error {
		return beginRebuild(ctx, tx, s.is.Name, s.in.Program, s.checkpointKeys(side))
	}); err != nil {
		return err
	}
	if err := s.recreateDatabase(ctx, side); err != nil {
		return err
	}
	return endPreparing(ctx, s.owner, s.is.Name)
}

// recreateDatabase drops a side's database and creates it again.
func (s *columns) recreateDatabase(ctx context.Context, side project.Side) error {
	if err := s.execLive(ctx, `DROP DATABASE IF EXISTS `+quoteName(s.databaseOf(side))); err != nil {
		return err
	}
	return s.createDatabase(ctx, side)
}

func (s *columns) createDatabase(ctx context.Context, side project.Side) error {
	if err := s.execLive(ctx, `CREATE DATABASE IF NOT EXISTS `+quoteName(s.databaseOf(side))); err != nil {
		return err
	}
	c, err := s.connFor(side)
	if err != nil {
		return err
	}
	return s.in.MigrateColumns(ctx, c)
}

func (s *columns) execLive(ctx context.Context, sql string) error {
	c, err := s.connFor(project.Live)
	if err == nil {
		err = c.Exec(ctx, sql)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

func quoteName(name string) string { return "`" + name + "`" }

func (s *columns) newRunner(side project.Side) (*project.ClickHouse, error) {
	c, err := s.connFor(side)
	return &project.ClickHouse{Log: s.in.Log, Pool: s.projector, Conn: c, Table: s.is.Table, Decode: s.is.Decode, MaxEvents: s.in.MaxEvents, Side: side, Report: s.in.Report}, err
}

func (s *columns) runTo(ctx context.Context, side project.Side, partition int32, to es.Checkpoint, moved func(int64)) error {
	r, err := s.newRunner(side)
	if err != nil {
		return err
	}
	return r.RunTo(ctx, partition, to, moved)
}
