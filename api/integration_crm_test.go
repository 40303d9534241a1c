package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/events"
	"outrider/internal/app/integrations"
	"outrider/internal/crmapi"
	"outrider/internal/es"
	"outrider/internal/hubspot"
	services "outrider/internal/integrations"
	"outrider/internal/lab/hubspotlike"
	"outrider/internal/mail/mailoauth"
)

func TestAMapIsHeldAgainstTheAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	there := hubspotlike.New(hubspotlike.Options{Secret: "secret"})
	server := httptest.NewServer(there)
	t.Cleanup(server.Close)
	var heard []string
	w.serve(func(cfg *api.Config) {
		cfg.Integrations = connectorFor(cfg.Vault, mailoauth.Client{}, "")
		cfg.Integrations.HubSpotSecret = "secret"
		cfg.Integrations.Heard = func(_ context.Context, provider, account string, ids []string) error {
			heard = append(heard, provider+" "+account+" "+strings.Join(ids, ","))
			return nil
		}
		cfg.Integrations.CRM = func(context.Context, string, uuid.UUID, uuid.UUID) (crmapi.Service, error) {
			return hubspot.New(server.URL, services.Caller{HTTP: server.Client(), Access: func(context.Context) (string, error) { return hubspotlike.Key, nil }, Refuse: func(context.Context) bool { return false }, First: time.Millisecond}), nil
		}
	})
	c := w.tenant("growth")
	id := c.ok("POST", "/v1/integrations", obj{"provider": "hubspot", "key": "key 1"}).text("id")
	path := "/v1/integrations/" + id
	proposed := c.ok("GET", path+"/mapping", nil)
	if proposed.json["set"] != false || len(proposed.list("fields")) != 8 || len(proposed.list("stages_there")) != 6 {
		t.Errorf("proposed is %s", proposed.body)
	}
	settings := func(field, remote, direction string) obj {
		return obj{"fields": []obj{{"field": field, "remote": remote, "direction": direction, "wins": "newest"}}, "activities": []string{"sent"}, "create_all": true, "on_erase": "keep"}
	}
	for name, bad := range map[string]obj{"fields.0.remote": settings("first_name", "nothing", "both"), "fields.0.direction": settings("custom.owner", "hubspot_owner_id", "both"), "fields.0.field": settings("shoe size", "firstname", "both")} {
		if got := c.refused(422, "invalid", "PUT", path+"/mapping", bad); !strings.Contains(string(got.body), name) {
			t.Errorf("%s isn't named: %s", name, got.body)
		}
	}
	if got := c.refused(422, "invalid", "PUT", path+"/mapping", settings("city", "num_employees", "both")); !strings.Contains(string(got.body), "of type number") {
		t.Errorf("another type: %s", got.body)
	}
	there.Put("ann@example.com", map[string]string{"firstname": "Anna"})
	there.Put("stranger@example.com", nil)
	c.ok("POST", "/v1/leads", obj{"email": "ann@example.com", "first_name": "Ann"})
	bob := c.ok("POST", "/v1/leads", obj{"email": "bob@example.com", "first_name": "Bob"})
	c.ok("GET", "/v1/leads/"+bob.text("id"), nil, "Outrider-Position", bob.header.Get("Outrider-Position"))
	would := map[string]string{}
	ran := c.ok("POST", path+"/dry-run", settings("first_name", "firstname", "both"))
	for _, r := range ran.list("data") {
		row := r.(map[string]any)
		would[row["email"].(string)] = row["would"].(string)
	}
	if would["ann@example.com"] != "change" || would["bob@example.com"] != "create" || would["stranger@example.com"] != "import" || ran.json["conflicts"].(float64) != 1 {
		t.Errorf("it would %v: %s", would, ran.body)
	}
	if n, _ := there.Writes(); n != 0 || there.State().Contacts["ann@example.com"]["firstname"] != "Anna" {
		t.Errorf("a dry run writes %d", n)
	}
	if got := c.ok("PUT", path+"/mapping", settings("first_name", "firstname", "both")); got.json["set"] != true {
		t.Errorf("set: %s", got.body)
	}
	if got := c.ok("POST", path+"/imports", obj{"dry_run": true, "on_duplicate": "skip"}); len(got.text("import_id")) != 36 {
		t.Errorf("asked for: %s", got.body)
	}
	c.ok("POST", path+"/resync", nil)
	c.ok("GET", path+"/conflicts", nil)
	keys, err := w.cfg.Vault.Existing(t.Context(), c.org, []uuid.UUID{uuid.MustParse(bob.text("id"))})
	check(t, err)
	sealed := func(value string) (out string) {
		for _, key := range keys {
			s, err := key.Seal(integrations.ConflictField, []byte(value))
			check(t, err)
			b, err := es.Marshal(events.Sealed(s))
			check(t, err)
			out = string(b)
		}
		return out
	}
	_, err = w.db.Pools.Projector.Exec(t.Context(), `insert into integrations.conflicts (org_id, connection_id, lead_id, field, ours, theirs, kept, rule, at) values ($1, $2, $3, 'job_title', $4, $5, 'ours', 'newest', now())`,
		c.org, id, bob.text("id"), sealed("CEO"), sealed("CTO"))
	check(t, err)
	choice := obj{"lead_id": bob.text("id"), "field": "job_title", "keep": "theirs"}
	chosen := c.ok("POST", path+"/resolve", choice)
	if got := c.ok("GET", "/v1/leads/"+bob.text("id"), nil, "Outrider-Position", chosen.header.Get("Outrider-Position")); got.text("job_title") != "CTO" {
		t.Errorf("the chosen value isn't the lead's: %s", got.body)
	}
	choice["keep"] = "neither"
	c.refused(422, "invalid", "POST", path+"/resolve", choice)
	c.refused(404, "not_found", "POST", path+"/resolve", obj{"lead_id": bob.text("id"), "field": "first_name", "keep": "ours"})

	target := w.cfg.BaseURL + "/v1/integration-events/hubspot"
	for _, n := range there.Notifications(target, true, true) {
		if status, err := n.Post(http.DefaultClient, w.urls[len(w.urls)-1]+"/v1/integration-events/hubspot"); err != nil || status != 204 {
			t.Errorf("a notification is answered %d, %v", status, err)
		}
	}
	if len(heard) != 1 || !strings.HasPrefix(heard[0], "hubspot 4711 ") || strings.Count(heard[0], ",") != 1 {
		t.Errorf("heard %v", heard)
	}
	there.Put("ann@example.com", map[string]string{"city": "Rome"})
	for _, n := range there.Notifications("https://elsewhere.test/", false, false) {
		if status, _ := n.Post(http.DefaultClient, w.urls[len(w.urls)-1]+"/v1/integration-events/hubspot"); status != 401 {
			t.Errorf("another's signature is answered %d", status)
		}
	}
}
