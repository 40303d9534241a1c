package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Querier is what UnprotectedTables needs of a pool, a connection or a transaction; any role may ask.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// UnprotectedTables names, with the reason, every table and view in schema read that doesn't keep organisations apart.
// Migrations protect a table with `call kernel.protect('read.leads')`.
func UnprotectedTables(ctx context.Context, q Querier) ([]string, error) {
	rows, err := q.Query(ctx, `
		select c.relname || ': ' || reason
		from pg_class c, lateral (values
		  (c.relkind in ('r', 'p') and not c.relrowsecurity, 'row level security is off'),
		  (c.relkind in ('r', 'p') and not c.relforcerowsecurity, 'row level security is not forced'),
		  (c.relkind in ('r', 'p') and not exists (select from pg_policy p where p.polrelid = c.oid
		     and p.polname = 'api' and p.polcmd = 'r' and p.polroles = array['outrider_api'::regrole::oid]
		     and pg_get_expr(p.polqual, p.polrelid) ~
		       '^\((\w+) = \(NULLIF\(current_setting\(''outrider\.org''::text, true\), ''''::text\)\)::uuid\)$'),
		   'it has no policy that keeps the api to one organisation'),
		  (c.relkind in ('r', 'p') and exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive
		     and p.polname not in ('api', 'projector')), 'it has a further permissive policy'),
		  (c.relkind = 'v' and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on'],
		   'it is a view with the rights of its owner'),
		  (c.relkind in ('m', 'f'), 'row level security does not exist for this kind of relation')
		) as checks(broken, reason)
		where c.relnamespace = 'read'::regnamespace and broken
		order by 1`)
	if err != nil {
		return nil, fmt.Errorf("look for unprotected tables: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for unprotected tables: %w", err)
	}
	return found, nil
}
