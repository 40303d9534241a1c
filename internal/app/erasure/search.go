package erasure

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"

	"outrider/internal/blob"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
)

// Place is where something was found.
type Place struct {
	Where string `json:"where"`
	Value string `json:"value"`
}

// Finder collects where needles are.
type Finder struct {
	Needles []Needle
	Found   []Place
	Files   int // looked at
	Records int // of the log
	Tables  int
	Objects int // of the blobs
}

func (f *Finder) add(where string, values []string) {
	for _, v := range values {
		f.Found = append(f.Found, Place{where, v})
	}
}

// SearchFolder looks at every byte of every file below a folder, but keys and passwords that it can't read.
func (f *Finder) SearchFolder(root string) error {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) { // the engines are at work
			return nil
		}
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // it was only read from
		f.Files++
		found, err := Search(file, f.Needles)
		f.add(path, found)
		return err
	})
	if err != nil {
		return fmt.Errorf("search %s: %w", root, err)
	}
	return nil
}

// SearchTopics looks at every record of the log's topics and of others, as the broker gives it: compressed or not.
func (f *Finder) SearchTopics(ctx context.Context, log kafka.Log, others ...string) error {
	for _, topic := range append([]string{log.Commands(), log.Events(), log.ReplyTopic()}, others...) {
		if err := log.EachRecord(ctx, topic, func(partition int32, offset int64, parts ...[]byte) {
			f.Records++
			for _, n := range f.Needles {
				for _, b := range parts {
					if n.In(b) {
						f.add(fmt.Sprintf("kafka %s/%d at offset %d", topic, partition, offset), []string{n.Value})
						break
					}
				}
			}
		}); err != nil {
			return fmt.Errorf("search topic %s: %w", topic, err)
		}
	}
	return nil
}

// SearchBlobs looks at every object.
func (f *Finder) SearchBlobs(ctx context.Context, bucket *blob.Bucket) error {
	objects, err := bucket.List(ctx, "")
	if err != nil {
		return err
	}
	for _, o := range objects {
		r, err := bucket.Read(ctx, o.Name)
		if errors.Is(err, blob.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		f.Objects++
		found, err := Search(r, f.Needles)
		_ = r.Close() // it was only read from
		if f.add("blob "+o.Name, found); err != nil {
			return fmt.Errorf("search blob %s: %w", o.Name, err)
		}
	}
	return nil
}

// SearchPostgres looks at every row of every table, and at the planner's statistics, which hold values of rows.
func (f *Finder) SearchPostgres(ctx context.Context, ownerURL string) error {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("connect to postgres: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it was only read from
	if _, err := conn.Exec(ctx, `set row_security = off`); err != nil {
		return fmt.Errorf("see all rows: %w", err)
	}
	tables, err := postgres.TablesWithStatistics(ctx, conn)
	if err != nil {
		return err
	}
	for _, t := range tables {
		f.Tables++
		if err := f.searchRows(ctx, conn, t); err != nil {
			return err
		}
	}
	return nil
}

func (f *Finder) searchRows(ctx context.Context, conn *pgx.Conn, table pgx.Identifier) error {
	name := strings.Join(table, ".")
	for _, n := range f.Needles {
		var found bool
		if err := conn.QueryRow(ctx, `select exists (select from `+table.Sanitize()+` t, unnest($1::text[]) form where position(form in t::text) > 0)`, textForms(n)).Scan(&found); err != nil {
			return fmt.Errorf("search %s: %w", name, err)
		}
		if found {
			f.add("postgres "+name, []string{n.Value})
		}
	}
	return nil
}

func isText(s string) bool {
	return strings.ToValidUTF8(s, "") == s && !strings.ContainsRune(s, 0)
}

// SearchClickHouse looks at every column of text of the database and of what is rebuilt beside it.
func (f *Finder) SearchClickHouse(ctx context.Context, conn driver.Conn) error {
	rows, err := conn.Query(ctx, `SELECT database, table, name FROM system.columns
		WHERE (database = currentDatabase() OR startsWith(database, concat(currentDatabase(), '_'))) AND position(type, 'String') > 0`)
	if err != nil {
		return fmt.Errorf("list columns of clickhouse: %w", err)
	}
	type column struct{ database, table, name string }
	var columns []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.database, &c.table, &c.name); err != nil {
			return errors.Join(fmt.Errorf("list columns of clickhouse: %w", err), rows.Close())
		}
		columns = append(columns, c)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("list columns of clickhouse: %w", err)
	}
	for _, c := range columns {
		f.Tables++
		for _, n := range f.Needles {
			var count uint64
			if err := conn.QueryRow(ctx, `SELECT count() FROM `+quote(c.database)+`.`+quote(c.table)+` WHERE arrayExists(x -> position(toString(`+quote(c.name)+`), x) > 0, $1)`, textForms(n)).Scan(&count); err != nil {
				return fmt.Errorf("search %s.%s: %w", c.database, c.table, err)
			}
			if count > 0 {
				f.add("clickhouse "+c.database+"."+c.table+" "+c.name, []string{n.Value})
			}
		}
	}
	return nil
}

func textForms(n Needle) (forms []string) {
	for _, form := range n.forms {
		if s := string(form); isText(s) {
			forms = append(forms, s)
		}
	}
	return forms
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
