package postgres_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
)

// What the separation of organisations costs a request with one query, against the same query without it.
func BenchmarkRead(b *testing.B) {
	db := postgrestest.New(b, notes())
	org, ctx := uuid.New(), b.Context()
	if _, err := db.Pools.Projector.Exec(ctx, `insert into notes select $1, i, 'text' from generate_series(1, 1000) i`, org); err != nil {
		b.Fatal(err)
	}
	const one = `select text from notes where id = 7`
	scan := func(row pgx.Row) error { var text string; return row.Scan(&text) }
	b.Run("projector", func(b *testing.B) {
		for b.Loop() {
			if err := scan(db.Pools.Projector.QueryRow(ctx, `select text from notes where org_id = $1 and id = 7`, org)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("InOrg", func(b *testing.B) {
		for b.Loop() {
			if err := postgres.InOrg(ctx, db.Pools.API, org, func(tx pgx.Tx) error { return scan(tx.QueryRow(ctx, one)) }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("BatchInOrg", func(b *testing.B) {
		for b.Loop() {
			batch := &pgx.Batch{}
			batch.Queue(one).QueryRow(scan)
			if err := postgres.BatchInOrg(ctx, db.Pools.API, org, batch); err != nil {
				b.Fatal(err)
			}
		}
	})
}
