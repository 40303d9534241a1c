package api_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// TestWhatModelsCostIsAFigure asks for costs in every way, and opens each: the calls add up to what it says.
func TestWhatModelsCostIsAFigure(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	o := c.launched("none")
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	c.claim(o, id)
	now := c.clock.now().UTC()
	c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: now}}})
	settings := c.ok("PUT", "/v1/ai/settings", obj{"provider": "own", "base_url": "https://models.example.com/v1/", "key": "sk-very-secret", "tasks": []obj{{"task": "write", "model": "big", "price": obj{"input": 1_000_000, "cached": 0, "output": 2_000_000}}}})
	c.ok("PATCH", "/v1/leads/"+o.lead, obj{"tags": []string{"vip", "north"}})
	var at string
	for _, about := range []events.AICallRef{{CampaignID: parsed(o.campaign), LeadID: parsed(o.lead), MessageID: parsed(id)}, {LeadID: parsed(o.lead)}, {LeadID: es.NewID()}} {
		about.CallID = es.NewID()
		holder := es.NewID()
		c.submit(commands.ReserveAICall{AICallRef: about, Task: events.AITaskWrite, Provider: events.AIProviderOwn, Model: "big", Price: events.AIPrice{Input: 1_000_000, Output: 2_000_000}, AtMostMicros: 50, Holder: holder, PromptHash: "hash",
			Settings: int(settings.json["version"].(float64))})
		_, at = c.submit(commands.SettleAICall{CallID: about.CallID, Holder: holder, Outcome: events.AIAnswered, InputTokens: 10, OutputTokens: 5})
	}
	period := obj{"from": now.AddDate(0, 0, -1).Format(time.DateOnly), "to": now.AddDate(0, 0, 1).Format(time.DateOnly)}
	opened := func(f map[string]any) (sum float64, calls int) {
		t.Helper()
		for _, x := range c.ok("GET", f["drill"].(string), nil).list("data") {
			sum += x.(map[string]any)["cost_micros"].(float64)
			calls++
		}
		return sum, calls
	}
	ask := func(more obj) answer {
		t.Helper()
		body := obj{"metrics": []string{"replied", "cost"}, "period": period}
		for k, v := range more {
			body[k] = v
		}
		return c.ok("POST", "/v1/analytics/query", body, "Outrider-Position", at)
	}
	whole := ask(obj{"compare": "previous_period"})
	f := figure(t, whole.json["total"], "cost")
	if f["count"] != 60.0 || f["of"] != 1.0 || f["each_micros"] != 60.0 || f["denominator"] != "sent" || f["previous"].(map[string]any)["drill"] == "" {
		t.Errorf("in all: %s", whole.body)
	}
	if figures := whole.json["total"].(map[string]any)["figures"].([]any); len(figures) != 2 || figures[1].(map[string]any)["metric"] != "cost" {
		t.Errorf("the columns are %v", figures)
	}
	rows := map[string]int{"campaign": 2, "step": 2, "variant": 2, "mailbox": 2, "experiment": 1, "experiment_arm": 1, "day": 1, "week": 1, "country": 1, "recipient_provider": 2, "tag": 3}
	for by, want := range rows {
		for _, unit := range []string{"message", "person"} {
			got := ask(obj{"by": []string{by}, "unit": unit})
			if len(got.list("rows")) != want {
				t.Errorf("by %s of %s: %s", by, unit, got.body)
			}
			for _, r := range append(got.list("rows"), got.json["total"]) {
				f := figure(t, r, "cost")
				if sum, calls := opened(f); sum != f["count"] || calls == 0 {
					t.Errorf("by %s: %v, and %d calls add up to %v", by, r, calls, sum)
				}
			}
		}
	}
	both := ask(obj{"by": []string{"campaign", "tag"}})
	for _, r := range both.list("rows") {
		f := figure(t, r, "cost")
		if sum, _ := opened(f); sum != f["count"] {
			t.Errorf("%v adds up to %v", r, sum)
		}
	}
	of := ask(obj{"filter": obj{"campaign": []string{o.campaign}, "tag": []string{"vip"}}})
	if f := figure(t, of.json["total"], "cost"); f["count"] != 20.0 {
		t.Errorf("of the campaign: %s", of.body)
	}
	if f := figure(t, ask(obj{"metrics": []string{"cost"}, "filter": obj{"campaign": []string{uuid.NewString()}}}).json["total"], "cost"); f["count"] != 0.0 || f["of"] != 0.0 || f["each_micros"] != nil {
		t.Errorf("of a campaign that isn't there: %v", f)
	}
	c.refused(422, "invalid", "POST", "/v1/analytics/query", obj{"metrics": []string{"cost"}, "by": []string{"weekday"}, "period": period})
	thief := w.tenant("growth")
	if f := figure(t, thief.ok("POST", "/v1/analytics/query", obj{"metrics": []string{"cost"}, "period": period}).json["total"], "cost"); f["count"] != 0.0 {
		t.Errorf("a neighbour sees %v", f)
	}
}
