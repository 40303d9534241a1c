package rebuild

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"outrider/internal/es/project"
)

// DropOtherSides drops what is kept beside the live rows: what was live before a swap, and a rebuild that isn't swapped in yet. It returns their
// names. A rollback isn't possible any more, and a rebuild begins anew.
func (in *Installation) DropOtherSides(ctx context.Context) (dropped []string, err error) {
	for _, name := range in.Names() {
		r, err := in.Open(ctx, name)
		if err != nil {
			return dropped, err
		}
		sides, err := r.dropOtherSides(ctx)
		r.Close()
		dropped = append(dropped, sides...)
		if err != nil {
			return dropped, err
		}
	}
	return dropped, nil
}

func (r *Rebuild) dropOtherSides(ctx context.Context) (dropped []string, err error) {
	var broken bool
	err = r.owner.QueryRow(ctx, `select saved from kernel.rebuilds where projection = $1`, r.name).Scan(&broken)
	switch {
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return nil, fmt.Errorf("look for a rebuild of %s: %w", r.name, err)
	case broken:
		return nil, fmt.Errorf("a swap of %s was broken off; end it first with `outrider projections swap %s`", r.name, r.name)
	}
	for _, side := range []project.Side{project.Former, project.Next} {
		name, was, err := r.store.dropSide(ctx, side)
		if err != nil {
			return dropped, fmt.Errorf("drop the %s side of %s: %w", side, r.name, err)
		}
		if !was {
			continue
		}
		if err := deletePositions(ctx, r.owner, r.store.checkpointKeys(side)); err != nil {
			return dropped, err
		}
		if side == project.Next {
			if err := endRebuild(ctx, r.owner, r.name); err != nil {
				return dropped, err
			}
		}
		dropped = append(dropped, name)
	}
	return dropped, nil
}

func (s *rows) dropSide(ctx context.Context, side project.Side) (schema string, was bool, err error) {
	schema = s.schemaOf(side)
	if err := s.owner.QueryRow(ctx, `select exists (select from pg_namespace where nspname = $1)`, schema).Scan(&was); err != nil || !was {
		return schema, false, err
	}
	_, err = s.owner.Exec(ctx, `drop schema `+pgx.Identifier{schema}.Sanitize()+` cascade`)
	return schema, true, err
}

func (s *columns) dropSide(ctx context.Context, side project.Side) (database string, was bool, err error) {
	database = s.databaseOf(side)
	c, err := s.connFor(project.Live)
	if err != nil {
		return database, false, err
	}
	var n uint64
	if err := c.QueryRow(ctx, `SELECT count() FROM system.databases WHERE name = $1`, database).Scan(&n); err != nil || n == 0 {
		return database, false, err
	}
	return database, true, c.Exec(ctx, `DROP DATABASE `+quoteName(database)+` SYNC`)
}
