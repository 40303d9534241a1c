package api_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
)

// busyGateway lets nothing in.
type busyGateway struct{ api.Gateway }

func (busyGateway) Submit(_ context.Context, c *es.Command) (es.Answer, error) {
	return es.Answer{}, fmt.Errorf("command %s: %w", c.ID, gateway.ErrBusy)
}

func TestWhoHasNoTurnIsToldToComeAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("enterprise")
	w.serve(func(cfg *api.Config) { cfg.Commands = busyGateway{cfg.Commands} })
	if a := c.refused(429, "busy", "POST", "/v1/campaigns", obj{"name": "Spring"}); a.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
}

// full gives no turns; what is sent all the same is decided.
type full struct{ api.Gateway }

func (full) TakeTurn(ctx context.Context, org uuid.UUID, _ int) (context.Context, func(), error) {
	return ctx, nil, fmt.Errorf("turn of %s: %w", org, gateway.ErrBusy)
}

// Nothing is sealed or looked up for whoever would then wait: a neighbour needs the processor and the vault.
func TestWhoHasNoTurnCostsNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("enterprise")
	keys := func() (n int) {
		t.Helper()
		check(t, w.db.Pools.Vault.QueryRow(t.Context(), `select count(*) from vault.person_keys where org_id = $1`, c.org).Scan(&n))
		return n
	}
	before := keys()
	w.serve(func(cfg *api.Config) { cfg.Commands = full{cfg.Commands} })
	c.refused(429, "busy", "POST", "/v1/leads", obj{"email": "ann@example.com"})
	if n := keys(); n != before {
		t.Errorf("%d keys were made for a command that had no turn", n-before)
	}
	c.ok("GET", "/v1/leads", nil)
}
