package rebuild

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es/project"
)

// Standing is how a projection is doing.
type Standing struct {
	Projection string            `json:"projection"`
	Store      string            `json:"store"` // postgres or clickhouse
	Version    int               `json:"version"`
	Tables     []string          `json:"tables"`
	Positions  map[int32]int64   `json:"positions"`         // pseq by partition
	Events     int64             `json:"events"`            // applied
	Stopped    []project.Stopped `json:"stopped,omitempty"` // partitions where it can't continue
	Skipped    []Skipped         `json:"skipped,omitempty"` // events that it was told to skip
	Rebuild    *Standby          `json:"rebuild,omitempty"` // what is being built
	Former     *Standby          `json:"former,omitempty"`  // what can be rolled back to
}

// Standby is another side of a projection.
type Standby struct {
	Program   string     `json:"program,omitempty"`
	StartedAt *time.Time `json:"started_at,omitempty"`
	Events    int64      `json:"events"` // applied
}

// Status returns the state of all projections.
func (in *Installation) Status(ctx context.Context) ([]Standing, error) {
	owner, err := pgxpool.New(ctx, in.OwnerURL)
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	defer owner.Close()
	stopped, err := project.ListStopped(ctx, owner)
	if err != nil {
		return nil, err
	}
	skipped, err := listSkipped(ctx, owner)
	if err != nil {
		return nil, err
	}
	var out []Standing
	for _, p := range in.Projections {
		out = append(out, Standing{Projection: p.Name, Store: "postgres", Version: p.Version, Tables: p.Tables})
	}
	for _, c := range in.Columns {
		out = append(out, Standing{Projection: c.Name, Store: "clickhouse", Version: c.Version, Tables: c.Tables()})
	}
	for i := range out {
		s := &out[i]
		for _, x := range stopped {
			if x.Projection == s.Projection {
				s.Stopped = append(s.Stopped, x)
			}
		}
		for _, x := range skipped {
			if x.Projection == s.Projection {
				s.Skipped = append(s.Skipped, x)
			}
		}
		if err := in.addSides(ctx, owner, s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (in *Installation) addSides(ctx context.Context, owner *pgxpool.Pool, s *Standing) error {
	v, err := loadPositions(ctx, owner, []project.ProjectionKey{project.Live.Key(s.Projection, s.Version)}, false)
	if err != nil {
		return err
	}
	s.Positions, s.Events = v.pseqByPartition(), v.eventCount()
	of := &rows{in: in, name: s.Projection}
	of.findGroup()
	for side, to := range map[project.Side]**Standby{project.Next: &s.Rebuild, project.Former: &s.Former} {
		v, err := loadPositions(ctx, owner, []project.ProjectionKey{of.groupSide(side).Key(s.Projection, s.Version)}, false)
		if err != nil {
			return err
		}
		if len(v) > 0 {
			*to = &Standby{Events: v.eventCount()}
		}
	}
	found, err := owner.Query(ctx, `select program, started_at from kernel.rebuilds where projection = $1`, s.Projection)
	if err != nil {
		return fmt.Errorf("look for rebuilds: %w", err)
	}
	var b Standby
	_, err = pgx.ForEachRow(found, []any{&b.Program, &b.StartedAt}, func() error {
		if s.Rebuild == nil {
			s.Rebuild = &Standby{}
		}
		s.Rebuild.Program, s.Rebuild.StartedAt = b.Program, b.StartedAt
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for rebuilds: %w", err)
	}
	return nil
}
