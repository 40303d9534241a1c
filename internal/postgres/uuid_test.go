package postgres_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/postgres/postgrestest"
)

// named is a type of its own, which pgx must go on treating as before.
type named uuid.UUID

func TestIDsComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	pool, ctx := postgrestest.New(t).Pools.Projector, t.Context()
	id := uuid.New()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeSimpleProtocol} {
		var got uuid.UUID
		var text string
		if err := pool.QueryRow(ctx, `select $1::uuid, $1::uuid::text`, mode, id).Scan(&got, &text); err != nil || got != id || text != id.String() {
			t.Errorf("%v: sent %s, got %s, %s, %v", mode, id, got, text, err)
		}
	}
	null := &id
	if err := pool.QueryRow(ctx, `select $1::uuid`, (*uuid.UUID)(nil)).Scan(&null); err != nil || null != nil {
		t.Errorf("no id came back as %v, %v", null, err)
	}
	var some []uuid.UUID
	var count int
	if err := pool.QueryRow(ctx, `select $1::uuid[], cardinality($1::uuid[])`, []uuid.UUID{id, uuid.Nil}).Scan(&some, &count); err != nil || !slices.Equal(some, []uuid.UUID{id, uuid.Nil}) || count != 2 {
		t.Errorf("two ids came back as %v, %d, %v", some, count, err)
	}
	kept := id
	if err := pool.QueryRow(ctx, `select null::uuid`).Scan(&kept); err != nil || kept != id {
		t.Errorf("NULL: got %s, %v, want what stood there", kept, err)
	}
	var empty, isNull bool
	if err := pool.QueryRow(ctx, `select $1::uuid[] = '{}', $2::uuid[] is null`, []uuid.UUID{}, []uuid.UUID(nil)).Scan(&empty, &isNull); err != nil || !empty || !isNull {
		t.Errorf("no ids: empty %t, null %t, %v", empty, isNull, err)
	}
	var own named
	var optional uuid.NullUUID
	var bytes [16]byte
	if err := pool.QueryRow(ctx, `select $1::uuid, $2::uuid, $3::uuid`, named(id), uuid.NullUUID{}, [16]byte(id)).Scan(&own, &optional, &bytes); err != nil || own != named(id) || optional.Valid || bytes != id {
		t.Errorf("other types: %v, %v, %v, %v", own, optional, bytes, err)
	}
	var scanned []*uuid.UUID
	if err := pool.QueryRow(ctx, `select array[$1, null]::uuid[]`, id).Scan(&scanned); err != nil || len(scanned) != 2 || *scanned[0] != id || scanned[1] != nil {
		t.Errorf("an array with NULL: %v, %v", scanned, err)
	}
}

// Every row and every parameter that is an id would otherwise be text in between.
func TestIDsAreNoText(t *testing.T) { //nolint:paralleltest // allocations of others would count
	err := postgrestest.New(t).Pools.Projector.AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
		m, id, buf := c.Conn().TypeMap(), any(uuid.New()), make([]byte, 0, 64)
		for name, made := range map[string]float64{
			"encode": testing.AllocsPerRun(100, func() { _, _ = m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, id, buf) }),
			"scan": func() float64 {
				to, src := new(uuid.UUID), make([]byte, 16)
				return testing.AllocsPerRun(100, func() { _ = m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, src, to) })
			}(),
		} {
			if made > 0 {
				t.Errorf("%s: %.0f allocations for an id, want none", name, made)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkIDs(b *testing.B) {
	err := postgrestest.New(b).Pools.Projector.AcquireFunc(context.Background(), func(c *pgxpool.Conn) error {
		m, ids := c.Conn().TypeMap(), make([]uuid.UUID, 500)
		for _, x := range []struct {
			name string
			m    *pgtype.Map
		}{{"pgx", pgtype.NewMap()}, {"ours", m}} {
			b.Run(x.name, func(b *testing.B) {
				b.ReportAllocs()
				var buf []byte
				for b.Loop() {
					buf, _ = x.m.Encode(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, ids, buf[:0])
				}
			})
			b.Run(x.name+" scan", func(b *testing.B) {
				b.ReportAllocs()
				to, src := new(uuid.UUID), make([]byte, 16)
				for b.Loop() {
					_ = x.m.Scan(pgtype.UUIDOID, pgtype.BinaryFormatCode, src, to)
				}
			})
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
