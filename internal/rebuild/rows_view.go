package rebuild

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// rowsView is a snapshot of a schema.
type rowsView struct {
	tx     pgx.Tx
	schema string
}

func (v *rowsView) closeView() { _ = v.tx.Rollback(context.Background()) } // nothing was written

func (v *rowsView) digestTable(ctx context.Context, table string) (map[uuid.UUID]rowsChecksum, error) {
	found, err := v.tx.Query(ctx, `select org_id, count(*), sum(hashtextextended(t::text, 0)::numeric)::text, sum(hashtextextended(t::text, 1)::numeric)::text
		from `+pgx.Identifier{v.schema, table}.Sanitize()+` t group by org_id`)
	if err != nil {
		return nil, fmt.Errorf("hash rows: %w", err)
	}
	out := map[uuid.UUID]rowsChecksum{}
	var org uuid.UUID
	var s rowsChecksum
	_, err = pgx.ForEachRow(found, []any{&org, &s.rows, &s.hash[0], &s.hash[1]}, func() error {
		out[org] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("hash rows: %w", err)
	}
	return out, nil
}

func (v *rowsView) hashRows(ctx context.Context, table string, org uuid.UUID) (map[string]string, error) {
	name := pgx.Identifier{v.schema, table}.Sanitize()
	var key string
	if err := v.tx.QueryRow(ctx, `select string_agg(format('%I::text', a.attname), ' || ''/'' || ' order by array_position(i.indkey::int2[], a.attnum))
		from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey) where i.indrelid = $1::text::regclass and i.indisprimary`, name).Scan(&key); err != nil {
		return nil, fmt.Errorf("look for the key of %s: %w", table, err)
	}
	found, err := v.tx.Query(ctx, `select `+key+`, md5(t::text) from `+name+` t where org_id = $1`, org)
	if err != nil {
		return nil, fmt.Errorf("hash rows: %w", err)
	}
	out := map[string]string{}
	var k, hash string
	if _, err := pgx.ForEachRow(found, []any{&k, &hash}, func() error { out[k] = hash; return nil }); err != nil {
		return nil, fmt.Errorf("hash rows: %w", err)
	}
	return out, nil
}
