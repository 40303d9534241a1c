package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
)

func TestASenderDomainIsShownWithItsRecords(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	c := w.tenant("enterprise")
	c.verified("ann@acme.test")
	list := c.until("/v1/domains", func(a answer) bool { return len(a.list("data")) == 1 }).list("data")
	id := list[0].(map[string]any)["id"].(string)
	path := "/v1/domains/" + id
	if got := c.ok("GET", path, nil); got.json["checks"] != nil || got.text("domain") == "" {
		t.Fatalf("before it is looked at: %s", got.body)
	}
	if got := c.ok("POST", path+"/check", nil); got.json["checking"] != true {
		t.Errorf("asked for: %s", got.body)
	}
	made := c.ok("POST", path+"/signing", nil, "Idempotency-Key", "key")
	if got := c.ok("POST", path+"/signing", nil, "Idempotency-Key", "key"); got.text("signing_selector") != made.text("signing_selector") {
		t.Errorf("repeated: %s, before %s", got.body, made.body)
	}
	if got := c.ok("POST", path+"/signing", nil); got.text("signing_selector") == made.text("signing_selector") || strings.Contains(string(got.body), "secret") {
		t.Errorf("another key: %s", got.body)
	}
	domain := made.text("domain")
	c.refused(422, "invalid", "PUT", path+"/tracking", obj{"host": "go.elsewhere.test"})
	c.refused(422, "invalid", "PUT", path+"/tracking", obj{"host": domain})
	if got := c.ok("PUT", path+"/tracking", obj{"host": "Go." + domain}); got.text("tracking_host") != "go."+domain {
		t.Errorf("host: %s", got.body)
	}
	var hash string
	check(t, w.db.Pools.Projector.QueryRow(t.Context(), `select domain_hash from read.mailboxes where org_id = $1 limit 1`, c.org).Scan(&hash))
	of := events.SenderDomainOf(c.org, hash)
	c.submit(commands.RecordDomainChecks{SenderDomainRef: of, Name: domain, CheckedAt: time.Now().UTC().Truncate(time.Microsecond), Checks: []events.DomainCheck{
		{Check: events.DomainCheckSPF, Outcome: events.CheckFailed, Detail: "no SPF", Name: domain, Type: "TXT", Expected: "v=spf1 ~all", Found: []string{"x"}},
		{Check: events.DomainCheckMX, Outcome: events.CheckPassed}}})
	got := c.until(path, func(a answer) bool { return a.text("outcome") == "failed" })
	if checks := got.list("checks"); len(checks) != 2 || checks[0].(map[string]any)["expected"] != "v=spf1 ~all" || got.text("detail") != "no SPF" || got.json["checking"] == true {
		t.Errorf("checked: %s", got.body)
	}
	if got := c.ok("DELETE", path+"/signing", nil); got.text("signing_selector") != "" {
		t.Errorf("no key any more: %s", got.body)
	}
	c.refused(404, "not_found", "GET", "/v1/domains/"+uuid.NewString(), nil)
}
