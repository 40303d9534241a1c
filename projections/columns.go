package projections

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// Arrays for unnest in the types that pgx encodes without reflection. A uuid.UUID must be passed as [16]byte: otherwise pgx asks
// it for its text and parses that again. Together this halves what a row costs (docs/performance/rates.md).

// columnOf returns one field of all rows.
func columnOf[R, V any](rows []*R, get func(*R) V) []V {
	out := make([]V, len(rows))
	for i, r := range rows {
		out[i] = get(r)
	}
	return out
}

// nullableColumn returns a field that may be NULL of all rows.
func nullableColumn[R, V any](rows []*R, get func(*R) V) pgtype.FlatArray[V] {
	return columnOf(rows, get)
}

func textColumn[R any](rows []*R, get func(*R) *string) pgtype.FlatArray[pgtype.Text] {
	return nullableColumn(rows, func(r *R) pgtype.Text {
		if s := get(r); s != nil {
			return pgtype.Text{String: *s, Valid: true}
		}
		return pgtype.Text{}
	})
}

func uuidOrNull(v *uuid.UUID) pgtype.UUID {
	if v == nil {
		return pgtype.UUID{}
	}
	return pgtype.UUID{Bytes: *v, Valid: true}
}

func intOrNull(v *int) pgtype.Int4 {
	if v == nil {
		return pgtype.Int4{}
	}
	return pgtype.Int4{Int32: int32(*v), Valid: true}
}

func timeOrNull(v *time.Time) pgtype.Timestamptz {
	if v == nil {
		return pgtype.Timestamptz{}
	}
	return pgtype.Timestamptz{Time: *v, Valid: true}
}

func jsonOrNull(v json.RawMessage) *string {
	if v == nil {
		return nil
	}
	s := string(v)
	return &s
}

// arrayText returns an array in Postgres' text format: unnest would flatten an array of arrays.
func arrayText(v []string) string {
	if len(v) == 0 {
		return "{}"
	}
	var b strings.Builder
	for i, s := range v {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteByte('"')
		for k := range len(s) {
			if s[k] == '"' || s[k] == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(s[k])
		}
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}
