package api_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/postgres"
	"outrider/projections/reconcile"
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

func TestAnOrganisationAsksForAComparison(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, other := w.tenant("growth").with("audit:read"), w.tenant("growth").with("audit:read")
	ask := func(who *client, headers ...string) answer {
		t.Helper()
		a := who.do("POST", "/v1/reconciliation", nil, headers...)
		if a.status != 202 || a.header.Get("Location") != "/v1/reconciliation" {
			t.Fatalf("%d %v %s", a.status, a.header, a.body)
		}
		return a
	}
	refused := func(most int) {
		t.Helper()
		a := c.refused(429, "rate_limited", "POST", "/v1/reconciliation", nil)
		if s, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || s <= most-60 || s > most {
			t.Errorf("retry after %q, not about %d", a.header.Get("Retry-After"), most)
		}
	}
	tell := func(sql string) {
		t.Helper()
		_, err := w.db.Pools.Projector.Exec(t.Context(), sql, c.org)
		check(t, err)
	}
	first := ask(c, "Idempotency-Key", "now")
	if again := ask(c, "Idempotency-Key", "now"); again.text("requested_at") != first.text("requested_at") {
		t.Errorf("asked at %s and, repeated, at %s", first.body, again.body)
	}
	refused(600)
	c.refused(404, "not_found", "GET", "/v1/reconciliation", nil)
	tell(`insert into kernel.reconciliations (org_id, checked_at, agrees, checks) values ($1, '2026-03-09T03:00:00Z', true, '[]')`)
	if got := c.ok("GET", "/v1/reconciliation", nil); got.text("requested_at") != first.text("requested_at") {
		t.Errorf("while one is pending: %s", got.body)
	}
	tell(`update kernel.reconciliation_wishes set requested_at = requested_at - interval '1 hour' where org_id = $1`)
	refused(60) // it is pending still
	tell(`update kernel.reconciliation_wishes set pending = false, requested_at = requested_at + interval '55 minutes' where org_id = $1`)
	refused(300)
	if got := c.ok("GET", "/v1/reconciliation", nil); got.text("requested_at") != "" {
		t.Errorf("none is pending: %s", got.body)
	}
	tell(`update kernel.reconciliation_wishes set requested_at = requested_at - interval '5 minutes' where org_id = $1`)
	ask(c)

	ask(other) // what one asks for is nothing to the other
	other.refused(404, "not_found", "GET", "/v1/reconciliation", nil)
}

func TestAnOrganisationAsksForItselfOnly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, other := w.tenant("growth"), w.tenant("growth")
	err := postgres.WriteInOrg(t.Context(), w.db.Pools.API, c.org, func(tx pgx.Tx) error {
		_, err := reconcile.Ask(t.Context(), tx, other.org, uuid.New())
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("an organisation asked in another's name: %v", err)
	}
	_, err = w.db.Pools.Projector.Exec(t.Context(), `insert into kernel.reconciliation_wishes (org_id, wish_id, pending) values ($1, $1, false)`, other.org)
	check(t, err)
	check(t, postgres.WriteInOrg(t.Context(), w.db.Pools.API, c.org, func(tx pgx.Tx) error {
		tag, err := tx.Exec(t.Context(), `update kernel.reconciliation_wishes set pending = true`)
		if tag.RowsAffected() != 0 {
			t.Errorf("an organisation changed %d wishes of others", tag.RowsAffected())
		}
		return err
	}))
}
