package api_test

import (
	"testing"
	"time"

	"outrider/commands"
)

// TestCampaignsAreListedWithTheirFigures counts people, and follows each figure to its list.
func TestCampaignsAreListedWithTheirFigures(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	x := c.conversation()
	list := c.ok("GET", "/v1/campaigns?include=figures,total", nil, "Outrider-Position", x.at)
	row := list.list("data")[0].(map[string]any)
	figures, _ := row["figures"].(map[string]any)
	rate, _ := figures["human_reply_rate"].(map[string]any)
	if list.json["total"] != 1.0 || figures["done"] != 1.0 || figures["active"] != 0.0 || figures["sent_7_days"] != 1.0 || rate["count"] != 1.0 || rate["of"] != 1.0 || rate["low"].(float64) < 0.2 || rate["low"].(float64) > 0.21 || figures["approvals_waiting"] != 0.0 {
		t.Errorf("got %s", list.body)
	}
	if plain := c.ok("GET", "/v1/campaigns", nil).list("data")[0].(map[string]any); plain["figures"] != nil {
		t.Errorf("nobody asked for figures: %v", plain)
	}
	today := c.clock.now().UTC().Format(time.DateOnly)
	for query, want := range map[string]int{"outcome=replied": 1, "outcome=bounced": 0, "outcome=sent": 1, "day_from=" + today + "&day_to=" + today: 1, "day_to=2020-01-01": 0, "day_from=2020-01-01": 1, "version=1": 1, "version=2": 0, "needs_approval=true": 0, "needs_approval=false": 1, "step_id=" + anID: 0} {
		if got := c.ok("GET", "/v1/messages?include=total&campaign_id="+x.campaign+"&"+query, nil); len(got.list("data")) != want || got.json["total"] != float64(want) {
			t.Errorf("%s: %s", query, got.body)
		}
	}
	m := c.ok("GET", "/v1/messages?include=text,lead", nil).list("data")[0].(map[string]any)
	if m["lead_name"] != "Ann Confidential" || m["lead_email"] != "ann@victim.test" || m["subject"] != "A question, Ann" || m["body"] != "Hi Ann, Confidential" {
		t.Errorf("got %v", m)
	}
	c.refused(400, "malformed_request", "GET", "/v1/messages?day_from=2026-02-31", nil)

	people := c.ok("GET", "/v1/campaigns/"+x.campaign+"/enrollments", nil).list("data")[0].(map[string]any)
	if people["lead_name"] != "Ann Confidential" || people["campaign_name"] != "Confidential" {
		t.Errorf("got %v", people)
	}
}

func TestADraftWaitsForApprovalInTheList(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("all")
	at := c.draft(o, c.message(o, "requested"))
	for query, want := range map[string]int{"needs_approval=true": 1, "needs_approval=false": 0} {
		if got := c.ok("GET", "/v1/messages?"+query, nil, "Outrider-Position", at); len(got.list("data")) != want {
			t.Errorf("%s: %s", query, got.body)
		}
	}
	figures := c.ok("GET", "/v1/campaigns?include=figures", nil).list("data")[0].(map[string]any)["figures"].(map[string]any)
	if figures["approvals_waiting"] != 1.0 || figures["active"] != 1.0 {
		t.Errorf("got %v", figures)
	}
}

func TestACampaignIsDuplicated(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("first")
	made := c.do("POST", o.path+"/duplicate", obj{}, "Idempotency-Key", "copy")
	if made.status != 201 || made.text("name") != "Confidential (copy)" || made.text("status") != "draft" || made.text("approval") != "first" || made.json["enrolled"] != 0.0 || len(made.list("mailbox_ids")) != 1 {
		t.Fatalf("got %d %s", made.status, made.body)
	}
	original := c.ok("GET", o.path, nil)
	for i, step := range made.list("steps") {
		was, is := original.list("steps")[i].(map[string]any), step.(map[string]any)
		if was["step_id"] == is["step_id"] || was["delay_days"] != is["delay_days"] {
			t.Errorf("step %d: %v of %v", i, is, was)
		}
	}
	if made.json["settings"].(map[string]any)["keep_open"] != true {
		t.Errorf("settings: %v", made.json["settings"])
	}
	if again := c.do("POST", o.path+"/duplicate", obj{}, "Idempotency-Key", "copy"); again.text("id") != made.text("id") {
		t.Errorf("asked again, it is another: %s", again.body)
	}
	if named := c.do("POST", o.path+"/duplicate", obj{"name": "Summer"}); named.text("name") != "Summer" || named.text("id") == made.text("id") {
		t.Errorf("got %s", named.body)
	}
}

