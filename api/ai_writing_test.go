package api_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"outrider/api"
	"outrider/internal/app/models"
	"outrider/internal/dial"
	"outrider/internal/es/project"
	"outrider/internal/lab/modelserver"
	"outrider/internal/llm"
)

// TestHowAModelWritesIsSetForACampaign sets it, and reads it back.
func TestHowAModelWritesIsSetForACampaign(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "approval": "low_score", "approval_below": 40})
	path := "/v1/campaigns/" + campaign.text("id")
	if is := c.ok("GET", path, nil, "Outrider-Position", campaign.header.Get("Outrider-Position")); is.text("approval") != "low_score" || is.json["approval_below"] != 40.0 {
		t.Errorf("approval: %s", is.body)
	}
	if set := c.ok("GET", path+"/writing", nil); set.text("refused") != "wait" || set.json["off"] != nil {
		t.Errorf("by default: %s", set.body)
	}
	if set := c.settle(path+"/writing", obj{"refused": "replace", "instructions": " Be brief. ", "limit_micros": 5_000_000}); set.text("refused") != "replace" || set.json["limit_micros"] != 5_000_000.0 || set.text("instructions") != "Be brief." {
		t.Errorf("set: %s", set.body)
	}
	c.refused(422, "invalid", "PUT", path+"/writing", obj{"refused": "send"})
	c.refused(422, "invalid", "PUT", path+"/writing", obj{"refused": "drop", "limit_micros": -1})
	c.refused(422, "invalid", "PATCH", path, obj{"approval": "low_score", "approval_below": 0})
	c.with("campaigns:read").refused(403, "forbidden", "PUT", path+"/writing", obj{"refused": "drop"})
}

// TestAModelIsTried asks the model of a task, once for an Idempotency-Key, and finds the call in the ledger.
func TestAModelIsTried(t *testing.T) {
	t.Parallel()
	w := build(t)
	model := &modelserver.Server{Answer: func(string, string) string { return `{"ready":true}` }}
	server := httptest.NewServer(model)
	t.Cleanup(server.Close)
	w.serve(func(cfg *api.Config) {
		var err error
		cfg.Models, err = models.NewClient(models.Config{Platform: llm.Endpoint{BaseURL: server.URL + "/v1", Key: "k"}, Default: map[string]string{"write": "gpt-4.1-mini", "extract": "gpt-4.1-mini"}, Catalogue: models.NewCatalogue(),
			Reach: dial.Loopback, Ledger: models.ReadModel{Pool: cfg.Pool, Position: func(ctx context.Context, partition int32, pseq int64) error {
				return w.positions.Wait(ctx, project.ProjectionKey{Name: models.Projection, Version: 1}, partition, pseq)
			}}, Secrets: cfg.Vault, Keys: cfg.Vault, Commands: cfg.Commands, Now: cfg.Now})
		check(t, err)
	})
	c := w.tenant("growth")
	for range 2 {
		if came := c.ok("POST", "/v1/ai/trial", obj{"task": "write"}, "Idempotency-Key", "once"); came.json["ok"] != true || came.json["cost_micros"].(float64) <= 0 || came.text("model") == "" {
			t.Errorf("tried: %s", came.body)
		}
	}
	if len(model.Asked()) != 1 {
		t.Errorf("asked %v", model.Asked())
	}
	model.Set(modelserver.NoJSON, 0)
	if came := c.ok("POST", "/v1/ai/trial", obj{"task": "extract"}); came.json["ok"] != false || came.text("reason") != "invalid" {
		t.Errorf("no JSON: %s", came.body)
	}
	model.Set(modelserver.WrongKey, 0)
	if came := c.ok("POST", "/v1/ai/trial", obj{"task": "write"}); came.json["ok"] != false || came.text("reason") != "rejected" || strings.Contains(string(came.body), "Bearer") {
		t.Errorf("a wrong key: %s", came.body)
	}
	if calls := c.until("/v1/ai/calls", func(a answer) bool { return len(a.list("data")) == 3 }); calls.status != 200 {
		t.Errorf("calls: %s", calls.body)
	}
	c.with("organization:read").refused(403, "forbidden", "POST", "/v1/ai/trial", obj{"task": "write"})
}

// TestACompanyHasPeople lists who has an address of its domain, and tells its story with theirs.
func TestACompanyHasPeople(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	ann := c.ok("POST", "/v1/leads", obj{"email": "ann@acme.example", "company_name": "Acme"}).text("id")
	ben := c.ok("POST", "/v1/leads", obj{"email": "ben@acme.example"}).text("id")
	at := c.ok("POST", "/v1/leads", obj{"email": "eve@other.example"}).header.Get("Outrider-Position")
	c.ok("GET", "/v1/leads/"+ann, nil, "Outrider-Position", at)
	at = c.ok("POST", "/v1/leads/"+ann+"/facts", obj{"facts": []obj{{"about": "company", "predicate": "uses", "object": "Kafka", "source_url": "https://acme.example/about"}}}).header.Get("Outrider-Position")
	company := c.ok("GET", "/v1/companies", nil, "Outrider-Position", at).list("data")[0].(map[string]any)["id"].(string)
	people := c.ok("GET", "/v1/companies/"+company+"/leads", nil).list("data")
	if len(people) != 2 || people[0].(map[string]any)["id"] != ann || people[1].(map[string]any)["id"] != ben {
		t.Errorf("people: %v", people)
	}
	story := c.until("/v1/leads/"+ben+"/timeline", func(a answer) bool { return len(a.list("data")) >= 3 })
	if text := string(story.body); !strings.Contains(text, "fact.found") || !strings.Contains(text, "company.recorded") {
		t.Errorf("the story of a colleague: %s", text)
	}
}
