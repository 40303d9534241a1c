package billing_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"outrider/internal/lab/stripelike"
)

// TestStripesClientDrivesTheStandIn: what Stripe's own client can't work with is no stand-in, and every test on it would prove nothing.
func TestStripesClientDrivesTheStandIn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "lab", "stripelike", "sdk")
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(dir, "node_modules", "stripe")); err != nil || missing != nil {
		t.Skip("SKIPPED: Stripe's client is not installed; make stripe-sdk does that (npm)")
	}
	s := openStandIn(t, nil)
	s.buy(t, "growth")
	bodies, kinds := s.Held()
	cmd := exec.CommandContext(t.Context(), node, "drive.mjs")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "STRIPELIKE_URL="+s.url, "STRIPELIKE_BODY="+string(bodies[0]), "STRIPELIKE_SIGNATURE="+stripelike.Sign(bodies[0], "whsec_1", time.Now()))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got struct {
		Declined, Ending, Portal                  bool
		Paid, Preview                             int
		Status, Changed, Canceled, Missing, Event string
		Invoices                                  []string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !got.Declined || !got.Ending || !got.Portal || got.Paid != 303 || got.Preview != 3 || got.Status != "active" || got.Changed != "outrider_scale" || got.Canceled != "canceled" ||
		got.Missing != "resource_missing" || got.Event != kinds[0] || len(got.Invoices) != 1 || got.Invoices[0] != "paid" {
		t.Errorf("%s", out)
	}
}
