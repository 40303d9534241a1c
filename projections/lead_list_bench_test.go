package projections_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/postgres"
	"outrider/projections"
)

// manyLeads fills the leads of an organisation beside another's.
func manyLeads(t testing.TB, f *fixture, org uuid.UUID, n int) {
	t.Helper()
	for _, o := range []uuid.UUID{uuid.New(), org} {
		if _, err := f.Pools.Projector.Exec(t.Context(), `insert into read.leads (org_id, lead_id, oseq, email, first_name, last_name, phone, company_name, job_title, linkedin_url, website, city, country,
			custom, tags, source, outreach_status, suppressed_by, created_at, updated_at, version, address_hash, domain_hash, search)
			select $1, gen_random_uuid(), i, email, first, last, '+49 221 123', company, 'Head of Sales', 'https://www.linkedin.com/in/person-' || i, 'https://company.example.com', 'Köln',
				case i % 50 when 0 then 'France' else 'Germany' end, '{"segment": "mid-market"}', case i % 1000 when 0 then '{vip}'::text[] else '{spring,emea}' end, 'csv_upload',
				case when i % 500 = 0 then 'replied' when i % 7 = 0 then 'contacted' else 'new' end, case when i % 5000 = 0 then 'address' else '' end,
				'2026-01-01'::timestamptz + i * interval '1 minute', '2026-01-01'::timestamptz + (i * 7919 % $2) * interval '1 minute', 1, md5(i::text), md5((i % 40000)::text),
				lower(email || E'\n' || first || ' ' || last || E'\n\n' || company)
			from (select i, 'person.' || i || '@company' || i % 40000 || '.example' as email, 'Zoë' as first, 'Example' || i * 7919 % $2 as last, 'Company ' || i % 40000 || ' GmbH' as company
				from generate_series(1, $2::bigint) i) x`, o, n); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(t.Context(), f.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	if _, err := conn.Exec(t.Context(), `vacuum analyze read.leads`); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkListLeads measures lists and counts of 200,000 leads as the API reads them: each must stay below 300 ms.
func BenchmarkListLeads(b *testing.B) {
	f, org := setup(b), uuid.New()
	manyLeads(b, f, org, 200_000)
	yes, no := true, false
	for name, c := range map[string]struct {
		projections.LeadFilter
		projections.Listing
	}{
		"newest":          {},
		"counted":         {Listing: projections.Listing{Total: true}},
		"rare search":     {LeadFilter: projections.LeadFilter{Search: "person.777@"}, Listing: projections.Listing{Total: true}},
		"frequent search": {LeadFilter: projections.LeadFilter{Search: "zoë"}, Listing: projections.Listing{Total: true}},
		"no hit":          {LeadFilter: projections.LeadFilter{Search: "nobody"}, Listing: projections.Listing{Total: true}},
		"address":         {LeadFilter: projections.LeadFilter{EmailPrefix: "person.777@"}, Listing: projections.Listing{Total: true}},
		"company":         {LeadFilter: projections.LeadFilter{CompanyPrefix: "company 77 "}, Listing: projections.Listing{Total: true}},
		"rare tag":        {LeadFilter: projections.LeadFilter{Tag: "vip"}, Listing: projections.Listing{Total: true}},
		"country":         {LeadFilter: projections.LeadFilter{Country: "france"}, Listing: projections.Listing{Total: true}},
		"replied":         {LeadFilter: projections.LeadFilter{OutreachStatus: "replied"}, Listing: projections.Listing{Total: true}},
		"suppressed":      {LeadFilter: projections.LeadFilter{Suppressed: &yes}, Listing: projections.Listing{Total: true}},
		"not suppressed":  {LeadFilter: projections.LeadFilter{Suppressed: &no}, Listing: projections.Listing{Total: true}},
		"by name":         {Listing: projections.Listing{Sort: "last_name", Total: true}},
		"by name, far":    {Listing: projections.Listing{Sort: "last_name", Total: true, After: projections.Place{Value: "example5", Oseq: 1}}},
		"by company":      {Listing: projections.Listing{Sort: "-company_name", Total: true}},
		"by change":       {Listing: projections.Listing{Sort: "-updated_at", Total: true}},
		"by address":      {Listing: projections.Listing{Sort: "email", Total: true}},
		"by status":       {Listing: projections.Listing{Sort: "outreach_status", Total: true}},
		"name and search": {LeadFilter: projections.LeadFilter{Search: "company 7"}, Listing: projections.Listing{Sort: "last_name", Total: true}},
		"two filters":     {LeadFilter: projections.LeadFilter{Country: "germany", Suppressed: &no}, Listing: projections.Listing{Sort: "last_name", Total: true}},
		"tag and name":    {LeadFilter: projections.LeadFilter{Tag: "spring", Suppressed: &no}, Listing: projections.Listing{Sort: "last_name", Total: true}},
		"no tag, by name": {LeadFilter: projections.LeadFilter{Tag: "nobody"}, Listing: projections.Listing{Sort: "last_name", Total: true}},
		"changed since":   {LeadFilter: projections.LeadFilter{UpdatedFrom: time.Date(2026, 5, 19, 0, 0, 0, 0, time.UTC)}, Listing: projections.Listing{Total: true}},
	} {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			var slowest time.Duration
			for b.Loop() {
				began := time.Now()
				if err := postgres.InOrg(b.Context(), f.Pools.API, org, func(tx pgx.Tx) error {
					c.Limit = 50
					_, err := projections.ListLeads(b.Context(), tx, org, c.LeadFilter, c.Listing)
					return err
				}); err != nil {
					b.Fatal(err)
				}
				slowest = max(slowest, time.Since(began))
			}
			b.ReportMetric(float64(slowest.Microseconds())/1000, "ms/slowest")
		})
	}
}
