package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
)

// BenchmarkScrub says how long the keys of a million persons are locked while their table is rewritten, and how long everything takes.
func BenchmarkScrub(b *testing.B) {
	for _, persons := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(persons), func(b *testing.B) {
			db := postgrestest.New(b)
			if _, err := db.Pools.Vault.Exec(b.Context(), `insert into vault.person_keys select $1, gen_random_uuid(), i, decode(repeat(md5(i::text), 4), 'hex')::bytea from generate_series(1, $2) i`, uuid.New(), persons); err != nil {
				b.Fatal(err)
			}
			var locked time.Duration
			for b.Loop() {
				if err := postgres.Scrub(b.Context(), db.OwnerURL, func(what string, attrs ...any) {
					if what == "wrote a table anew" {
						locked += time.Duration(attrs[3].(float64) * float64(time.Second))
					}
				}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(locked.Seconds()/float64(b.N), "s-locked/op")
		})
	}
}
