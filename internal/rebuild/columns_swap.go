package rebuild

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"outrider/internal/es/project"
)

// exchangeWithLive holds the live projection, so that all rows stand at one position, and then moves them table by table. If it is
// killed halfway, every table is still at that position, and the projection continues; the note of what was saved lets the same
// command finish the work without saving a mixture.
func (s *columns) exchangeWithLive(ctx context.Context, side project.Side, bring func(vector) error) error {
	if side == project.Next {
		if err := s.makeRoom(ctx); err != nil {
			return err
		}
	}
	err := pgx.BeginFunc(ctx, s.owner, func(tx pgx.Tx) error {
		at, err := holdProjections(ctx, tx, s.checkpointKeys(project.Live))
		if err != nil {
			return err
		}
		if err := bring(at); err != nil {
			return err
		}
		if side == project.Next {
			if err := s.saveLive(ctx, at); err != nil {
				return err
			}
		}
		if err := s.copyTables(ctx, side, project.Live); err != nil {
			return err
		}
		if err := deletePositions(ctx, tx, s.checkpointKeys(side)); err != nil || side == project.Former {
			return err
		}
		return endRebuild(ctx, tx, s.is.Name)
	})
	if err != nil {
		return err
	}
	return s.execLive(ctx, `DROP DATABASE IF EXISTS `+quoteName(s.databaseOf(side)))
}

func (s *columns) formerSaved(ctx context.Context) (saved bool, err error) {
	if err := s.owner.QueryRow(ctx, `select saved from kernel.rebuilds where projection = $1`, s.is.Name).Scan(&saved); err != nil {
		return false, fmt.Errorf("look for a swap that was broken off: %w", err)
	}
	return saved, nil
}

// makeRoom creates the tables of the former side, before anybody waits.
func (s *columns) makeRoom(ctx context.Context) error {
	saved, err := s.formerSaved(ctx)
	if err != nil || saved {
		return err
	}
	if err := deletePositions(ctx, s.owner, s.checkpointKeys(project.Former)); err != nil {
		return err
	}
	return s.recreateDatabase(ctx, project.Former)
}

// saveLive copies the live rows to the former side, unless they are there already.
func (s *columns) saveLive(ctx context.Context, at vector) error {
	saved, err := s.formerSaved(ctx)
	if err != nil || saved {
		return err
	}
	if err := s.copyTables(ctx, project.Live, project.Former); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.owner, func(tx pgx.Tx) error {
		if err := writePositions(ctx, tx, s.checkpointKeys(project.Former), at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update kernel.rebuilds set saved = true where projection = $1`, s.is.Name); err != nil {
			return fmt.Errorf("note what was saved: %w", err)
		}
		return nil
	})
}

// copyTables replaces the tables of one side by those of another. Parts are linked, not copied, and no view sees them.
func (s *columns) copyTables(ctx context.Context, from, to project.Side) error {
	c, err := s.connFor(project.Live)
	if err != nil {
		return err
	}
	for _, t := range s.tableNames() {
		source, target := quoteName(s.databaseOf(from))+`.`+t, quoteName(s.databaseOf(to))+`.`+t
		var rows uint64
		if err := c.QueryRow(ctx, `SELECT count() FROM `+source).Scan(&rows); err != nil {
			return fmt.Errorf("count rows of %s: %w", source, err)
		}
		sql := `ALTER TABLE ` + target + ` REPLACE PARTITION tuple() FROM ` + source
		if rows == 0 { // newer servers refuse to replace something by nothing
			sql = `TRUNCATE TABLE ` + target
		}
		if err := s.execLive(ctx, sql); err != nil {
			return err
		}
		if s.in.moved != nil {
			if err := s.in.moved(to, t); err != nil {
				return err
			}
		}
	}
	return nil
}
