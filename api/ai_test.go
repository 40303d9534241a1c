package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// TestLanguageModels sets an endpoint of one's own, stops it, and reads the ledger.
func TestLanguageModels(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	c := w.tenant("growth")
	settings := c.ok("GET", "/v1/ai/settings", nil)
	if settings.text("provider") != "platform" || settings.json["has_key"] != false || settings.json["platform_available"] != false || len(settings.list("tasks")) != 3 {
		t.Fatalf("at first: %v", settings.json)
	}
	own := obj{"provider": "own", "base_url": "https://models.example.com/v1/", "key": "sk-very-secret", "limit_micros": 500, "lead_limit_micros": 400, "tasks": []obj{{"task": "write", "model": "big", "price": obj{"input": 1_000_000, "cached": 0, "output": 2_000_000}}}}
	set := c.ok("PUT", "/v1/ai/settings", own, "If-Match", `"0"`)
	if set.text("base_url") != "https://models.example.com/v1" || set.json["has_key"] != true || set.header.Get("ETag") != `"1"` || set.json["lead_limit_micros"] != 400.0 || strings.Contains(string(set.body), "secret") {
		t.Fatalf("set: %s", set.body)
	}
	for _, task := range set.list("tasks") {
		if x := task.(map[string]any); x["model"] != "big" || x["chosen"] != (x["task"] == "write") || x["redacted"] == (x["task"] == "write") {
			t.Errorf("task %v", x)
		}
	}
	with := func(change obj) obj {
		out := obj{}
		for k, v := range own {
			out[k] = v
		}
		for k, v := range change {
			out[k] = v
		}
		return out
	}
	for name, wrong := range map[string]obj{
		"a private scheme":   with(obj{"base_url": "ftp://models.example.com"}),
		"a key in the URL":   with(obj{"base_url": "https://a:b@models.example.com"}),
		"no model":           with(obj{"tasks": []obj{}}),
		"no price":           with(obj{"tasks": []obj{{"task": "write", "model": "big"}}}),
		"a task twice":       with(obj{"tasks": []obj{own["tasks"].([]obj)[0], own["tasks"].([]obj)[0]}}),
		"not on the list":    {"provider": "platform", "tasks": []obj{{"task": "write", "model": "big"}}},
		"a negative limit":   with(obj{"limit_micros": -1}),
		"less for one lead":  with(obj{"lead_limit_micros": -1}),
		"what nobody can do": with(obj{"tasks": []obj{{"task": "dream", "model": "big"}}}),
	} {
		if a := c.do("PUT", "/v1/ai/settings", wrong); a.status != 422 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := c.do("PUT", "/v1/ai/settings", own, "If-Match", `"0"`); a.status != 412 {
		t.Errorf("an old version: %d", a.status)
	}
	// Elsewhere the key isn't good any more.
	if moved := c.ok("PUT", "/v1/ai/settings", func() obj { x := with(obj{"base_url": "https://other.example.com/v1"}); delete(x, "key"); return x }()); moved.json["has_key"] != false {
		t.Errorf("moved: %s", moved.body)
	}
	stopped := c.ok("POST", "/v1/ai/stop", obj{"reason": "Odd texts"})
	if stopped.json["stopped"] != true || stopped.text("stopped_reason") != "Odd texts" || stopped.text("stopped_at") == "" {
		t.Errorf("stopped: %s", stopped.body)
	}
	if on := c.ok("POST", "/v1/ai/resume", nil); on.json["stopped"] != false {
		t.Errorf("resumed: %s", on.body)
	}
	version := 4
	lead := es.NewID()
	var at string
	for _, x := range []struct {
		task, outcome string
		settle        bool
	}{{events.AITaskWrite, events.AIAnswered, true}, {events.AITaskExtract, events.AIUnanswered, true}, {events.AITaskWrite, "", false}} {
		call, holder := es.NewID(), es.NewID()
		_, at = c.submit(commands.ReserveAICall{AICallRef: events.AICallRef{CallID: call, LeadID: lead}, Task: x.task, Provider: events.AIProviderOwn, Model: "big", Price: events.AIPrice{Input: 1_000_000, Output: 2_000_000}, AtMostMicros: 50,
			Holder: holder, PromptHash: "hash", Settings: version})
		if x.settle {
			_, at = c.submit(commands.SettleAICall{CallID: call, Holder: holder, Outcome: x.outcome, InputTokens: 10, OutputTokens: 5})
		}
	}
	usage := c.ok("GET", "/v1/ai/usage?group=task", nil, "Outrider-Position", at)
	total := usage.json["total"].(map[string]any)
	if total["calls"] != 3.0 || total["cost_micros"] != 70.0 || total["reserved_micros"] != 50.0 || total["own_micros"] != 70.0 || total["answered"] != 1.0 || total["open"] != 1.0 {
		t.Errorf("total %v", total)
	}
	if groups := usage.json["groups"].([]any); len(groups) != 2 || groups[0].(map[string]any)["key"] != "extract" {
		t.Errorf("groups %v", groups)
	}
	calls := c.ok("GET", "/v1/ai/calls?limit=2", nil)
	if rows := calls.list("data"); len(rows) != 2 || rows[0].(map[string]any)["outcome"] != "open" || calls.text("next_cursor") == "" {
		t.Errorf("calls %s", calls.body)
	}
	if rows := c.ok("GET", "/v1/ai/calls?outcome=answered&task=write&lead_id="+lead.String(), nil).list("data"); len(rows) != 1 || rows[0].(map[string]any)["cost_micros"] != 20.0 {
		t.Errorf("calls %v", rows)
	}
	if rows := c.ok("GET", "/v1/ai/calls?lead_id="+uuid.NewString(), nil).list("data"); len(rows) != 0 {
		t.Errorf("calls of nobody: %v", rows)
	}
	if spent := c.ok("GET", "/v1/ai/settings", nil).json["own_spent"]; spent != 70.0 {
		t.Errorf("spent %v", spent)
	}
	if u := c.ok("GET", "/v1/usage", nil); u.json["ai_cost_micros"] != 0.0 { // of the plan nothing
		t.Errorf("usage %v", u.json["ai_cost_micros"])
	}
}
