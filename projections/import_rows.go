package projections

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// WarnSuppressed is the warning for a row with an address that nothing can be sent to.
const WarnSuppressed = "suppressed"

// Outcomes of an import's rows.
const (
	RowCreated   = events.RowCreated
	RowUpdated   = events.RowUpdated
	RowDuplicate = "duplicate"
	RowRejected  = "rejected"
)

// ImportRow is the outcome of a row. Code says why it was refused; Warnings are "field code".
type ImportRow struct {
	Row      int      `db:"row"`
	Outcome  string   `db:"outcome"`
	Code     string   `db:"code"`
	Warnings []string `db:"warnings"`
}

// ImportRowFilter narrows the rows of an import.
type ImportRowFilter struct {
	Outcome  string // "" = any
	Warned   bool   // only rows with a warning
	Mentions bool   // only rows that were refused or have a warning
	After    int    // the last row seen
	Limit    int
}

// countWarnings adds warnings to the counts by field and code.
func (i *Import) countWarnings(warnings []events.WarnedRows) error {
	if len(warnings) == 0 {
		return nil
	}
	counts := map[string]int{}
	if err := json.Unmarshal(i.Warnings, &counts); err != nil {
		return fmt.Errorf("read warnings: %w", err)
	}
	for _, w := range warnings {
		counts[w.Field+" "+w.Code] += w.Rows.Len()
	}
	b, err := es.Marshal(counts)
	i.Warnings = b
	return err
}

// writeImportRows writes the outcomes of the rows of a batch's chunks.
func writeImportRows(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var runOrgs, runImports, orgs, imports [][16]byte
	var from, to, first, last []int
	var outcomes, fields, codes []string
	warn := func(e *es.Event, importID uuid.UUID, rows events.Rows, field, code string) {
		for _, span := range rows {
			orgs, imports, first, last, fields, codes = append(orgs, e.Org), append(imports, importID), append(first, span[0]), append(last, span[1]), append(fields, field), append(codes, code)
		}
	}
	for _, e := range batch {
		p, ok := e.Payload.(events.ImportChunkRecorded)
		if !ok {
			continue
		}
		for _, r := range p.Outcomes {
			runOrgs, runImports, from, to, outcomes = append(runOrgs, e.Org), append(runImports, p.ImportID), append(from, r.From), append(to, r.To), append(outcomes, r.Outcome)
		}
		for _, w := range p.Warnings {
			warn(e, p.ImportID, w.Rows, w.Field, w.Code)
		}
		warn(e, p.ImportID, p.Suppressed, "email", WarnSuppressed)
	}
	if len(from) > 0 {
		if _, err := tx.Exec(ctx, `insert into import_runs (org_id, import_id, from_row, to_row, outcome) select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::text[])
			on conflict do nothing`, runOrgs, runImports, from, to, outcomes); err != nil {
			return fmt.Errorf("write rows of imports: %w", err)
		}
	}
	if len(first) > 0 {
		if _, err := tx.Exec(ctx, `insert into import_warnings (org_id, import_id, row, to_row, field, code) select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::text[], $6::text[])
			on conflict do nothing`, orgs, imports, first, last, fields, codes); err != nil {
			return fmt.Errorf("write warnings: %w", err)
		}
	}
	return nil
}

// outcomeOfCode is what a row that was refused came to, in SQL.
const outcomeOfCode = `case when code in ('duplicate', 'duplicate_in_file', 'unchanged') then 'duplicate' else 'rejected' end`