func TestVersionsAndVariablesOfACampaign(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("none")
	c.message(o, "requested")
	steps := sequence()
	steps[1]["variants"] = []obj{{"subject": "Again", "body": "From {{ company_name | default: \"you\" }} {{ custom.role | default: \"x\" }}"}}
	c.ok("POST", "/v1/leads", obj{"email": "bo@victim.test", "custom": obj{"role": "buyer"}})
	at := c.ok("PATCH", o.path, obj{"steps": steps}).header.Get("Outrider-Position")
	versions := c.ok("GET", o.path+"/versions", nil, "Outrider-Position", at).list("data")
	if len(versions) != 2 {
		t.Fatalf("got %v", versions)
	}
	for i, want := range []obj{{"version": 2.0, "current": true, "people": 0.0}, {"version": 1.0, "current": false, "people": 1.0}} {
		for name, value := range want {
			if got := versions[i].(map[string]any)[name]; got != value {
				t.Errorf("version %d: %s is %v, want %v", i, name, got, value)
			}
		}
	}
	found := map[string]map[string]any{}
	for _, v := range c.ok("GET", o.path+"/variables", nil).list("data") {
		found[v.(map[string]any)["name"].(string)] = v.(map[string]any)
	}
	for name, want := range map[string]obj{"company_name": {"kind": "profile", "have": 0.0, "people": 1.0, "used": true}, "first_name": {"kind": "profile", "have": 1.0, "used": true}, "city": {"used": false}, "custom.role": {"kind": "custom", "have": 0.0, "used": true},
		"booking_link": {"kind": "system", "have": 1.0, "used": true}} {
		for field, value := range want {
			if found[name] == nil || found[name][field] != value {
				t.Errorf("%s: %s is %v, want %v", name, field, found[name][field], value)
			}
		}
	}
}

// TestReadinessAndReasons asks on a server with ClickHouse, from which the newest state is read.
func TestReadinessAndReasons(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	empty := c.ok("POST", "/v1/campaigns", obj{"name": "empty"})
	path := empty.header.Get("Location")
	a := c.ok("GET", path+"/readiness", nil, "Outrider-Position", empty.header.Get("Outrider-Position"))
	outcomes := func(a answer) map[string]string {
		out := map[string]string{}
		for _, x := range a.list("checks") {
			check := x.(map[string]any)
			out[check["what"].(string)] = check["outcome"].(string)
			if check["outcome"] == "failed" && check["fix"] == nil {
				t.Errorf("no fix for %v", check)
			}
		}
		return out
	}
	got := outcomes(a)
	for what, want := range map[string]string{"mailbox": "failed", "postal_address": "failed", "steps": "failed", "people": "warning", "end_date": "passed", "variable": "passed"} {
		if got[what] != want {
			t.Errorf("%s: %s, want %s", what, got[what], want)
		}
	}
	if a.json["ready"] != false || a.json["people"] != 0.0 || a.json["first_send_at"] == nil || a.json["finish"] != nil {
		t.Errorf("got %s", a.body)
	}

	o := c.launched("none")
	_, at := c.submit(commands.HoldMessage{MessageID: parsed(c.message(o, "requested")), Reason: "missing_variable", Missing: []string{"first_name"}})
	ready := c.ok("GET", o.path+"/readiness", nil, "Outrider-Position", at)
	if ready.json["ready"] != true || ready.json["people"] != 1.0 || ready.json["per_day"].(float64) < 1 || ready.json["finish"] == nil || outcomes(ready)["mailbox"] != "passed" {
		t.Errorf("got %s", ready.body)
	}
	reasons := c.ok("GET", o.path+"/reasons", nil, "Outrider-Position", at)
	if first, _ := reasons.list("data")[0].(map[string]any); reasons.json["people"] != 1.0 || reasons.json["looked_at"] != 1.0 || first["rule"] != "draft" || first["people"] != 1.0 || first["text"] == "" {
		t.Errorf("got %s", reasons.body)
	}
	held := c.ok("GET", "/v1/campaigns/"+o.campaign+"/enrollments?rule=draft&include=why,total", nil, "Outrider-Position", at)
	if row, _ := held.list("data")[0].(map[string]any); held.json["total"] != 1.0 || row["rule"] != "draft" || row["waiting_text"] == "" || row["lead_name"] != "Ann Confidential" {
		t.Errorf("got %s", held.body)
	}
	if got := c.ok("GET", "/v1/campaigns/"+o.campaign+"/enrollments?rule=window", nil); len(got.list("data")) != 0 {
		t.Errorf("got %s", got.body)
	}
}

func TestMeetingsAreListedByTimeWithNames(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveImports()
	c := w.tenant("growth")
	things(c)
	meeting := c.ok("GET", "/v1/meetings?include=total", nil)
	m := meeting.list("data")[0].(map[string]any)
	if meeting.json["total"] != 1.0 || m["lead_name"] != "Ann Confidential" || m["campaign_name"] != "Confidential" {
		t.Errorf("got %s", meeting.body)
	}
	starts, err := time.Parse(time.RFC3339Nano, m["starts_at"].(string))
	check(t, err)
	at := starts.Format(time.RFC3339)
	for query, want := range map[string]int{"status=booked": 1, "status=cancelled": 0, "from=" + at: 1, "to=" + at: 0, "campaign_id=" + anID: 0, "sort=starts_at": 1} {
		if got := c.ok("GET", "/v1/meetings?"+query, nil); len(got.list("data")) != want {
			t.Errorf("%s: %s", query, got.body)
		}
	}
}
