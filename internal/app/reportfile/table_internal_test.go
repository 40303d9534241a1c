package reportfile

import (
	"strings"
	"testing"

	"outrider/events"
	"outrider/internal/app/costs"
	"outrider/projections/analytics"
)

// What models cost stands where it was asked for, of what was sent, and as money on the page.
func TestCostStandsBesideFigures(t *testing.T) {
	t.Parallel()
	q := analytics.Query{Metrics: []string{"cost", "replied"}, By: []string{"campaign"}}
	table := Table{Query: events.ReportQuery{Metrics: q.Metrics, By: q.By}}
	cost := costs.Take(&q)
	table.add(q, analytics.Row{Keys: []string{"a"}, Rates: []analytics.Rate{analytics.NewRate(5, 100, "delivered"), analytics.NewRate(110, 120, "attempted")}}, map[string]string{"a": "Spring"}, false, cost, 2_200_000)
	if len(table.Figures) != 2 {
		t.Fatalf("got %+v", table.Figures)
	}
	if f := table.Figures[0]; f != (Figure{First: "Spring", FirstKey: "a", Metric: "cost", Count: 2_200_000, Of: 110, Denominator: "sent"}) {
		t.Errorf("cost is %+v", f)
	}
	if f := table.Figures[1]; f.Metric != "replied" || f.Count != 5 || f.Of != 100 || f.Rate != 0.05 {
		t.Errorf("replied is %+v", f)
	}
	var page strings.Builder
	if err := table.writePage(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"$2.2000", "$0.0200 for each of 110 sent", "5.0 % of 100 delivered"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
