package chaos

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// tenant is an organisation with a key for all of it, and a campaign.
type tenant struct {
	id       uuid.UUID
	key      string
	campaign uuid.UUID
	position string // of its newest set-up

	mu       sync.Mutex
	asked    int               // quota operations
	leads    []uuid.UUID       // some of them
	messages []receivedMessage // that its people have
	looked   time.Time         // for messages
	boxes    []uuid.UUID       // that were connected and not removed
}

// receivedMessage is a message that somebody has.
type receivedMessage struct{ id, lead uuid.UUID }

// createTenant creates an organisation as an operator does, and a campaign in it.
func (c *client) createTenant(ctx context.Context, plan string) (*tenant, error) {
	t := &tenant{}
	slug := c.l.nextName("tenant")
	var made struct{ ID uuid.UUID }
	if _, err := c.mustAsk(ctx, request{what: "create organisation", method: http.MethodPost, path: "/v1/organizations", key: c.l.platform, scope: es.SystemOrg,
		body: encodeBody(map[string]any{"slug": slug, "name": slug, "plan": plan, "time_zone": zoneName, "postal_address": "Chaos GmbH, 1 Main Street, 10115 Berlin, Germany", "trial_days": 0})}, &made); err != nil {
		return nil, err
	}
	t.id = made.ID
	var key struct{ Token string }
	for key.Token == "" { // shown only once: whose answer got lost asks for another
		r := request{what: "issue key", method: http.MethodPost, path: "/v1/api-keys", key: c.l.platform, org: t.id, scope: es.DeriveID(es.SystemOrg, "platform", t.id.String()),
			body: encodeBody(map[string]any{"organization_id": t.id, "name": "chaos", "scopes": clientScopes()})}
		if _, err := c.mustAsk(ctx, r, &key); err != nil {
			return nil, err
		}
	}
	t.key = key.Token
	var campaign struct{ ID uuid.UUID }
	position, err := c.mustAsk(ctx, t.writeAsTenant("create campaign", http.MethodPost, "/v1/campaigns", campaignBody()), &campaign)
	t.campaign, t.position = campaign.ID, position
	if err != nil {
		return nil, err
	}
	// Until the read model knows the plan, requests of a minute are a newcomer's.
	_, err = c.mustAsk(ctx, request{what: "read organisation", method: http.MethodGet, path: "/v1/organizations/" + t.id.String(), key: t.key, org: t.id, position: position}, nil)
	return t, err
}

func (t *tenant) writeAsTenant(what, method, path string, body any) request {
	r := request{what: what, method: method, path: path, key: t.key, org: t.id}
	if body != nil {
		r.body = encodeBody(body)
	}
	return r
}
