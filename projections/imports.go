package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Status of an import.
const (
	ImportRunning   = "running"
	ImportCompleted = "completed"
	ImportFailed    = "failed"
	ImportUndoing   = "undoing"
	ImportUndone    = "undone"
)

// Import is a row of read.imports.
type Import struct {
	OrgID       uuid.UUID       `db:"org_id"`
	ImportID    uuid.UUID       `db:"import_id"`
	Oseq        int64           `db:"oseq"`
	FileName    string          `db:"file_name"`
	Bytes       int64           `db:"bytes"`
	Blob        string          `db:"blob"`
	Charset     string          `db:"charset"`
	Delimiter   string          `db:"delimiter"`
	Mapping     json.RawMessage `db:"mapping"`
	DryRun      bool            `db:"dry_run"`
	OnDuplicate string          `db:"on_duplicate"`
	Source      string          `db:"source"`
	LawfulBasis string          `db:"lawful_basis"`
	Tags        []string        `db:"tags"`
	TimeZone    string          `db:"time_zone"`
	Status      string          `db:"status"`
	Reason      string          `db:"reason"`
	Rows        int             `db:"rows"`
	Created     int             `db:"created"`
	Updated     int             `db:"updated"`
	Duplicates  int             `db:"duplicates"`
	Rejected    int             `db:"rejected"`
	Removed     int             `db:"removed"`
	Kept        int             `db:"kept"`
	Chunks      int             `db:"chunks"`
	CreatedAt   time.Time       `db:"created_at"`
	UpdatedAt   time.Time       `db:"updated_at"`
	HeaderRow   *int            `db:"header_row"`
	LeftOut     []string        `db:"left_out"` // columns
	DryRunID    *uuid.UUID      `db:"dry_run_id"`
	Suppressed  int             `db:"suppressed"`
	Warnings    json.RawMessage `db:"warnings"` // rows by kind of warning
}

const importColumns = `org_id, import_id, oseq, file_name, bytes, blob, charset, delimiter, mapping, dry_run, on_duplicate, source, lawful_basis, tags, time_zone,
	status, reason, rows, created, updated, duplicates, rejected, removed, kept, chunks, created_at, updated_at, header_row, left_out, dry_run_id, suppressed, warnings`

func importOf(e *es.Event) (uuid.UUID, bool) {
	f, ok := e.Payload.(events.ImportEvent)
	if !ok {
		return uuid.Nil, false
	}
	return f.Import(), true
}

