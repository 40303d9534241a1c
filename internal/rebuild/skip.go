package rebuild

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Skipped is an event that a projection skips, now and whenever it is rebuilt.
type Skipped struct {
	Projection string    `json:"projection" db:"projection"`
	Partition  int32     `json:"partition" db:"partition"`
	Pseq       int64     `json:"pseq" db:"pseq"`
	EventID    uuid.UUID `json:"event_id" db:"event_id"`
	EventType  string    `json:"event_type" db:"event_type"`
	OrgID      uuid.UUID `json:"organization_id" db:"org_id"`
	Error      string    `json:"error" db:"error"` // what had stopped it there
	Reason     string    `json:"reason" db:"reason"`
	SkippedAt  time.Time `json:"skipped_at" db:"skipped_at"`
}

const skippedColumns = `projection, partition, pseq, event_id, event_type, org_id, error, reason, skipped_at`

// ErrNotStopped means that a projection isn't stopped at the event that it was asked to skip.
var ErrNotStopped = errors.New("only the event at which a projection stands still can be skipped")

// Skip lets a projection that is stopped at an event continue without it. The record of that is kept for ever: every later
// rebuild skips the same event.
func (in *Installation) Skip(ctx context.Context, name string, partition int32, pseq int64, reason string) (s Skipped, err error) {
	if strings.TrimSpace(reason) == "" {
		return s, errors.New("say why the event is skipped: the record of it is kept")
	}
	owner, err := pgxpool.New(ctx, in.OwnerURL)
	if err != nil {
		return s, fmt.Errorf("open postgres: %w", err)
	}
	defer owner.Close()
	found, err := owner.Query(ctx, `insert into operations.skipped_events (projection, partition, pseq, event_id, event_type, org_id, error, reason)
		select projection, partition, pseq, event_id, event_type, org_id, error, $4 from kernel.stopped_projections
		where projection = $1 and partition = $2 and pseq = $3
		on conflict (projection, partition, pseq) do update set projection = excluded.projection
		returning `+skippedColumns, name, partition, pseq, reason)
	if err == nil {
		s, err = pgx.CollectExactlyOneRow(found, pgx.RowToStructByName[Skipped])
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return s, fmt.Errorf("%s on partition %d does not stand still at pseq %d: %w; `outrider projections status` tells which", name, partition, pseq, ErrNotStopped)
	}
	if err != nil {
		return s, fmt.Errorf("skip an event: %w", err)
	}
	return s, nil
}

func listSkipped(ctx context.Context, db querier) ([]Skipped, error) {
	found, err := db.Query(ctx, `select `+skippedColumns+` from operations.skipped_events order by projection, partition, pseq`)
	if err != nil {
		return nil, fmt.Errorf("list skipped events: %w", err)
	}
	out, err := pgx.CollectRows(found, pgx.RowToStructByName[Skipped])
	if err != nil {
		return nil, fmt.Errorf("list skipped events: %w", err)
	}
	return out, nil
}
