package api_test

import (
	"testing"

	"outrider/commands"
)

// TestAnExperimentOverOrganisations follows one over a flag, with an organisation on one side.
func TestAnExperimentOverOrganisations(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	op := w.operator()
	c := w.tenant("enterprise")
	ask := obj{"flag": "tracking", "name": "Does tracking cost answers?", "metric": "human_reply", "days": 14, "min_organizations": 2}
	op.refused(404, "not_found", "POST", "/v1/platform/experiments", ask)
	rule := obj{"description": "Pixel and links", "enabled": true, "rollout": 10000}
	op.ok("PUT", "/v1/platform/flags/tracking", rule)
	op.refused(422, "invalid", "POST", "/v1/platform/experiments", ask) // nobody is without it
	rule["rollout"] = 5000
	op.ok("PUT", "/v1/platform/flags/tracking", rule)
	made := op.ok("POST", "/v1/platform/experiments", ask)
	path := "/v1/platform/experiments/" + made.text("id")
	if made.text("status") != "running" || made.json["rollout"] != 5000.0 || made.header.Get("Location") != path {
		t.Errorf("it is begun as %s", made.body)
	}
	rule["rollout"] = 6000
	op.refused(422, "invalid", "PUT", "/v1/platform/flags/tracking", rule)

	o := c.launched("none")
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	c.claim(o, id)
	c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: c.clock.now().UTC()}}})
	c.ok("POST", "/v1/analytics/query", obj{"metrics": []string{"sent"}, "period": obj{"from": "2026-01-01", "to": "2026-12-31"}}, "Outrider-Position", c.reply(o, id)) // ClickHouse has it
	shown := op.ok("GET", path, nil)
	standing := shown.json["standing"].(map[string]any)
	people, organizations := 0.0, 0.0
	for _, side := range []string{"on", "off"} {
		s := standing[side].(map[string]any)
		people, organizations = people+s["people"].(float64), organizations+s["organizations"].(float64)
	}
	if standing["reason"] != "running" || standing["winner"] != nil || standing["p_value"] != 1.0 || people > 1 || organizations > 1 {
		t.Errorf("it stands as %s", shown.body)
	}
	c.refused(403, "forbidden", "GET", path, nil)
	c.refused(403, "forbidden", "POST", "/v1/platform/experiments", ask)
	if got := op.ok("POST", path+"/end", nil); got.text("status") != "ended" || got.text("reason") != "manual" {
		t.Errorf("ended, it is %s", got.body)
	}
	if got := op.ok("GET", path, nil); got.json["standing"].(map[string]any)["reason"] != "ended" {
		t.Errorf("ended, it stands as %s", got.body)
	}
	op.ok("PUT", "/v1/platform/flags/tracking", rule)
	if got := op.ok("GET", "/v1/platform/experiments", nil).list("data"); len(got) != 1 || got[0].(map[string]any)["standing"] != nil {
		t.Errorf("listed are %v", got)
	}
}
