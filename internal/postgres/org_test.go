package postgres_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
)

const (
	permissionDenied = "42501"
	readOnly         = "25006"
)

// setup returns a database where organisation a owns notes 1 and 2, organisation b note 3.
func setup(t *testing.T) (db *postgrestest.Database, a, b uuid.UUID) {
	t.Helper()
	db, a, b = postgrestest.New(t, notes()), uuid.New(), uuid.New()
	_, err := db.Pools.Projector.Exec(t.Context(),
		`insert into notes values ($1, 1, 'one'), ($1, 2, 'two'), ($2, 3, 'three')`, a, b)
	if err != nil {
		t.Fatal(err)
	}
	return db, a, b
}

func ids(ctx context.Context, q postgres.Querier) ([]int, error) {
	rows, err := q.Query(ctx, `select id from notes order by id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}

func TestAPISeesNothingWithoutAnOrganisation(t *testing.T) {
	t.Parallel()
	db, a, _ := setup(t)
	conn, err := db.Pools.API.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if got, err := ids(t.Context(), conn); err != nil || len(got) != 0 {
		t.Fatalf("never set: got %v, %v, want no rows and no error", got, err)
	}
	// On the same connection the setting now becomes '' rather than unset.
	if _, err := conn.Exec(t.Context(), "begin; set local outrider.org = '"+a.String()+"'; commit"); err != nil {
		t.Fatal(err)
	}
	if got, err := ids(t.Context(), conn); err != nil || len(got) != 0 {
		t.Fatalf("after a transaction that had set it: got %v, %v, want no rows and no error", got, err)
	}
}

func TestAPISeesOnlyItsOrganisation(t *testing.T) {
	t.Parallel()
	db, a, b := setup(t)
	// One connection, so that each transaction comes after the others on it.
	pools, err := postgres.OpenPools(t.Context(), db.OwnerURL, db.Secrets, postgres.Options{APIConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pools.Close()
	nothingLeft := func(after string) {
		t.Helper()
		if got, err := ids(t.Context(), pools.API); err != nil || len(got) != 0 {
			t.Fatalf("after %s: got %v, %v, want no rows", after, got, err)
		}
	}
	for org, want := range map[uuid.UUID][]int{a: {1, 2}, b: {3}, uuid.New(): nil, uuid.Nil: nil} {
		err := postgres.InOrg(t.Context(), pools.API, org, func(tx pgx.Tx) error {
			got, err := ids(t.Context(), tx)
			if !slices.Equal(got, want) {
				t.Errorf("InOrg: got %v, want %v", got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		nothingLeft("InOrg")
		var got []int
		batch := &pgx.Batch{}
		batch.Queue(`select id from notes order by id`).Query(func(rows pgx.Rows) (err error) {
			got, err = pgx.CollectRows(rows, pgx.RowTo[int])
			return err
		})
		if err := postgres.BatchInOrg(t.Context(), pools.API, org, batch); err != nil || !slices.Equal(got, want) {
			t.Errorf("BatchInOrg: got %v, %v, want %v", got, err, want)
		}
		nothingLeft("BatchInOrg")
	}
}

func TestErrorsComeThrough(t *testing.T) {
	t.Parallel()
	db, a, _ := setup(t)
	boom := errors.New("boom")
	if err := postgres.InOrg(t.Context(), db.Pools.API, a, func(pgx.Tx) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("InOrg: got %v, want boom", err)
	}
	batch := &pgx.Batch{}
	batch.Queue(`select 1 / 0`)
	if err := postgres.BatchInOrg(t.Context(), db.Pools.API, a, batch); err == nil {
		t.Error("BatchInOrg: want an error")
	}
}

func TestRolesReachOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	db, a, _ := setup(t)
	p := db.Pools
	for _, c := range []struct {
		name, sql, code string
		pool            *pgxpool.Pool
	}{
		{"api writes a row", `insert into read.notes values ('` + a.String() + `', 9, '')`, readOnly, p.API},
		{"api writes a row, read-only lifted", `set transaction read write; insert into read.notes values ('` + a.String() + `', 9, '')`, permissionDenied, p.API},
		{"api reads keys", `select * from vault.person_keys`, permissionDenied, p.API},
		{"api reads API keys", `select * from identity.api_keys`, permissionDenied, p.API},
		{"api turns protection off", `set transaction read write; alter table read.notes disable row level security`, permissionDenied, p.API},
		{"api becomes projector", `set role outrider_projector`, permissionDenied, p.API},
		{"api reads pending ranges", `select * from kernel.pending_ranges`, permissionDenied, p.API},
		{"projector reads keys", `select * from vault.person_keys`, permissionDenied, p.Projector},
		{"projector reads API keys", `select * from identity.api_keys`, permissionDenied, p.Projector},
		{"projector protects", `call kernel.protect('read.notes')`, permissionDenied, p.Projector},
		{"identity reads rows", `select * from read.notes`, permissionDenied, p.Identity},
		{"identity reads keys", `select * from vault.person_keys`, permissionDenied, p.Identity},
		{"vault reads rows", `select * from read.notes`, permissionDenied, p.Vault},
		{"vault reads API keys", `select * from identity.api_keys`, permissionDenied, p.Vault},
		{"vault creates a table", `create table vault.mine ()`, permissionDenied, p.Vault},
		{"api reads checkpoints", `select * from kernel.checkpoints`, "", p.API},
		{"projector writes checkpoints", `insert into checkpoints (projection, version, partition, pseq, epoch, "offset", leader_epoch)
			values ('x', 1, 0, 0, 0, 0, 0)`, "", p.Projector},
	} {
		_, err := c.pool.Exec(t.Context(), c.sql)
		var pg *pgconn.PgError
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s: got %v, want it to work", c.name, err)
		case c.code != "" && (!errors.As(err, &pg) || pg.Code != c.code):
			t.Errorf("%s: got %v, want code %s", c.name, err, c.code)
		}
	}
}
