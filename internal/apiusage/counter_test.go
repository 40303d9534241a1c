package apiusage_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/apiusage"
	"outrider/internal/engines/enginestest"
	"outrider/internal/postgres/postgrestest"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

func TestRequestsAreCountedOnce(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	a, b := apiusage.New(db.Pools.Identity), apiusage.New(db.Pools.Identity)
	org, other := uuid.New(), uuid.New()
	june, july := time.Date(2026, 6, 3, 4, 5, 6, 789_000, time.UTC), time.Date(2026, 7, 3, 4, 5, 6, 789_000, time.UTC)
	flush := func(c *apiusage.Counter) {
		t.Helper()
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sum := func(c *apiusage.Counter, org uuid.UUID, period time.Time, want int64) {
		t.Helper()
		if all, err := c.Sums(t.Context(), org); err != nil || all[period.UnixMicro()] != want {
			t.Errorf("of all periods %v, not %d: %v", all, want, err)
		}
	}
	var all sync.WaitGroup
	for _, c := range []*apiusage.Counter{a, b} {
		for range 4 {
			all.Go(func() {
				for range 100 {
					c.Count(org, june)
				}
				flush(c) // beside others
			})
		}
	}
	all.Wait()
	a.Count(org, july)
	b.Count(other, june)
	sum(a, org, june, 800)
	sum(a, org, july, 1)
	ended, end := context.WithCancel(t.Context())
	end()
	if err := a.Flush(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("written down after all: %v", err)
	}
	flush(a)
	flush(a) // nothing is new
	flush(b)
	sum(b, org, july, 1)
	sum(a, other, june, 1)
	fresh := apiusage.New(db.Pools.Identity) // the process starts again
	fresh.Count(org, june)
	flush(fresh)
	sum(a, org, june, 801)
	if _, err := db.Pools.Identity.Exec(t.Context(), `update identity.api_calls set written_at = now() - interval '8 days'`); err != nil {
		t.Fatal(err)
	}
	last := apiusage.New(db.Pools.Identity)
	for range 3 { // and by more than one
		last.Count(org, june)
		flush(last)
		if err := last.Merge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sum(last, org, june, 804)
	sum(last, org, july, 1)
	var rows int
	if err := db.Pools.Identity.QueryRow(t.Context(), `select count(*) from identity.api_calls where org_id = $1 and period_from = $2`, org, june).Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%d rows: %v", rows, err)
	}
}
