package heartbeat_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"outrider/internal/engines/enginestest"
	"outrider/internal/heartbeat"
	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

func TestProcessesAreCounted(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	join := func(role string) *heartbeat.Heart {
		t.Helper()
		h, err := heartbeat.Join(t.Context(), db.Pools.Identity, role)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	count := func(h *heartbeat.Heart) int {
		t.Helper()
		if err := h.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		return h.Count()
	}
	a := join("api")
	if a.Count() != 1 {
		t.Errorf("alone: %d", a.Count())
	}
	b, c := join("api"), join("api")
	if other := join("consumers"); count(a) != 3 || c.Count() != 3 || other.Count() != 1 {
		t.Errorf("three of one role and one of another: %d, %d, %d", a.Count(), c.Count(), other.Count())
	}
	if err := b.Leave(t.Context()); err != nil || count(a) != 2 {
		t.Errorf("one has left: %d, %v", a.Count(), err)
	}

	// One dies: nobody renews its row, and it expires.
	owner, err := pgx.Connect(t.Context(), db.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	grow := func(older string) {
		t.Helper()
		if _, err := owner.Exec(t.Context(), `update kernel.live_processes set seen_at = seen_at - $1::interval`, older); err != nil {
			t.Fatal(err)
		}
	}
	grow("10 seconds")
	if count(a) != 1 {
		t.Errorf("the other has died: %d", a.Count())
	}
	if count(c) != 2 || count(a) != 2 {
		t.Errorf("it was only frozen: %d", a.Count())
	}
	grow("2 hours")
	var rows int
	if count(a) != 1 || owner.QueryRow(t.Context(), `select count(*) from kernel.live_processes`).Scan(&rows) != nil || rows != 1 {
		t.Errorf("%d rows are kept of those that died", rows)
	}
}

func TestTheLastCountIsKeptWithoutADatabase(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	pools, err := postgres.OpenPools(t.Context(), db.OwnerURL, db.Secrets, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := heartbeat.Join(t.Context(), db.Pools.Identity, "api"); err != nil {
		t.Fatal(err)
	}
	h, err := heartbeat.Join(t.Context(), pools.Identity, "api")
	if err != nil {
		t.Fatal(err)
	}
	pools.Close()
	if err := h.Beat(t.Context()); err == nil || h.Count() != 2 {
		t.Errorf("the database is away: %d, %v", h.Count(), err)
	}
}

func TestWhoEndsLeaves(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	a, err := heartbeat.Join(t.Context(), db.Pools.Identity, "api")
	if err != nil {
		t.Fatal(err)
	}
	b, err := heartbeat.Join(t.Context(), db.Pools.Identity, "api")
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := a.Run(ended, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	if err := b.Beat(t.Context()); err != nil || b.Count() != 1 {
		t.Errorf("the other has ended: %d, %v", b.Count(), err)
	}
}
