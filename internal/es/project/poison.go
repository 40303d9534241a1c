package project

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
)

// Poison is an event that a projection can't handle. It is es.ErrPoison.
type Poison struct {
	Key   ProjectionKey
	Event *es.Event
	Err   error
}

func (p *Poison) Error() string {
	e := p.Event
	return fmt.Sprintf("%v: %s %s at %d/%d (pseq %d): %s: %v", es.ErrPoison, e.Type, e.ID, e.Partition, e.Offset, e.Pseq, p.Key, p.Err)
}

// Unwrap makes it es.ErrPoison and the projection's own error.
func (p *Poison) Unwrap() []error { return []error{es.ErrPoison, p.Err} }

// undecodedPayload stands for the payload of an event that this program can't read.
type undecodedPayload struct{ err error }

func (undecodedPayload) EventType() string   { return "" }
func (undecodedPayload) AggregateID() string { return "" }

// passUndecoded passes an event that can't be decoded on to the projections, each of which may have been told to skip it.
func passUndecoded(d es.Decoder) es.Decoder {
	if d == nil {
		return nil
	}
	return func(eventType string, data []byte) (es.Payload, error) {
		p, err := d(eventType, data)
		if err != nil {
			return undecodedPayload{err}, nil //nolint:nilerr // whoever handles the event gets the error
		}
		return p, nil
	}
}

func undecodedIn(events []*es.Event) *es.Event {
	for _, e := range events {
		if _, bad := e.Payload.(undecodedPayload); bad {
			return e
		}
	}
	return nil
}

// checkDecoded returns the error of the first event that couldn't be decoded.
func checkDecoded(events []*es.Event) error {
	if e := undecodedIn(events); e != nil {
		return e.Payload.(undecodedPayload).err
	}
	return nil
}

// skips are the positions that a projection was told to skip; see operations.skipped_events.
type skips []int64

// loadSkips returns the skips of each of the projections.
func loadSkips(ctx context.Context, db database, partition int32, projections ...string) ([]skips, error) {
	rows, err := db.Query(ctx, `select projection, pseq from operations.skipped_events where projection = any($1) and partition = $2`, projections, partition)
	if err != nil {
		return nil, fmt.Errorf("load skipped events: %w", err)
	}
	all := make([]skips, len(projections))
	var name string
	var pseq int64
	if _, err := pgx.ForEachRow(rows, []any{&name, &pseq}, func() error {
		i := slices.Index(projections, name)
		all[i] = append(all[i], pseq)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("load skipped events: %w", err)
	}
	return all, nil
}

func (s skips) withoutSkipped(events []*es.Event) []*es.Event {
	if len(s) == 0 {
		return events
	}
	return slices.DeleteFunc(slices.Clone(events), func(e *es.Event) bool { return slices.Contains(s, e.Pseq) })
}

// noteStopped records where a projection has stopped.
func noteStopped(ctx context.Context, db database, p *Poison, partition int32) error {
	e := p.Event
	_, err := db.Exec(ctx, `insert into kernel.stopped_projections (projection, version, partition, pseq, event_id, event_type, org_id, error)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (projection, version, partition) do update set pseq = excluded.pseq, event_id = excluded.event_id, event_type = excluded.event_type,
			org_id = excluded.org_id, error = excluded.error
		where stopped_projections.pseq <> excluded.pseq or stopped_projections.error <> excluded.error`, // otherwise its time would change with every attempt
		p.Key.Name, p.Key.Version, partition, e.Pseq, e.ID, e.Type, e.Org, p.Err.Error())
	if err != nil {
		return fmt.Errorf("note a stopped projection: %w", err)
	}
	return nil
}

// forgetStopped removes the records of stopped projections, as they continue.
func forgetStopped(ctx context.Context, db database, keys []ProjectionKey, partition int32) error {
	names, versions := keyColumns(keys)
	if _, err := db.Exec(ctx, `delete from kernel.stopped_projections s using unnest($1::text[], $2::int[]) k (name, version)
		where s.projection = k.name and s.version = k.version and s.partition = $3`, names, versions, partition); err != nil {
		return fmt.Errorf("forget a stopped projection: %w", err)
	}
	return nil
}

// Stopped is a projection that has stopped on a partition, before an event that it can't handle.
type Stopped struct {
	Projection string    `json:"projection" db:"projection"`
	Partition  int32     `json:"partition" db:"partition"`
	Pseq       int64     `json:"pseq" db:"pseq"`
	EventID    uuid.UUID `json:"event_id" db:"event_id"`
	EventType  string    `json:"event_type" db:"event_type"`
	OrgID      uuid.UUID `json:"organization_id" db:"org_id"`
	Error      string    `json:"error" db:"error"`
}

// ListStopped returns every live projection that has stopped, in any process.
func ListStopped(ctx context.Context, db database) ([]Stopped, error) {
	rows, err := db.Query(ctx, `select projection, partition, pseq, event_id, event_type, org_id, error from kernel.stopped_projections
		where projection not like '%/%' order by projection, partition`)
	if err != nil {
		return nil, fmt.Errorf("list stopped projections: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Stopped])
	if err != nil {
		return nil, fmt.Errorf("list stopped projections: %w", err)
	}
	return out, nil
}
