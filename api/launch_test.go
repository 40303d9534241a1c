package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// missing gives what a problem says is missing.
func missing(a answer) (names []string) {
	for _, m := range a.list("missing") {
		x := m.(map[string]any)
		name := x["what"].(string)
		if d, ok := x["detail"].(string); ok {
			name += ": " + d
		}
		names = append(names, name)
	}
	return names
}

func TestALaunchNamesAllThatItLacks(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": []obj{
		{"variants": []obj{{"subject": "Hi {{ first_name }}", "body": "{{ frist_name }}"}, {"subject": "Hi", "body": "{% for x in y %}"}, {"subject": " ", "body": "b"}}},
		{"delay_days": 1, "variants": []obj{{"subject": "s", "body": "b"}}}}})
	path := made.header.Get("Location")
	a := c.refused(409, "not_ready", "POST", path+"/launch", nil)
	got := strings.Join(missing(a), "\n")
	for _, want := range []string{"mailbox", "postal_address", "delay_days: 2", "template: body: line 1: tag for isn't allowed", "template: subject: it is empty", "variable: frist_name"} {
		if !strings.Contains("\n"+got+"\n", "\n"+want+"\n") {
			t.Errorf("%s isn't missing in\n%s", want, got)
		}
	}
	if !strings.HasPrefix(a.text("detail"), "it lacks: mailbox, postal_address") || a.text("id") != made.text("id") {
		t.Errorf("got %s", a.body)
	}
	c.ok("PUT", path+"/settings", obj{"unsubscribe_footer": false})
	if got := strings.Join(missing(c.refused(409, "not_ready", "POST", path+"/launch", nil)), "\n"); strings.Count(got, "unsubscribe") != 2 || strings.Count(got, "postal_address") != 3 {
		t.Errorf("without a footer each message that can be read lacks a link and the address:\n%s", got)
	}
	c.refused(404, "not_found", "POST", "/v1/campaigns/"+anID+"/launch", nil)
}

