package projections_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/projections"
)

// BenchmarkImport applies the events of an import's chunks, 4000 in a transaction, to each projection.
func BenchmarkImport(b *testing.B) {
	f := setup(b)
	const batch = 4000
	for _, p := range projections.All(f.vault) {
		b.Run(p.Name, func(b *testing.B) {
			org := uuid.New()
			l := newLog(b)
			for b.Loop() {
				b.StopTimer()
				subjects := make([]uuid.UUID, batch)
				for i := range subjects {
					subjects[i] = uuid.New()
				}
				var keys []events.LeadCreated
				for from := 0; from < batch; from += 500 {
					made, err := f.vault.Keys(b.Context(), org, subjects[from:from+500])
					if err != nil {
						b.Fatal(err)
					}
					for i, k := range made {
						s, err := k.Seal(projections.ProfileField, fmt.Appendf(nil, `{"email":"person.%d.%s@example.com","first_name":"Zoë","last_name":"Example","phone":"+49 221 123","company_name":"Company, Inc.","job_title":"Head of Sales","linkedin_url":"https://www.linkedin.com/in/person-1","website":"https://company.example.com","city":"Köln","country":"DE","tags":["spring","emea"],"crm_id":"crm"}`, i, subjects[from+i]))
						if err != nil {
							b.Fatal(err)
						}
						keys = append(keys, events.LeadCreated{LeadRef: events.LeadRef{LeadID: k.Subject}, AddressHash: "00", DomainHash: "00", Profile: events.Sealed(s),
							Filled: []string{"email", "first_name", "last_name"}, Source: events.SourceCSVUpload, ImportID: org, Row: from + i})
					}
				}
				l.events = nil
				for _, e := range keys {
					l.add(org, e)
				}
				b.StartTimer()
				if err := pgx.BeginFunc(b.Context(), f.Pools.Projector, func(tx pgx.Tx) error { return p.Handle(b.Context(), tx, l.events) }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(batch)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
