package analytics_test

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"outrider/internal/es/project/chtest"
	"outrider/projections/analytics"
)

// ClickHouse looks at the conditions of a query in the order that it likes: a campaign's funnel reads events that are of no campaign, too.
func TestTheFunnelOfACampaignPassesOverEventsOfNone(t *testing.T) {
	t.Parallel()
	engine := chtest.Share(t)
	if err := analytics.Migrate(t.Context(), engine.Conn); err != nil {
		t.Fatal(err)
	}
	org, campaign, other := uuid.New(), uuid.New(), uuid.New()
	insert := `INSERT INTO events (org, oseq, id, type, subject, time, data)
		SELECT '` + org.String() + `', number + 1, generateUUIDv4(), multiIf(number % 4 = 0, 'enrollment.started.v1', number % 4 = 1, 'command.noop.v1', 'lead.created.v2'), if(number % 4 = 1, 'nobody', toString(generateUUIDv4())), '2026-03-02 09:00:00',
			if(number % 4 = 0, concat('{"campaign_id":"', if(number % 8 = 0, '` + campaign.String() + `', '` + other.String() + `'), '"}'), concat('{"lead_id":"', toString(generateUUIDv4()), '"}')) FROM numbers(4000)`
	if err := engine.Conn.Exec(t.Context(), insert); err != nil {
		t.Fatal(err)
	}
	for _, together := range []int{0, 1} { // whether conditions are looked at all at once, or each for the rows that the ones before it have left
		ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"enable_multiple_prewhere_read_steps": together}))
		stages, err := analytics.Funnel(ctx, engine.Conn, org, analytics.Enrolled{From: "2026-03-01", To: "2026-03-03", Zone: "Europe/Berlin", Campaigns: []uuid.UUID{campaign}})
		if err != nil {
			t.Fatal(err)
		}
		if stages[0].People != 500 || stages[1].People != 0 {
			t.Errorf("got %+v", stages)
		}
	}
}
