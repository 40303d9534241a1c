package api_test

import (
	"context"
	"fmt"
	"testing"

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
