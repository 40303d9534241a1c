package rebuild

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/postgres"
)

// rows is a projection in Postgres, with those that it needs: a side is a schema, and handlers name no schema.
type rows struct {
	in    *Installation
	owner *pgxpool.Pool
	name  string
	group []project.Projection

	mu    sync.Mutex
	pools map[project.Side]*pgxpool.Pool // as the projector
}

func openRows(_ context.Context, in *Installation, owner *pgxpool.Pool, name string) (*rows, error) {
	s := &rows{in: in, owner: owner, name: name, pools: map[project.Side]*pgxpool.Pool{}}
	s.findGroup()
	return s, nil
}

// findGroup collects the projection and those that it needs, which stand before it in the list.
func (s *rows) findGroup() {
	want := []string{s.name}
	for _, p := range slices.Backward(s.in.Projections) {
		if slices.Contains(want, p.Name) {
			s.group, want = append(s.group, p), append(want, p.Needs...)
		}
	}
	slices.Reverse(s.group)
}

func (s *rows) closeConns() {
	for _, p := range s.pools {
		p.Close()
	}
}

func (s *rows) schemaOf(side project.Side) string {
	if side == project.Live {
		return "read"
	}
	return string(side) + "_" + s.name
}

func (s *rows) poolFor(ctx context.Context, side project.Side) (*pgxpool.Pool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pools[side] == nil {
		p, err := postgres.OpenRole(ctx, s.in.OwnerURL, postgres.RoleProjector, s.in.Secrets.Projector, s.schemaOf(side), 8)
		if err != nil {
			return nil, err
		}
		s.pools[side] = p
	}
	return s.pools[side], nil
}

func (s *rows) checkpointKeys(side project.Side) (out []project.ProjectionKey) {
	for _, p := range s.group {
		out = append(out, s.groupSide(side).Key(p.Name, p.Version))
	}
	return out
}

// groupSide also names whose rebuild it is when several projections take part: a projection may be rebuilt beside those that need it, too.
func (s *rows) groupSide(side project.Side) project.Side {
	if side == project.Live || len(s.group) < 2 {
		return side
	}
	return side + "/" + project.Side(s.name)
}

func (s *rows) tableNames() (out []string) {
	for _, p := range s.group {
		out = append(out, p.Tables...)
	}
	return out
}

func (s *rows) sideExists(ctx context.Context, side project.Side) (ok bool, err error) {
	if side == project.Next {
		return isPrepared(ctx, s.owner, s.name, s.in.Program)
	}
	err = s.owner.QueryRow(ctx, `select exists (select from pg_namespace where nspname = $1)`, s.schemaOf(side)).Scan(&ok)
	if err != nil {
		return false, fmt.Errorf("look for the %s side of %s: %w", side, s.name, err)
	}
	return ok, nil
}

// prepareSide creates the tables with the migrations that created the live ones, so that they are the same in everything.
func (s *rows) prepareSide(ctx context.Context, side project.Side) error {
	ready, err := isPrepared(ctx, s.owner, s.name, s.in.Program)
	if err != nil || ready {
		return err
	}
	schema := s.schemaOf(side)
	err = pgx.BeginFunc(ctx, s.owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `drop schema if exists `+schema+` cascade; create schema `+schema+`; grant usage on schema `+schema+` to `+postgres.RoleProjector); err != nil {
			return fmt.Errorf("make schema %s: %w", schema, err)
		}
		return beginRebuild(ctx, tx, s.name, s.in.Program, s.checkpointKeys(side))
	})
	if err != nil {
		return err
	}
	if err := postgres.MigrateSchema(ctx, s.in.OwnerURL, s.in.Migrations, schema); err != nil {
		return err
	}
	tables, err := s.listTables(ctx, schema)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.owner, func(tx pgx.Tx) error {
		for _, t := range tables {
			if !slices.Contains(s.tableNames(), t) { // of other projections
				if _, err := tx.Exec(ctx, `drop table `+pgx.Identifier{schema, t}.Sanitize()); err != nil {
					return fmt.Errorf("drop %s: %w", t, err)
				}
			}
		}
		return endPreparing(ctx, tx, s.name)
	})
}

func (s *rows) listTables(ctx context.Context, schema string) ([]string, error) {
	found, err := s.owner.Query(ctx, `select tablename from pg_tables where schemaname = $1`, schema)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowTo[string])
}

