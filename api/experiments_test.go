package api_test

import (
	"encoding/json"
	"testing"

	"outrider/commands"
)

// TestAnExperimentIsPlayedAndJudgedAgain follows one from its draft to two verdicts.
func TestAnExperimentIsPlayedAndJudgedAgain(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main Street"})
	o := outreach{mailbox: c.verified("sales@ours.test")}
	step := obj{"delay_days": 0, "variants": []obj{{"name": "A", "subject": "Hi", "body": "Hi"}, {"name": "B", "subject": "Hello", "body": "Hello"}}}
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Confidential", "approval": "none", "steps": []obj{step}})
	o.campaign, o.path = made.text("id"), made.header.Get("Location")
	o.lead = c.ok("POST", "/v1/leads", obj{"email": "ann@victim.test", "first_name": "Ann"}).text("id")
	c.ok("PUT", o.path+"/settings", always())
	c.ok("PUT", o.path+"/mailboxes", obj{"mailbox_ids": []string{o.mailbox}})
	first := made.list("steps")[0].(map[string]any)
	arms := []obj{}
	for _, v := range first["variants"].([]any) {
		arms = append(arms, obj{"name": v.(map[string]any)["name"], "variant_id": v.(map[string]any)["variant_id"]})
	}
	draft := obj{"name": "Subjects", "campaign_id": o.campaign, "step_id": first["step_id"], "arms": arms, "min_per_arm": 1}
	c.refused(422, "invalid", "POST", "/v1/experiments", obj{"name": "x", "campaign_id": o.campaign, "step_id": anID, "arms": arms})
	x := c.ok("POST", "/v1/experiments", draft)
	path := "/v1/experiments/" + x.text("id")
	if x.text("status") != "draft" || x.text("campaign") != "Confidential" || len(x.list("guards")) != 3 || x.json["traffic"] != 10000.0 || x.json["confidence"] != 9500.0 {
		t.Errorf("it is drafted as %s", x.body)
	}
	c.refused(404, "not_found", "POST", path+"/evaluations", obj{}) // it hasn't begun
	if got := c.ok("POST", path+"/start", nil).text("status"); got != "running" {
		t.Fatalf("started, it is %s", got)
	}
	c.ok("POST", o.path+"/enrollments", obj{"lead_ids": []string{o.lead}})
	c.ok("POST", o.path+"/launch", nil)
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	c.claim(o, id)
	c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: c.clock.now().UTC()}}})
	at := c.reply(o, id)
	people, answers := 0.0, 0.0
	shown := c.ok("GET", path, nil, "Outrider-Position", at)
	standing, _ := shown.json["standing"].(map[string]any)
	for _, a := range standing["arms"].([]any) {
		people, answers = people+a.(map[string]any)["people"].(float64), answers+a.(map[string]any)["successes"].(float64)
	}
	if people != 1 || answers != 1 || standing["reason"] != "too_few" {
		t.Errorf("it stands as %s", shown.body)
	}
	c.refused(422, "invalid", "POST", path+"/decide", obj{"arm_id": shown.list("arms")[0].(map[string]any)["arm_id"]})
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "2 Main Street"}) // something later, so that the answer is history
	one := c.ok("POST", path+"/evaluations", obj{})
	settings, _ := json.Marshal(one.json["settings"])
	var again obj
	check(t, json.Unmarshal(settings, &again))
	two := c.ok("POST", path+"/evaluations", again)
	a, _ := json.Marshal([]any{one.json["verdict"], one.json["oseq"], one.json["chain"], one.json["settings"]})
	b, _ := json.Marshal([]any{two.json["verdict"], two.json["oseq"], two.json["chain"], two.json["settings"]})
	if string(a) != string(b) || one.text("id") == two.text("id") {
		t.Errorf("the same settings gave\n%s\n%s", a, b)
	}
	replayed := c.ok("POST", path+"/what-if", obj{"rules": []obj{{"kind": "fixed"}, {"kind": "p_best", "confidence": 6000}}})
	rules := replayed.list("rules")
	if len(rules) != 2 || rules[0].(map[string]any)["stopped"] != nil || rules[1].(map[string]any)["rule"].(map[string]any)["min_per_arm"] != 1.0 || replayed.json["chain"] == "" {
		t.Errorf("other rules would have done %s", replayed.body)
	}
	c.refused(422, "invalid", "POST", path+"/what-if", obj{"rules": []obj{}})
	if got := c.ok("GET", path+"/evaluations", nil); len(got.list("data")) != 2 {
		t.Errorf("kept are %s", got.body)
	}
	if got := c.ok("GET", "/v1/experiments?campaign_id="+o.campaign, nil); len(got.list("data")) != 1 || got.list("data")[0].(map[string]any)["evaluations"] != 2.0 {
		t.Errorf("listed are %s", got.body)
	}
	if got := c.ok("POST", path+"/stop", nil); got.text("status") != "stopped" || got.text("reason") != "manual" {
		t.Errorf("stopped, it is %s", got.body)
	}
	c.refused(409, "wrong_status", "POST", path+"/start", nil)
}
