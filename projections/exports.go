package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Status of an export.
const (
	ExportRunning   = "running"
	ExportCompleted = "completed"
	ExportFailed    = "failed"
	ExportDeleted   = "deleted"
)

// Export is a row of read.exports.
type Export struct {
	OrgID     uuid.UUID `db:"org_id"`
	ExportID  uuid.UUID `db:"export_id"`
	Oseq      int64     `db:"oseq"`
	Kind      string    `db:"kind"`
	Status    string    `db:"status"`
	Reason    string    `db:"reason"`
	Rows      int       `db:"rows"`
	Bytes     int64     `db:"bytes"`
	ExpiresAt time.Time `db:"expires_at"`
	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`
}

// exportIn returns the export whose row an event changes.
func exportIn(e *es.Event) (uuid.UUID, bool) {
	switch p := e.Payload.(type) {
	case events.ExportRequested:
		return p.ExportID, true
	case events.ExportCompleted:
		return p.ExportID, true
	case events.ExportFailed:
		return p.ExportID, true
	case events.ExportDiscarded:
		return p.ExportID, true
	}
	return uuid.Nil, false // a download doesn't change the row
}

func foldExports(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	for _, e := range batch {
		if x, ok := exportIn(e); ok {
			touched = append(touched, id{e.Org, x})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, Export]()
	if err := loadRows(ctx, tx, rows, "exports", "export_id", touched, func(x *Export) id { return id{x.OrgID, x.ExportID} }); err != nil {
		return err
	}
	for _, e := range batch {
		if p, ok := e.Payload.(events.ExportRequested); ok {
			rows.putRow(id{e.Org, p.ExportID}, &Export{OrgID: e.Org, ExportID: p.ExportID, Oseq: e.Oseq, Kind: p.Kind, Status: ExportRunning, ExpiresAt: p.ExpiresAt, CreatedAt: e.Time, UpdatedAt: e.Time})
			continue
		}
		x, ok := exportIn(e)
		row := rows.rows[id{e.Org, x}]
		if !ok || row == nil {
			continue
		}
		row.UpdatedAt = e.Time
		switch p := e.Payload.(type) {
		case events.ExportCompleted:
			row.Status, row.Rows, row.Bytes = ExportCompleted, p.Rows, p.Bytes
		case events.ExportFailed:
			row.Status, row.Reason = ExportFailed, p.Reason
		case events.ExportDiscarded:
			row.Status, row.Reason = ExportDeleted, p.Reason
		}
	}
	return upsertRows(ctx, tx, "exports", "org_id, export_id", rows.liveRows())
}

// GetExport returns pgx.ErrNoRows when the organisation has no such export.
func GetExport(ctx context.Context, tx pgx.Tx, org, export uuid.UUID) (*Export, error) {
	rows, err := tx.Query(ctx, selectFrom[Export]("exports")+`where org_id = $1 and export_id = $2`, org, export)
	return collectOne[Export](rows, err, "get export")
}

// ListExports returns the newest first; after = oseq of the last row seen, 0 = from the newest.
func ListExports(ctx context.Context, tx pgx.Tx, org uuid.UUID, after int64, limit int) ([]*Export, error) {
	rows, err := tx.Query(ctx, selectFrom[Export]("exports")+`where org_id = $1 and ($2::bigint = 0 or oseq < $2) order by oseq desc limit $3`, org, after, limit)
	return collectAll[Export](rows, err, "list exports")
}

// OwnFields returns the names of the own fields that any lead has, at most so many, in order. It looks at every lead.
func OwnFields(ctx context.Context, tx pgx.Tx, org uuid.UUID, limit int) ([]string, error) {
	rows, err := tx.Query(ctx, `select distinct name from read.leads, jsonb_object_keys(custom) name where org_id = $1 order by 1 limit $2`, org, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