func (s *rows) runTo(ctx context.Context, side project.Side, partition int32, to es.Checkpoint, moved func(int64)) error {
	pool, err := s.poolFor(ctx, side)
	if err != nil {
		return err
	}
	r := &project.Postgres{Log: s.in.Log, Pool: pool, Projections: s.group, Decode: s.in.Decode, Decoders: s.in.Decoders, MaxEvents: s.in.MaxEvents, Side: s.groupSide(side), Report: s.in.Report}
	return r.RunTo(ctx, partition, to, moved)
}

// snapshotLive needs no lock: in one snapshot, rows and positions are those of the same moment.
func (s *rows) snapshotLive(ctx context.Context) (view, vector, error) {
	v, err := s.viewSide(ctx, project.Live)
	if err != nil {
		return nil, nil, err
	}
	at, err := loadPositions(ctx, v.tx, s.checkpointKeys(project.Live), true)
	if err != nil {
		v.closeView()
		return nil, nil, err
	}
	return v, at, nil
}

func (s *rows) viewAt(ctx context.Context, side project.Side, _ vector) (view, error) {
	return s.viewSide(ctx, side)
}

func (s *rows) viewSide(ctx context.Context, side project.Side) (*rowsView, error) {
	pool, err := s.poolFor(ctx, side)
	if err != nil {
		return nil, err
	}
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin to compare: %w", err)
	}
	return &rowsView{tx, s.schemaOf(side)}, nil
}

// exchangeWithLive happens in one transaction, which first holds the live projection where it stands.
func (s *rows) exchangeWithLive(ctx context.Context, side project.Side, bring func(vector) error) error {
	if err := s.checkSameForm(ctx, side); err != nil {
		return err
	}
	return retryLocked(ctx, func() error {
		return pgx.BeginFunc(ctx, s.owner, func(tx pgx.Tx) error {
			at, err := holdProjections(ctx, tx, s.checkpointKeys(project.Live))
			if err != nil {
				return err
			}
			if err := bring(at); err != nil {
				return err
			}
			if err := s.exchangeTables(ctx, tx, side); err != nil {
				return err
			}
			return s.recordExchange(ctx, tx, side, at)
		})
	})
}

// checkSameForm refuses tables of another form: a migration has changed the live ones since these were created.
func (s *rows) checkSameForm(ctx context.Context, side project.Side) error {
	var other string
	err := s.owner.QueryRow(ctx, `with of as (select table_schema, table_name, column_name, udt_name, is_nullable from information_schema.columns where table_name = any($3) and table_schema in ($1, $2))
		select coalesce(min(table_name || '.' || column_name), '') from of o where not exists (select from of x
			where x.table_schema <> o.table_schema and (x.table_name, x.column_name, x.udt_name, x.is_nullable) = (o.table_name, o.column_name, o.udt_name, o.is_nullable))`,
		s.schemaOf(project.Live), s.schemaOf(side), s.tableNames()).Scan(&other)
	if err != nil {
		return fmt.Errorf("compare the form of tables: %w", err)
	}
	if other != "" {
		return fmt.Errorf("its tables have another form than the live ones (%s): they were made before a migration; rebuild %s", other, s.name)
	}
	return nil
}

// exchangeTables exchanges the tables of two schemas; indexes, policies and grants go with them.
func (s *rows) exchangeTables(ctx context.Context, tx pgx.Tx, side project.Side) error {
	other, former := s.schemaOf(side), s.schemaOf(project.Former)
	statements := []string{`set local lock_timeout = '3s'`, `create schema exchange_` + s.name}
	for _, t := range s.tableNames() {
		table := pgx.Identifier{t}.Sanitize()
		statements = append(statements, `alter table read.`+table+` set schema exchange_`+s.name, `alter table `+other+`.`+table+` set schema read`,
			`alter table exchange_`+s.name+`.`+table+` set schema `+other)
	}
	statements = append(statements, `drop schema exchange_`+s.name)
	statements = append(statements, `drop schema if exists `+former+` cascade`)
	if side == project.Next {
		statements = append(statements, `alter schema `+other+` rename to `+former)
	}
	for _, sql := range statements {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

func (s *rows) recordExchange(ctx context.Context, tx pgx.Tx, side project.Side, at vector) error {
	if err := errors.Join(deletePositions(ctx, tx, s.checkpointKeys(side)), deletePositions(ctx, tx, s.checkpointKeys(project.Former))); err != nil {
		return err
	}
	if side == project.Former {
		return nil
	}
	if err := writePositions(ctx, tx, s.checkpointKeys(project.Former), at); err != nil {
		return err
	}
	return endRebuild(ctx, tx, s.name)
}
