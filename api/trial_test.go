package api_test

import (
	"testing"
	"time"
)

func TestATrialThatEndsStopsWritingAndAPlanLetsItGoOn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	path := "/v1/organizations/" + ann.org.String()
	shown := ann.ok("GET", path, nil)
	if shown.text("next_status") != "suspended" || shown.text("next_status_at") != shown.text("trial_ends_at") {
		t.Errorf("in its trial it shows as %s", shown.body)
	}
	lead := ann.ok("POST", "/v1/leads", obj{"email": "lead@example.com", "last_name": "Lee"}).header.Get("Location")

	w.clock.forward(15 * 24 * time.Hour)
	ann = w.signIn("ann@example.com")
	over := w.operator().until(path, func(a answer) bool { return a.text("status") == "suspended" })
	if over.text("status_cause") != "trial" || over.text("next_status") != "" {
		t.Errorf("after it it shows as %s", over.body)
	}
	ann.ok("GET", lead, nil)
	ann.refused(403, "organization_suspended", "POST", "/v1/leads", obj{"email": "other@example.com"})

	w.operator().ok("PATCH", path, obj{"plan": "growth"}) // the trial's own plan
	on := w.operator().until(path, func(a answer) bool { return a.text("status") == "active" })
	if on.text("status_cause") != "" || on.text("next_status") != "" {
		t.Errorf("with a plan it shows as %s", on.body)
	}
	ann.ok("POST", "/v1/leads", obj{"email": "other@example.com"})
}