func foldImports(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	rows := newFold[id, Import]()
	var touched []id
	for _, e := range batch {
		if x, ok := importOf(e); ok {
			touched = append(touched, id{e.Org, x})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	if err := loadMissing(ctx, tx, rows, touched, `select `+importColumns+` from imports join unnest($1::uuid[], $2::uuid[]) k (org_id, import_id) using (org_id, import_id)`,
		func(i *Import) id { return id{i.OrgID, i.ImportID} }); err != nil {
		return err
	}
	for _, e := range batch {
		x, ok := importOf(e)
		if !ok {
			continue
		}
		if err := applyImport(rows, id{e.Org, x}, e); err != nil {
			return err
		}
	}
	if err := writeRejections(ctx, tx, batch); err != nil {
		return err
	}
	if err := writeImportRows(ctx, tx, batch); err != nil {
		return err
	}
	for _, i := range rows.liveRows() {
		if _, err := tx.Exec(ctx, `insert into imports (`+importColumns+`)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
			on conflict (org_id, import_id) do update set status = excluded.status, reason = excluded.reason, rows = excluded.rows, created = excluded.created, updated = excluded.updated,
			duplicates = excluded.duplicates, rejected = excluded.rejected, removed = excluded.removed, kept = excluded.kept, chunks = excluded.chunks, updated_at = excluded.updated_at,
			suppressed = excluded.suppressed, warnings = excluded.warnings`,
			i.OrgID, i.ImportID, i.Oseq, i.FileName, i.Bytes, i.Blob, i.Charset, i.Delimiter, i.Mapping, i.DryRun, i.OnDuplicate, i.Source, i.LawfulBasis, i.Tags, i.TimeZone,
			i.Status, i.Reason, i.Rows, i.Created, i.Updated, i.Duplicates, i.Rejected, i.Removed, i.Kept, i.Chunks, i.CreatedAt, i.UpdatedAt, i.HeaderRow, i.LeftOut, i.DryRunID, i.Suppressed, i.Warnings); err != nil {
			return fmt.Errorf("write import: %w", err)
		}
	}
	return nil
}

// writeRejections keeps the rows that a batch's chunks refused. A row is refused once: chunks don't overlap.
func writeRejections(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var orgs, imports [][16]byte
	var from, to []int
	var codes []string
	for _, e := range batch {
		p, ok := e.Payload.(events.ImportChunkRecorded)
		if !ok {
			continue
		}
		for _, r := range p.Refused {
			for _, span := range r.Rows {
				orgs, imports, from, to, codes = append(orgs, e.Org), append(imports, p.ImportID), append(from, span[0]), append(to, span[1]), append(codes, r.Code)
			}
		}
	}
	if len(from) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into import_rejections (org_id, import_id, row, to_row, code) select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::text[])
		on conflict do nothing`, orgs, imports, from, to, codes)
	if err != nil {
		return fmt.Errorf("write rejections: %w", err)
	}
	return nil
}

func applyImport(rows *fold[id, Import], key id, e *es.Event) error {
	if p, ok := e.Payload.(events.ImportRequested); ok {
		mapping, err := es.Marshal(p.Mapping)
		if err != nil {
			return fmt.Errorf("mapping: %w", err)
		}
		rows.putRow(key, &Import{OrgID: e.Org, ImportID: p.ImportID, Oseq: e.Oseq, FileName: p.FileName, Bytes: p.Bytes, Blob: p.Blob, Charset: p.Charset, Delimiter: p.Delimiter,
			Mapping: mapping, DryRun: p.DryRun, OnDuplicate: p.OnDuplicate, Source: p.Source, LawfulBasis: p.LawfulBasis, Tags: orEmpty(p.Tags), TimeZone: p.TimeZone,
			Status: ImportRunning, CreatedAt: e.Time, UpdatedAt: e.Time, HeaderRow: p.HeaderRow, LeftOut: orEmpty(p.LeftOut), DryRunID: nilIfZero(p.DryRunID), Warnings: json.RawMessage(`{}`)})
		return nil
	}
	i := rows.rows[key]
	if i == nil {
		return nil
	}
	switch p := events.As[events.ImportEvent](e.Payload).(type) {
	case events.ImportChunkRecorded:
		i.Chunks++
		i.Rows, i.Created, i.Updated, i.Duplicates, i.Rejected = i.Rows+p.Rows, i.Created+p.Created, i.Updated+p.Updated, i.Duplicates+p.Duplicates, i.Rejected+p.Rejected
		i.Suppressed += p.Suppressed.Len()
		if err := i.countWarnings(p.Warnings); err != nil {
			return err
		}
	case events.ImportCompleted:
		i.Status = ImportCompleted
	case events.ImportFailed:
		i.Status, i.Reason = ImportFailed, p.Reason
	case events.ImportUndoRequested:
		i.Status = ImportUndoing
	case events.ImportUndoChunkRecorded:
		i.Removed, i.Kept = i.Removed+p.Removed, i.Kept+p.Kept
	case events.ImportUndone:
		i.Status, i.Removed, i.Kept = ImportUndone, p.Removed, p.Kept
	case events.ImportRequested: // change nothing here
	}
	i.UpdatedAt = e.Time
	return nil
}

// GetImport returns pgx.ErrNoRows when the organisation has no such import.
func GetImport(ctx context.Context, tx pgx.Tx, org, importID uuid.UUID) (*Import, error) {
	rows, err := tx.Query(ctx, `select `+importColumns+` from read.imports where org_id = $1 and import_id = $2`, org, importID)
	return collectOne[Import](rows, err, "get import")
}

// ListImports returns the newest first; after = oseq of the last row seen, 0 = from the newest.
func ListImports(ctx context.Context, tx pgx.Tx, org uuid.UUID, after int64, limit int) ([]*Import, error) {
	rows, err := tx.Query(ctx, `select `+importColumns+` from read.imports where org_id = $1 and ($2::bigint = 0 or oseq < $2) order by oseq desc limit $3`, org, after, limit)
	return collectAll[Import](rows, err, "list imports")
}

// DryRunsBehind returns the completed dry runs behind the newest, whose files aren't kept for a commit any more; those of the last
// weeks, as older files are gone.
func DryRunsBehind(ctx context.Context, tx pgx.Tx, org uuid.UUID, newest int) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `select import_id from (select import_id, oseq from read.imports where org_id = $1 and dry_run and status = 'completed' order by oseq desc limit $2 + 20) d
		order by oseq desc offset $2`, org, newest)
	if err != nil {
		return nil, fmt.Errorf("list dry runs: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list dry runs: %w", err)
	}
	return ids, nil
}
