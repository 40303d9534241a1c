package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"outrider/events"
)

func TestAWebhooksSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	made := c.ok("POST", "/v1/webhooks", obj{"url": "https://hooks.example.com/x", "name": "CRM", "types": []string{"message.replied"}}, "Idempotency-Key", "one")
	id, secret := made.text("id"), made.text("secret")
	if !strings.HasPrefix(secret, "whsec_") || len(secret) < 32+len("whsec_") {
		t.Fatalf("its secret is %q", secret)
	}
	path, at := "/v1/webhooks/"+id, made.header.Get("Outrider-Position")
	shownNowhere := func(secret string) {
		t.Helper()
		for name, got := range map[string]answer{"the webhook": c.ok("GET", path, nil, "Outrider-Position", at), "the list": c.ok("GET", "/v1/webhooks", nil), "a change": c.ok("PATCH", path, obj{"name": "CRM"})} {
			if strings.Contains(string(got.body), secret) {
				t.Errorf("%s shows the secret: %s", name, got.body)
			}
		}
		for _, e := range w.eventsOf(c.org) {
			if strings.Contains(string(e.Data), secret) {
				t.Errorf("%s holds the secret", e.Type)
			}
		}
	}
	shownNowhere(secret)
	if again := c.ok("POST", "/v1/webhooks", obj{"url": "https://hooks.example.com/x", "name": "CRM", "types": []string{"message.replied"}}, "Idempotency-Key", "one"); again.text("id") != id {
		t.Errorf("asked twice it is another: %s", again.body)
	}

	turned := c.ok("POST", path+"/rotate-secret", obj{"overlap_minutes": 60})
	next := turned.text("secret")
	until, err := time.Parse(time.RFC3339, turned.text("old_secret_until"))
	check(t, err)
	if at = turned.header.Get("Outrider-Position"); next == secret || !strings.HasPrefix(next, "whsec_") || until.Sub(w.clock.now()) > time.Hour || until.Sub(w.clock.now()) < 30*time.Minute {
		t.Errorf("rotated: %s", turned.body)
	}
	shownNowhere(next)
}

func TestWhatWebhooksAreAskedFor(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	for name, bad := range map[string]obj{"url": {"url": "ftp://hooks.example.com/"}, "types.1": {"url": "https://hooks.example.com/", "types": []string{"message.replied", "nothing.happened"}}} {
		if got := c.refused(422, "invalid", "POST", "/v1/webhooks", bad); !strings.Contains(string(got.body), name) {
			t.Errorf("%s isn't named: %s", name, got.body)
		}
	}
	// who may not see people may not have them told elsewhere, nor have what tells of them go elsewhere
	blind, _ := c.issued(obj{"name": "blind", "scopes": []string{"webhooks:manage"}})
	blind.refused(403, "forbidden", "POST", "/v1/webhooks", obj{"url": "https://hooks.example.com/", "personal": true})
	blind.refused(403, "forbidden", "POST", "/v1/hooks", obj{"target_url": "https://hooks.example.com/", "event": "lead.created", "personal": true})
	made := c.ok("POST", "/v1/webhooks", obj{"url": "https://hooks.example.com/", "personal": true})
	path, at := "/v1/webhooks/"+made.text("id"), made.header.Get("Outrider-Position")
	blind.refused(403, "forbidden", "PATCH", path, obj{"url": "https://evil.example.com/"}, "Outrider-Position", at)
	blind.ok("PATCH", path, obj{"name": "renamed"}, "Outrider-Position", at)

	from, to := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339)
	c.ok("POST", path+"/test", nil)
	c.ok("POST", path+"/replays", obj{"from": from, "to": to})
	c.refused(422, "invalid", "POST", path+"/replays", obj{"from": to, "to": from})
	if n := len(c.ok("GET", path+"/deliveries", nil).list("data")); n != 0 {
		t.Errorf("%d deliveries, and nothing runs that queues any", n)
	}
	var asked []string
	for _, e := range w.eventsOf(c.org) {
		asked = append(asked, e.Type)
	}
	for _, want := range []string{events.WebhookTested{}.EventType(), events.WebhookReplayRequested{}.EventType()} {
		if !slices.Contains(asked, want) {
			t.Errorf("%s didn't happen: %v", want, asked)
		}
	}
	if got := c.ok("PATCH", path, obj{"enabled": false}); got.json["enabled"] != false || got.text("off_reason") == "" {
		t.Errorf("switched off: %s", got.body)
	}
	if got := c.ok("PATCH", path, obj{"enabled": true}); got.json["enabled"] != true {
		t.Errorf("switched on: %s", got.body)
	}
}

// A program subscribes with a sample in its hands: what it is shown is what it gets.
func TestRESTHooks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	types := map[string]map[string]any{}
	for _, x := range c.ok("GET", "/v1/webhook-types", nil).list("data") {
		k := x.(map[string]any)
		types[k["name"].(string)] = k["sample"].(map[string]any)
	}
	for _, name := range []string{"lead.created", "message.sent", "message.replied", "meeting.booked"} {
		if s := types[name]; s["type"] != name || s["data"] == nil || s["id"] == nil || s["timestamp"] == nil {
			t.Errorf("the sample of %s is %v", name, s)
		}
	}
	c.refused(422, "invalid", "POST", "/v1/hooks", obj{"target_url": "https://hooks.example.com/", "event": "lead.vanished"})
	hook := c.ok("POST", "/v1/hooks", obj{"target_url": "https://hooks.example.com/", "event": "lead.created"})
	if hook.status != 201 || hook.text("event") != "lead.created" || !strings.HasPrefix(hook.text("secret"), "whsec_") {
		t.Errorf("subscribed: %d %s", hook.status, hook.body)
	}
	gone := c.ok("DELETE", "/v1/hooks/"+hook.text("id"), nil)
	c.refused(404, "not_found", "GET", "/v1/webhooks/"+hook.text("id"), nil, "Outrider-Position", gone.header.Get("Outrider-Position"))
}
