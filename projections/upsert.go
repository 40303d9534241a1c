package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"outrider/internal/es"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// upsertRows writes rows as one statement, for tables whose columns are the struct's db tags; key names the columns of the
// primary key. Rows are distinct by key. It doesn't use COPY, which Postgres refuses on tables with row-level security.
func upsertRows[R any](ctx context.Context, tx pgx.Tx, table, key string, rows []*R) error {
	if len(rows) == 0 {
		return nil
	}
	t := reflect.TypeFor[R]()
	var names, arrays, changes []string
	var args []any
	for i := range t.NumField() {
		f := t.Field(i)
		array, ok := arrayOf(f.Type)
		if !ok {
			return fmt.Errorf("write %s: column of type %s", table, f.Type)
		}
		name := f.Tag.Get("db")
		names, arrays = append(names, name), append(arrays, fmt.Sprintf("$%d::%s", i+1, array))
		changes = append(changes, name+" = excluded."+name)
		of := f.Type
		if of == reflect.TypeFor[*uuid.UUID]() {
			args = append(args, nullableColumn(rows, func(r *R) pgtype.UUID { return uuidOrNull(reflect.ValueOf(r).Elem().Field(i).Interface().(*uuid.UUID)) }))
			continue
		}
		if of == reflect.TypeFor[uuid.UUID]() {
			of = reflect.TypeFor[[16]byte]() // which the driver encodes without conversion
		}
		column := reflect.MakeSlice(reflect.SliceOf(of), len(rows), len(rows))
		for n, r := range rows {
			column.Index(n).Set(reflect.ValueOf(r).Elem().Field(i).Convert(of))
		}
		args = append(args, column.Interface())
	}
	sql := `insert into ` + pgx.Identifier{table}.Sanitize() + ` (` + strings.Join(names, ", ") + `) select * from unnest(` + strings.Join(arrays, ", ") + `)
		on conflict (` + key + `) do update set ` + strings.Join(changes, ", ")
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}

func arrayOf(t reflect.Type) (string, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[uuid.UUID]():
		return "uuid[]", true
	case reflect.TypeFor[string]():
		return "text[]", true
	case reflect.TypeFor[int]():
		return "int[]", true
	case reflect.TypeFor[int64]():
		return "bigint[]", true
	case reflect.TypeFor[bool]():
		return "boolean[]", true
	case reflect.TypeFor[time.Time]():
		return "timestamptz[]", true
	case reflect.TypeFor[[]byte]():
		return "bytea[]", true
	case reflect.TypeFor[json.RawMessage]():
		return "jsonb[]", true
	}
	return "", false
}

// columnsOf returns the columns of a struct, as listed in a query.
func columnsOf[R any]() string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[R]()) { // also of embedded structs
		if name := f.Tag.Get("db"); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// loadRows reads the rows of ids whose primary key is (org_id, key).
func loadRows[R any](ctx context.Context, tx pgx.Tx, f *fold[id, R], table, key string, ids []id, of func(*R) id) error {
	own := pgx.Identifier{key}.Sanitize()
	return loadMissing(ctx, tx, f, ids, `select `+columnsOf[R]()+` from `+pgx.Identifier{table}.Sanitize()+` join unnest($1::uuid[], $2::uuid[]) k (org_id, `+own+`) using (org_id, `+own+`)`, of)
}

// foldTable folds events into a table whose primary key is (org_id, key): the rows that events are about are read, each event is applied, and what changed is written or deleted.
func foldTable[R any](ctx context.Context, tx pgx.Tx, batch []*es.Event, table, key string, about func(*es.Event) (uuid.UUID, bool), of func(*R) id, apply func(*fold[id, R], *es.Event) error) error {
	var touched []id
	for _, e := range batch {
		if x, ok := about(e); ok {
			touched = append(touched, id{e.Org, x})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, R]()
	if err := loadRows(ctx, tx, rows, table, key, touched, of); err != nil {
		return err
	}
	for _, e := range batch {
		if err := apply(rows, e); err != nil {
			return err
		}
	}
	if err := deleteRows(ctx, tx, table, key, rows.deletedKeys()); err != nil {
		return err
	}
	return upsertRows(ctx, tx, table, "org_id, "+key, rows.liveRows())
}

// eachOf returns a query for rows of one organisation ($1) by any number of keys ($2, an array of a type), which looks into the index of (org_id, key)
// once for each of them. With "key = any($2)" Postgres reads all rows of the organisation where it takes it for a small one, as it does of a table
// that grew since it was last analysed: an import of 100,000 then reads the growing table with each of its chunks.
func eachOf(table, columns, key, arrayType string) string {
	return `select r.* from (select distinct unnest($2::` + arrayType + `) as k) k cross join lateral (select ` + columns + ` from ` + table + ` where org_id = $1 and ` + key + ` = k.k offset 0) r`
}

// selectFrom returns the start of a query for rows of a table.
func selectFrom[R any](table string) string {
	return `select ` + columnsOf[R]() + ` from ` + pgx.Identifier{"read", table}.Sanitize() + ` `
}
