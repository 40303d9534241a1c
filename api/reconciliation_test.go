package api_test

import (
	"testing"
	"time"
)

func TestAnOrganisationSeesItsOwnComparisonOnly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, other := w.tenant("growth"), w.tenant("growth")
	audit := c.with("audit:read")
	audit.refused(404, "not_found", "GET", "/v1/reconciliation", nil)
	_, err := w.db.Pools.Projector.Exec(t.Context(), `insert into kernel.reconciliations (org_id, checked_at, agrees, checks)
		values ($1, $2, false, '[{"name": "messages", "store": "postgres", "pseq": 7, "log": {"sent": 2}, "shown": {"sent": 1}, "agrees": false}]')`, c.org, time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC))
	check(t, err)
	got := audit.ok("GET", "/v1/reconciliation", nil)
	checks := got.list("checks")
	if got.json["agrees"] != false || got.text("checked_at") != "2026-03-09T03:00:00Z" || len(checks) != 1 || checks[0].(map[string]any)["shown"].(map[string]any)["sent"] != 1.0 {
		t.Errorf("%s", got.body)
	}
	other.with("audit:read").refused(404, "not_found", "GET", "/v1/reconciliation", nil)
}
