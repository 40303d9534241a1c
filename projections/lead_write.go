package projections

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// writtenColumn is a column for writeColumns: its values are sent as an array of a type, and cast where unnest can't produce
// the column's own type.
type writtenColumn struct {
	name, arrayOf, cast string
	values              any
}

func writeLeads(ctx context.Context, tx pgx.Tx, rows []*Lead) error {
	if len(rows) == 0 {
		return nil
	}
	columns := []writtenColumn{
		{"org_id", "uuid", "", columnOf(rows, func(l *Lead) [16]byte { return l.OrgID })},
		{"lead_id", "uuid", "", columnOf(rows, func(l *Lead) [16]byte { return l.LeadID })},
		{"oseq", "bigint", "", columnOf(rows, func(l *Lead) int64 { return l.Oseq })},
		{"custom", "text", "::jsonb", columnOf(rows, func(l *Lead) string { return string(l.Custom) })},
		{"tags", "text", "::text[]", columnOf(rows, func(l *Lead) string { return arrayText(l.Tags) })},
		{"time_zone", "text", "", columnOf(rows, func(l *Lead) string { return l.TimeZone })},
		{"source", "text", "", columnOf(rows, func(l *Lead) string { return l.Source })},
		{"crm_id", "text", "", columnOf(rows, func(l *Lead) string { return l.CRMID })},
		{"lawful_basis", "text", "", columnOf(rows, func(l *Lead) string { return l.LawfulBasis })},
		{"import_id", "uuid", "", nullableColumn(rows, func(l *Lead) pgtype.UUID { return uuidOrNull(l.ImportID) })},
		{"import_row", "int", "", nullableColumn(rows, func(l *Lead) pgtype.Int4 { return intOrNull(l.ImportRow) })},
		{"outreach_status", "text", "", columnOf(rows, func(l *Lead) string { return l.OutreachStatus })},
		{"created_at", "timestamptz", "", columnOf(rows, func(l *Lead) time.Time { return l.CreatedAt })},
		{"updated_at", "timestamptz", "", columnOf(rows, func(l *Lead) time.Time { return l.UpdatedAt })},
		{"erased_at", "timestamptz", "", nullableColumn(rows, func(l *Lead) pgtype.Timestamptz { return timeOrNull(l.ErasedAt) })},
		{"version", "int", "", columnOf(rows, func(l *Lead) int { return l.Version })},
		{"address_hash", "text", "", columnOf(rows, func(l *Lead) string { return l.AddressHash })},
		{"domain_hash", "text", "", columnOf(rows, func(l *Lead) string { return l.DomainHash })},
		{"search", "text", "", columnOf(rows, func(l *Lead) string { return l.Search })},
		{"open_enrollments", "int", "", columnOf(rows, func(l *Lead) int { return l.OpenEnrollments })},
		{"enrolled_at", "timestamptz", "", nullableColumn(rows, func(l *Lead) pgtype.Timestamptz { return timeOrNull(l.EnrolledAt) })},
		{"contacted_at", "timestamptz", "", nullableColumn(rows, func(l *Lead) pgtype.Timestamptz { return timeOrNull(l.ContactedAt) })},
		{"replied_at", "timestamptz", "", nullableColumn(rows, func(l *Lead) pgtype.Timestamptz { return timeOrNull(l.RepliedAt) })},
		{"mails", "text", "::jsonb", textColumn(rows, func(l *Lead) *string {
			if l.Mails == nil {
				return nil
			}
			return new(string(l.Mails))
		})},
		{"meetings", "int", "", columnOf(rows, func(l *Lead) int { return l.Meetings })},
		{"suppressed_by", "text", "", columnOf(rows, func(l *Lead) string { return l.SuppressedBy })},
		{"suppressed_reason", "text", "", columnOf(rows, func(l *Lead) string { return l.SuppressedReason })},
		{"lead_score", "int", "", columnOf(rows, func(l *Lead) int { return l.LeadScore })},
		{"intent_score", "int", "", columnOf(rows, func(l *Lead) int { return l.IntentScore })},
		{"qualification", "text", "", columnOf(rows, func(l *Lead) string { return l.Qualification })},
		{"score_version", "int", "", columnOf(rows, func(l *Lead) int { return l.ScoreVersion })},
		{"scored_at", "timestamptz", "", nullableColumn(rows, func(l *Lead) pgtype.Timestamptz { return timeOrNull(l.ScoredAt) })},
		{"suppressed_at", "timestamptz", "", nullableColumn(rows, func(l *Lead) pgtype.Timestamptz { return timeOrNull(l.SuppressedAt) })},
	}
	for i, f := range rows[0].personalFields() {
		columns = append(columns, writtenColumn{f.name, "text", "", textColumn(rows, func(l *Lead) *string { return *l.personalFields()[i].to })})
	}
	return writeColumns(ctx, tx, "leads", 2, columns)
}

// writeColumns inserts or replaces rows that are given by column; the first keys columns are the primary key.
func writeColumns(ctx context.Context, tx pgx.Tx, table string, keys int, columns []writtenColumn) error {
	var names, selected, arrays, replaced []string
	var values []any
	for i, c := range columns {
		names, selected = append(names, c.name), append(selected, c.name+c.cast)
		arrays, values = append(arrays, "$"+strconv.Itoa(i+1)+"::"+c.arrayOf+"[]"), append(values, c.values)
		if i >= keys {
			replaced = append(replaced, c.name+" = excluded."+c.name)
		}
	}
	all := strings.Join(names, ", ")
	_, err := tx.Exec(ctx, "insert into "+table+" ("+all+") select "+strings.Join(selected, ", ")+" from unnest("+strings.Join(arrays, ", ")+") as t ("+all+")"+
		" on conflict ("+strings.Join(names[:keys], ", ")+") do update set "+strings.Join(replaced, ", "), values...)
	if err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}
