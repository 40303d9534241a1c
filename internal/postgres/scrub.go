package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"outrider/internal/retry"
)

// Scrub takes what was deleted out of the files: rows that nobody sees any more lie in tables, indexes and statistics until their
// place is used again, and in the write-ahead log until that is. It writes every table anew (each is locked meanwhile), and lets the
// server begin a log of which no older file is left. It connects as the owner of the database, who may alter the system.
func Scrub(ctx context.Context, ownerURL string, report func(what string, attrs ...any)) error {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("connect to postgres: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing of it is left to lose
	if err := awaitOlder(ctx, conn, report); err != nil {
		return err
	}
	if err := rewriteTables(ctx, conn, report); err != nil {
		return err
	}
	return dropWAL(ctx, conn, report)
}

// awaitOlder waits for transactions that began before: what they may still see can't be taken out.
func awaitOlder(ctx context.Context, conn *pgx.Conn, report func(string, ...any)) error {
	var began time.Time
	if err := conn.QueryRow(ctx, `select now()`).Scan(&began); err != nil {
		return fmt.Errorf("read the database's clock: %w", err)
	}
	for told := false; ; told = true {
		var older int
		if err := conn.QueryRow(ctx, `select count(*) from pg_stat_activity where (backend_xmin is not null or backend_xid is not null) and pid <> pg_backend_pid() and xact_start < $1
			and backend_type = 'client backend'`, began).Scan(&older); err != nil {
			return fmt.Errorf("look for older transactions: %w", err)
		}
		if older == 0 {
			return nil
		}
		if !told {
			report("waiting for older transactions", "transactions", older)
		}
		if err := retry.Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// TablesWithStatistics lists the tables that aren't the system's, and last the planner's statistics, which hold values of rows.
func TablesWithStatistics(ctx context.Context, conn *pgx.Conn) ([]pgx.Identifier, error) {
	rows, err := conn.Query(ctx, `select array[n.nspname, c.relname]::text[] from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'm') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema' order by n.nspname, c.relname`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[pgx.Identifier])
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return append(tables, pgx.Identifier{"pg_catalog", "pg_statistic"}), nil
}

// rewriteTables comes to the statistics last: they are made anew from what is there, and then written anew themselves.
func rewriteTables(ctx context.Context, conn *pgx.Conn, report func(string, ...any)) error {
	tables, err := TablesWithStatistics(ctx, conn)
	if err != nil {
		return err
	}
	for _, t := range tables {
		began, name := time.Now(), t.Sanitize()
		options := "full, analyze"
		if t[0] == "pg_catalog" {
			options = "full"
		}
		if _, err := conn.Exec(ctx, `vacuum (`+options+`) `+name); err != nil {
			return fmt.Errorf("write %s anew: %w", name, err)
		}
		if took := time.Since(began); took > time.Second {
			report("wrote a table anew", "table", name, "seconds", took.Seconds())
		}
	}
	return nil
}

// dropWAL moves the server's log on until every file of it is younger, those for later use too, which are older ones under a new name.
func dropWAL(ctx context.Context, conn *pgx.Conn, report func(string, ...any)) (err error) {
	if err := alterSystem(ctx, conn, `alter system set wal_recycle = off`); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, alterSystem(context.WithoutCancel(ctx), conn, `alter system reset wal_recycle`))
	}()
	var newest string
	if err := conn.QueryRow(ctx, `select max(name) from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'`).Scan(&newest); err != nil {
		return fmt.Errorf("list the write-ahead log: %w", err)
	}
	for range 10_000 {
		var oldest, current string
		if err := conn.QueryRow(ctx, `select min(name), pg_walfile_name(pg_current_wal_lsn()) from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'`).Scan(&oldest, &current); err != nil {
			return fmt.Errorf("list the write-ahead log: %w", err)
		}
		switch {
		case oldest > newest:
			report("the write-ahead log begins anew", "file", oldest)
			return nil
		case current > newest: // a checkpoint takes away what is behind it
			if _, err := conn.Exec(ctx, `checkpoint`); err != nil {
				return fmt.Errorf("write a checkpoint: %w", err)
			}
			if err := conn.QueryRow(ctx, `select min(name) from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$'`).Scan(&oldest); err != nil {
				return fmt.Errorf("list the write-ahead log: %w", err)
			}
			if oldest <= newest {
				if kept, err := keptBy(ctx, conn); kept != "" || err != nil {
					return errors.Join(err, fmt.Errorf("the write-ahead log is kept by %s; what it holds can't be taken away", kept))
				}
			}
		}
		if err := switchWAL(ctx, conn); err != nil {
			return err
		}
	}
	return errors.New("older files of the write-ahead log don't go away")
}

// switchWAL begins the next file; the rest of this one is filled with zeros.
func switchWAL(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `select pg_logical_emit_message(false, 'outrider', '')`); err != nil {
		return fmt.Errorf("write to the write-ahead log: %w", err)
	}
	if _, err := conn.Exec(ctx, `select pg_switch_wal()`); err != nil {
		return fmt.Errorf("switch the write-ahead log: %w", err)
	}
	return nil
}

// keptBy names what lets the server keep files of its log.
func keptBy(ctx context.Context, conn *pgx.Conn) (what string, err error) {
	err = conn.QueryRow(ctx, `select coalesce((select 'replication slot ' || slot_name from pg_replication_slots limit 1),
		(select 'wal_keep_size' from pg_settings where name = 'wal_keep_size' and setting <> '0'), '')`).Scan(&what)
	if err != nil {
		return "", fmt.Errorf("look for what keeps the write-ahead log: %w", err)
	}
	return what, nil
}

func alterSystem(ctx context.Context, conn *pgx.Conn, sql string) error {
	if _, err := conn.Exec(ctx, sql); err != nil {
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "42501" {
			return fmt.Errorf("%s: %w; name a superuser with --postgres", sql, err)
		}
		return fmt.Errorf("%s: %w", sql, err)
	}
	if _, err := conn.Exec(ctx, `select pg_reload_conf()`); err != nil {
		return fmt.Errorf("reload the settings of postgres: %w", err)
	}
	return nil
}