// ImportRows returns the outcomes of an import's rows, in the order of the file. Spans end with their chunk, so none is longer than
// mostRowsOfSpan: what covers a row begins close before it.
func ImportRows(ctx context.Context, tx pgx.Tx, org, importID uuid.UUID, f ImportRowFilter) ([]*ImportRow, error) {
	// Each source is cut where its spans have rows enough for the page; what the sources have behind that can't be on it.
	rows, err := tx.Query(ctx, `
		with runs as (
			select greatest(from_row, $3 + 1) as first, to_row as last, outcome, '' as code from read.import_runs
			where org_id = $1 and import_id = $2 and from_row > $3 - $7 and to_row > $3 and not $5 and ($4 = '' or outcome = $4) order by from_row limit $8
		), refused as (
			select greatest(row, $3 + 1) as first, coalesce(to_row, row) as last, outcome, code
			from (select row, to_row, code, `+outcomeOfCode+` as outcome
				from read.import_rejections where org_id = $1 and import_id = $2 and row > $3 - $7) r
			where coalesce(to_row, row) > $3 and not $6 and ($4 = '' or outcome = $4) order by row limit $8
		), warned as (
			select greatest(row, $3 + 1) as first, coalesce(to_row, row) as last from read.import_warnings
			where org_id = $1 and import_id = $2 and row > $3 - $7 and coalesce(to_row, row) > $3 and $5 order by row limit $8 * 12
		), came as (
			select first + n as row, outcome, code from (select *, sum(last - first + 1) over (order by first) - (last - first + 1) as before from (select * from runs union all select * from refused) s) s
			cross join lateral generate_series(0, last - first) n where before < 2 * $8
			union all
			select r.row, o.outcome, o.code from (select distinct first + n as row from warned cross join lateral generate_series(0, last - first) n) r
			join lateral (
				select outcome, '' as code from (select * from read.import_runs where org_id = $1 and import_id = $2 and from_row <= r.row order by from_row desc limit 1) x where to_row >= r.row
				union all
				select `+outcomeOfCode+`, code
				from (select * from read.import_rejections where org_id = $1 and import_id = $2 and row <= r.row order by row desc limit 1) x where coalesce(to_row, row) >= r.row and $6
			) o on true
		), page as (select * from came order by row limit $8)
		select row, outcome, code, coalesce((select array_agg(w.field || ' ' || w.code order by w.field, w.code) from read.import_warnings w
				where w.org_id = $1 and w.import_id = $2 and w.row <= page.row and w.row > page.row - $7 and coalesce(w.to_row, w.row) >= page.row), '{}') as warnings
		from page order by row`, org, importID, f.After, f.Outcome, f.Mentions || f.Warned, f.Warned, mostRowsOfSpan, f.Limit)
	return collectAll[ImportRow](rows, err, "list rows of import")
}

// mostRowsOfSpan is more than a chunk can have.
const mostRowsOfSpan = 10_000

// UndoPreview is what the undo of an import would do.
type UndoPreview struct {
	Remove   int `db:"remove"`
	Edited   int `db:"edited"`
	Enrolled int `db:"enrolled"` // and possibly edited
}

// PreviewUndo counts the leads that an import created by what has become of them since. A change by a later row of the same file
// is no edit.
func PreviewUndo(ctx context.Context, tx pgx.Tx, org, importID uuid.UUID) (*UndoPreview, error) {
	rows, err := tx.Query(ctx, `
		with brought as ( -- from an index alone
			select l.lead_id, e.lead_id is not null as enrolled
			from read.leads l left join (select distinct lead_id from read.enrollments where org_id = $1) e on e.lead_id = l.lead_id
			where l.org_id = $1 and l.import_id = $2 and l.erased_at is null
		), counted as (select count(*) filter (where enrolled)::int as enrolled, count(*) filter (where not enrolled)::int as others from brought),
		edited as (
			select count(*)::int as edited from brought b join read.leads l on l.org_id = $1 and l.lead_id = b.lead_id
			where not b.enrolled and l.version > 1 and exists (select from read.timeline t where t.org_id = l.org_id and t.subject = l.lead_id
				and (t.type like 'lead.updated.%' or t.type like 'lead.supplemented.%' and t.detail->>'import_id' <> l.import_id::text))
		)
		select others - edited as remove, edited, enrolled from counted, edited`, org, importID)
	return collectOne[UndoPreview](rows, err, "preview undo")
}
