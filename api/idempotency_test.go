package api_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
)

// slowGateway sends commands and doesn't wait long enough for any answer.
type slowGateway struct{ api.Gateway }

func (g slowGateway) Submit(ctx context.Context, c *es.Command) (es.Answer, error) {
	if _, err := g.Gateway.Submit(ctx, c); err != nil {
		return es.Answer{}, err
	}
	return es.Answer{}, fmt.Errorf("command %s: %w", c.ID, gateway.ErrPending)
}

// pending makes a lead through a server that gives up waiting, and gives the id of the operation.
func (c *client) pending(key string) string {
	c.t.Helper()
	c.serve(func(cfg *api.Config) { cfg.Commands = slowGateway{cfg.Commands} })
	a := c.do("POST", "/v1/leads", obj{"email": key + "@example.com"}, "Idempotency-Key", key)
	c.mu.Lock()
	c.urls = c.urls[:len(c.urls)-1]
	c.mu.Unlock()
	if a.status != 202 || a.text("status") != "pending" || a.header.Get("Location") != "/v1/operations/"+a.text("id") || a.header.Get("Retry-After") == "" {
		c.t.Fatalf("got %d %v %s", a.status, a.header, a.body)
	}
	return a.text("id")
}

func TestSlowAnswersBecomeOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("enterprise")
	id := c.pending("slow")
	op := c.ok("GET", "/v1/operations/"+id, nil)
	if op.text("status") != "accepted" || op.text("subject") == "" {
		t.Errorf("got %s", op.body)
	}
	c.ok("GET", "/v1/leads/"+op.text("subject"), nil, "Outrider-Position", op.header.Get("Outrider-Position"))
	if again := c.ok("POST", "/v1/leads", obj{"email": "slow@example.com"}, "Idempotency-Key", "slow"); again.status != 201 || again.text("id") != op.text("subject") {
		t.Errorf("the repeat: %d %s", again.status, again.body)
	}
	c.refused(409, "already_exists", "POST", "/v1/leads", obj{"email": "slow@example.com"}, "Idempotency-Key", "other")
	c.refused(404, "not_found", "GET", "/v1/operations/"+uuid.NewString(), nil)
}

// TestTheSameKeyGivesTheSamePosition repeats a request at a server that, unlike the first, hasn't told of the address' domain yet.
func TestTheSameKeyGivesTheSamePosition(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serve(nil)
	c := w.tenant("starter")
	c.ok("POST", "/v1/leads", obj{"email": "ann@lower.example.com"})
	first := c.ok("POST", "/v1/leads", obj{"email": "bob@lower.example.com"}, "Idempotency-Key", "bob")
	w.serve(nil)
	again := c.ok("POST", "/v1/leads", obj{"email": "bob@lower.example.com"}, "Idempotency-Key", "bob")
	if at, was := again.header.Get("Outrider-Position"), first.header.Get("Outrider-Position"); at != was || at == "" {
		t.Errorf("the repeat was answered at %q, the first at %q", at, was)
	}
}

func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveImports()
	c := w.tenant("starter")
	lead := obj{"email": "bob@example.com"}
	campaign := obj{"name": "Spring", "steps": []obj{{"variants": []obj{{"subject": "s", "body": "b"}, {"subject": "t", "body": "c", "weight": 0}}}}}
	for name, body := range map[string]any{"/v1/leads": lead, "/v1/campaigns": campaign, "/v1/suppressions": obj{"items": []obj{{"kind": "address", "value": "X@Example.org"}}}, "/v1/imports": form("Email\n")} {
		headers := []string{"Idempotency-Key", "k-" + name}
		if name == "/v1/imports" {
			headers = append(headers, "Content-Type", formType)
		}
		first := c.ok("POST", name, body, headers...)
		again := c.ok("POST", name, body, headers...)
		if first.status != again.status || !bytes.Equal(first.body, again.body) || first.header.Get("Outrider-Position") != again.header.Get("Outrider-Position") || first.header.Get("Location") != again.header.Get("Location") {
			t.Errorf("%s: got first\n%d %s\nthen\n%d %s", name, first.status, first.body, again.status, again.body)
		}
		other := any(obj{"email": "eve@example.com"})
		switch name {
		case "/v1/campaigns":
			other = obj{"name": "Fall"}
		case "/v1/suppressions":
			other = obj{"items": []obj{{"kind": "address", "value": "y@example.org"}}}
		case "/v1/imports":
			other = form("Email\na@example.com\n")
		}
		c.refused(422, "idempotency_key_reused", "POST", name, other, headers...)
	}
	first := c.refused(409, "already_exists", "POST", "/v1/leads", lead, "Idempotency-Key", "dup")
	c.ok("DELETE", "/v1/leads/"+first.text("id"), nil)
	if again := c.refused(409, "already_exists", "POST", "/v1/leads", lead, "Idempotency-Key", "dup"); again.text("id") != first.text("id") {
		t.Errorf("a refusal changed from %s to %s", first.body, again.body)
	}
	c.ok("POST", "/v1/leads", lead, "Idempotency-Key", "fresh")
	neighbour := w.tenant("starter")
	neighbour.ok("POST", "/v1/leads", obj{"email": "other@example.com"}, "Idempotency-Key", "k-/v1/leads")
	once := c.ok("POST", "/v1/api-keys", obj{"name": "k", "scopes": []string{"leads:read"}}, "Idempotency-Key", "key")
	twice := c.ok("POST", "/v1/api-keys", obj{"name": "k", "scopes": []string{"leads:read"}}, "Idempotency-Key", "key")
	if once.text("token") == "" || twice.text("token") != "" || once.text("id") != twice.text("id") {
		t.Errorf("got %s then %s", once.body, twice.body)
	}
	(&client{world: w, key: once.text("token")}).ok("GET", "/v1/leads", nil)
}