func TestTheLifeOfACampaign(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main Street"})
	box := c.verified("sales@ours.test")
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": sequence()})
	path := made.header.Get("Location")
	if s := made.json["settings"].(map[string]any); s["max_follow_ups"] != 4.0 || s["unsubscribe_footer"] != true || s["window"].(map[string]any)["from"] != "09:00" {
		t.Errorf("its settings are %v", s)
	}
	set := c.ok("PUT", path+"/settings", obj{"window": obj{"days": []int{2, 3}, "from": "10:00", "to": "12:00"}, "track_opens": true, "holidays": []string{"2026-12-25"}}, "If-Match", `"1"`)
	if s := set.json["settings"].(map[string]any); s["window"].(map[string]any)["to"] != "12:00" || s["track_opens"] != true || s["company_cap"] != 5.0 || set.header.Get("ETag") != `"2"` {
		t.Errorf("got %s", set.body)
	}
	c.refused(412, "version_conflict", "PUT", path+"/settings", obj{}, "If-Match", `"1"`)
	for name, body := range map[string]obj{
		"a window that never opens": {"window": obj{"days": []int{1}, "from": "12:00", "to": "12:00"}},
		"no hour":                   {"window": obj{"days": []int{1}, "from": "29:00", "to": "30:00"}},
		"half a window":             {"window": obj{"days": []int{1}}},
		"no day":                    {"holidays": []string{"2026-02-30"}},
		"no zone":                   {"time_zone": "Mars"},
		"an unknown field":          {"windows": 1},
	} {
		if a := c.do("PUT", path+"/settings", body); a.status != 422 {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
	}
	c.refused(404, "not_found", "PUT", path+"/mailboxes", obj{"mailbox_ids": []string{anID}})
	c.refused(412, "version_conflict", "PUT", path+"/mailboxes", obj{"mailbox_ids": []string{box}}, "If-Match", `"1"`)
	assigned := c.ok("PUT", path+"/mailboxes", obj{"mailbox_ids": []string{box}}, "If-Match", `"2"`)
	if ids := assigned.list("mailbox_ids"); len(ids) != 1 || ids[0] != box {
		t.Errorf("got %s", assigned.body)
	}
	c.refused(409, "wrong_status", "POST", path+"/pause", nil)
	c.refused(409, "wrong_status", "POST", path+"/complete", nil)
	c.refused(412, "version_conflict", "POST", path+"/launch", nil, "If-Match", `"2"`)
	launched := c.ok("POST", path+"/launch", nil, "If-Match", `"3"`, "Idempotency-Key", "go")
	if launched.text("status") != "active" || launched.text("launched_at") == "" || launched.header.Get("ETag") != `"4"` {
		t.Errorf("got %s", launched.body)
	}
	if again := c.ok("POST", path+"/launch", nil, "If-Match", `"3"`, "Idempotency-Key", "go"); string(again.body) != string(launched.body) {
		t.Errorf("the repeat: %s", again.body)
	}
	c.refused(409, "wrong_status", "DELETE", path, nil)

	steps := sequence()
	steps[0]["variants"].([]obj)[0]["body"] = "New: {{ nick_name }}"
	if a := c.refused(409, "not_ready", "PATCH", path, obj{"steps": steps}); strings.Join(missing(a), "") != "variable: nick_name" {
		t.Errorf("got %s", a.body)
	}
	steps[0]["variants"].([]obj)[0]["body"] = "New: {{ first_name }}"
	c.refused(412, "version_conflict", "PATCH", path, obj{"steps": steps}, "If-Match", `"3"`)
	revised := c.ok("PATCH", path, obj{"steps": steps}, "If-Match", `"4"`, "Idempotency-Key", "new")
	if revised.json["steps_version"] != 2.0 || !strings.Contains(string(revised.body), "New: ") {
		t.Errorf("got %s", revised.body)
	}
	if again := c.ok("PATCH", path, obj{"steps": steps}, "If-Match", `"4"`, "Idempotency-Key", "new"); again.json["steps_version"] != 2.0 {
		t.Errorf("the repeat: %s", again.body)
	}
	if got := c.ok("POST", path+"/pause", nil); got.text("status") != "paused" || got.text("pause_reason") != "manual" {
		t.Errorf("got %s", got.body)
	}
	if got := c.ok("POST", path+"/resume", nil); got.text("status") != "active" || got.text("pause_reason") != "" {
		t.Errorf("got %s", got.body)
	}
	if got := c.ok("POST", path+"/complete", nil); got.text("status") != "completed" || got.text("completed_reason") != "manual" || got.text("completed_at") == "" {
		t.Errorf("got %s", got.body)
	}
	for _, action := range []string{"launch", "pause", "resume"} {
		if a := c.refused(409, "wrong_status", "POST", path+"/"+action, nil); a.text("detail") != "it is completed" {
			t.Errorf("%s: %s", action, a.body)
		}
	}
	c.refused(409, "wrong_status", "PATCH", path, obj{"steps": sequence()})
	c.refused(409, "wrong_status", "PUT", path+"/settings", always())
}

// TestALaunchSeesTheStepsThatItLaunches edits and launches at once, without telling where the edit can be read.
func TestALaunchSeesTheStepsThatItLaunches(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main Street"})
	box := c.verified("sales@ours.test")
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": sequence()})
	path := made.header.Get("Location")
	c.ok("PUT", path+"/mailboxes", obj{"mailbox_ids": []string{box}})
	rename := func(name string) {
		c.submit(commands.RenameCampaign{CampaignID: parsed(made.text("id")), Name: name}) // the read side isn't waited for
	}
	for _, name := range []string{"a", "b", "c"} {
		rename(name)
	}
	if got := c.ok("POST", path+"/launch", nil, "Idempotency-Key", "go"); got.text("status") != "active" || got.text("name") != "c" {
		t.Errorf("got %s", got.body)
	}
	rename("d")
	if got := c.ok("POST", path+"/launch", nil, "Idempotency-Key", "go"); got.text("status") != "active" {
		t.Errorf("the repeat: %s", got.body)
	}
}

func TestAPreviewIsWhatWouldBeWritten(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main Street"})
	box := c.ok("POST", "/v1/mailboxes", mailbox("sales@ours.test")).text("id")
	ann := c.ok("POST", "/v1/leads", obj{"email": "ann@example.com", "first_name": "Ann", "custom": obj{"segment": "big"}})
	steps := sequence()
	steps[0]["variants"] = append(steps[0]["variants"].([]obj), obj{"subject": "Two", "body": "{{ custom.segment }} {{ segment }} {{ last_name }} {{ city }} {{ frist_name }} {% if phone %}call{% endif %}"})
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": steps})
	path := made.header.Get("Location")
	c.ok("PUT", path+"/mailboxes", obj{"mailbox_ids": []string{box}})
	at := c.ok("PUT", path+"/settings", always()).header.Get("Outrider-Position")
	show := func(body obj) answer {
		t.Helper()
		return c.ok("POST", path+"/preview", body, "Outrider-Position", at)
	}
	first := show(obj{"lead_id": ann.text("id")})
	if first.text("subject") != "A question, Ann" || !strings.HasPrefix(first.text("body"), "Hi Ann,\n"+base+"/b/") || len(first.list("missing")) != 0 || len(first.list("unknown")) != 0 {
		t.Errorf("got %s", first.body)
	}
	if example := show(obj{}); example.text("subject") != "A question, Ann" {
		t.Errorf("got %s", example.body)
	}
	variants := made.list("steps")[0].(map[string]any)["variants"].([]any)
	lacks := show(obj{"lead_id": ann.text("id"), "variant_id": variants[1].(map[string]any)["variant_id"]})
	if lacks.text("body") != "big big [last_name] [city] [frist_name]" || len(lacks.list("missing")) != 2 || len(lacks.list("unknown")) != 1 || lacks.list("unknown")[0] != "frist_name" {
		t.Errorf("got %s", lacks.body)
	}
	sent := first.json["as_sent"].(map[string]any)
	if source := sent["source"].(string); sent["to"] != "<ann@example.com>" || sent["from"] != `"Confidential Sender" <sales@ours.test>` || sent["text"] != first.text("text") || len(source) != int(sent["size"].(float64)) ||
		!strings.Contains(source, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n") || strings.Contains(source, "In-Reply-To") {
		t.Errorf("it leaves as %v", sent)
	}
	follows := show(obj{"lead_id": ann.text("id"), "subject": "Re: A question", "body": "Hi", "follow_up": true}).json["as_sent"].(map[string]any)["source"].(string)
	if !strings.Contains(follows, "\r\nIn-Reply-To: <") {
		t.Errorf("a follow-up is in no thread: %s", follows)
	}
	if second := show(obj{"step_id": made.list("steps")[1].(map[string]any)["step_id"], "lead_id": ann.text("id")}); second.text("body") != "Hi Ann" {
		t.Errorf("got %s", second.body)
	}
	mine := show(obj{"subject": "  {{ organization_name }}\n x", "body": "{{ sender_name }} {{ sender_email }} {{ postal_address }} {{ unsubscribe_link }}"})
	if !strings.HasSuffix(mine.text("subject"), " x") || !strings.HasPrefix(mine.text("body"), "Confidential Sender sales@ours.test 1 Main Street "+base+"/u/") {
		t.Errorf("got %s", mine.body)
	}
	if len(first.list("warnings"))+len(mine.list("warnings")) != 0 {
		t.Errorf("warned of %v, %v", first.list("warnings"), mine.list("warnings"))
	}
	foreign := show(obj{"subject": "Hi %FIRST%", "body": "[Name], {first_name} of {{firstName}}"})
	if w := foreign.list("warnings"); len(w) != 4 || w[0].(map[string]any)["text"] != "%FIRST%" || w[0].(map[string]any)["field"] != "subject" || w[0].(map[string]any)["suggestion"] != "{{ first_name }}" {
		t.Errorf("got %s", foreign.body)
	}
	for _, name := range aggregates.SystemVariables() {
		if a := show(obj{"subject": "s", "body": "{{ " + name + " }}"}); len(a.list("missing"))+len(a.list("unknown")) != 0 || a.text("body") == "" {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	for name, body := range map[string]obj{
		"half a text":        {"subject": "s"},
		"no template":        {"subject": "s", "body": "{{"},
		"nothing":            {"subject": "s", "body": " "},
		"a step and a text":  {"subject": "s", "body": "b", "step_id": anID},
		"an unknown step":    {"step_id": anID},
		"an unknown variant": {"variant_id": anID},
	} {
		if a := c.do("POST", path+"/preview", body); a.status != 422 {
			t.Errorf("%s: got %d %s", name, a.status, a.body)
		}
	}
	c.refused(404, "not_found", "POST", path+"/preview", obj{"lead_id": anID})
	c.refused(404, "not_found", "POST", "/v1/campaigns/"+anID+"/preview", obj{})
	narrow := c.with("campaigns:read")
	narrow.ok("POST", path+"/preview", obj{})
	narrow.refused(403, "forbidden", "POST", path+"/preview", obj{"lead_id": ann.text("id")})
}

// TestStepsOfWhatWasLaunchedUnseen edits steps while the read side still calls the campaign a draft.
func TestStepsOfWhatWasLaunchedUnseen(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main Street"})
	box := c.verified("sales@ours.test")
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": sequence()})
	path, id := made.header.Get("Location"), parsed(made.text("id"))
	c.ok("PUT", path+"/mailboxes", obj{"mailbox_ids": []string{box}})
	tx, err := c.db.Pools.Projector.Begin(t.Context())
	check(t, err)
	_, err = tx.Exec(t.Context(), `lock table read.campaigns in exclusive mode`) // can be read, not written
	check(t, err)
	c.submit(commands.LaunchCampaign{CampaignID: id})
	if got := c.ok("GET", path, nil); got.text("status") != "draft" {
		t.Fatalf("the read side sees it: %s", got.body)
	}
	steps := sequence()
	steps[1]["variants"].([]obj)[0]["subject"] = "Once more"
	c.serve(func(cfg *api.Config) { cfg.Patience.Shown = time.Millisecond })
	if a := c.do("PATCH", path, obj{"steps": steps}); a.status != 202 || a.text("status") != "accepted" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	check(t, tx.Rollback(t.Context()))
	c.until(path, func(a answer) bool { return a.text("status") == "active" && a.json["steps_version"] == 2.0 })
}

// TestADraftOfBeforeTemplatesWereAnalyzed is launched once its steps were written again, as they are.
func TestADraftOfBeforeTemplatesWereAnalyzed(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main Street"})
	box := c.verified("sales@ours.test")
	step := events.Step{StepID: es.NewID(), Kind: events.StepEmail, Variants: []events.Variant{{VariantID: es.NewID(), Subject: "Hi {{ first_name }}", Body: "Hello", Weight: 1}}}
	id := es.NewID()
	c.submit(commands.CreateCampaignV1{CampaignID: id, Name: "Spring", CampaignType: events.ColdOutreach, CreatedBy: "api_key:1", Approval: events.ApproveNone, Steps: []events.Step{step}})
	c.submit(commands.AssignMailboxes{CampaignID: id, MailboxIDs: []uuid.UUID{parsed(box)}})
	path := "/v1/campaigns/" + id.String()
	if a := c.refused(409, "not_ready", "POST", path+"/launch", nil); strings.Join(missing(a), "\n") != "template" {
		t.Errorf("got %s", a.body)
	}
	c.until(path, func(a answer) bool { return a.status == 200 })
	c.ok("PATCH", path, obj{"steps": c.ok("GET", path, nil).json["steps"]})
	if a := c.ok("POST", path+"/launch", nil); a.text("status") != "active" || a.json["steps_version"] != 2.0 {
		t.Errorf("got %s", a.body)
	}
}
