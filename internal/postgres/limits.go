package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// tempFileLimit is how much a session of ours may sort and hash on disk. Only a superuser sets it, so no role can lift it.
const tempFileLimit = "4GB"

// restrictDatabase takes from everybody what Postgres gives to everybody and none of our roles needs: temporary tables, tables in
// schema public, and large objects, each of which could fill the disk.
func restrictDatabase(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `
		do $$ begin
			execute format('revoke temporary, create on database %I from public', current_database());
			if to_regnamespace('public') is not null and exists (select from pg_roles where rolname = current_user and rolsuper or pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'public'), 'usage')) then
				revoke create on schema public from public;
			end if;
			if (select rolsuper from pg_roles where rolname = current_user) then
				revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) from public;
			end if;
		end $$`); err != nil {
		return fmt.Errorf("restrict the database: %w", err)
	}
	return nil
}

// resetRole undoes what a role has set for itself: Postgres lets every role change its own defaults and its own password.
func resetRole(ctx context.Context, conn *pgx.Conn, name string) error {
	altered, err := alteredSettings(ctx, conn, name)
	if err != nil {
		return err
	}
	if len(altered) > 0 {
		if _, err := conn.Exec(ctx, `
			do $$ begin
				alter role `+name+` reset all;
				execute format('alter role `+name+` in database %I reset all', current_database());
			end $$`); err != nil {
			return err
		}
	}
	var limited, mayLimit bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_db_role_setting where setdatabase = 0 and setrole = $1::regrole and $2 = any(setconfig)),
		coalesce((select rolsuper from pg_roles where rolname = current_user), false)`, name, "temp_file_limit="+tempFileLimit).Scan(&limited, &mayLimit); err != nil {
		return err
	}
	if limited || !mayLimit {
		return nil
	}
	_, err = conn.Exec(ctx, `alter role `+name+` set temp_file_limit = '`+tempFileLimit+`'`)
	return err
}

func alteredSettings(ctx context.Context, q Querier, name string) ([]string, error) {
	rows, err := q.Query(ctx, `select $1 || ' has ' || c || coalesce(' in database ' || d.datname, '')
		from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) c
		where s.setrole = $1::regrole and c <> $2 and (s.setdatabase = 0 or d.datname = current_database()) order by 1`, name, "temp_file_limit="+tempFileLimit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// AlteredRoles names every setting that our roles have and weren't given. It doesn't reach a process of ours, which sets its own
// when it connects; whoever made it has signed in as that role.
func AlteredRoles(ctx context.Context, q Querier) (found []string, _ error) {
	for _, r := range (Secrets{}).listRoles() {
		altered, err := alteredSettings(ctx, q, r.name)
		if err != nil {
			return nil, fmt.Errorf("look for settings of %s: %w", r.name, err)
		}
		found = append(found, altered...)
	}
	return found, nil
}

// LimitConnections lets each role take a part of the server's connections, so that one alone can't keep the others out: half for the
// projector and the api, a quarter for identity and vault. A role can't lift its limit.
func LimitConnections(ctx context.Context, ownerURL string) (err error) {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("connect as owner: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	var all int
	if err := conn.QueryRow(ctx, `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int`).Scan(&all); err != nil {
		return fmt.Errorf("ask for the server's connections: %w", err)
	}
	for role, part := range map[string]int{RoleProjector: 2, RoleAPI: 2, RoleIdentity: 4, RoleVault: 4} {
		if _, err := conn.Exec(ctx, fmt.Sprintf(`alter role %s connection limit %d`, role, max(all/part, 4))); err != nil {
			return fmt.Errorf("limit connections of %s: %w", role, err)
		}
	}
	return nil
}
