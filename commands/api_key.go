package commands

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// IssueAPIKey is sent after the edge has stored the key's hash.
type IssueAPIKey struct {
	KeyID     uuid.UUID `json:"key_id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
}

func (IssueAPIKey) CommandType() string { return "api_key.issue.v1" }

// Decide identifies a key by its id.
func (c IssueAPIKey) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if k := o.Keys[c.KeyID]; k != nil {
		if k.Same(c.Name, c.Scopes, c.ExpiresAt.Truncate(time.Microsecond)) {
			return nil, nil
		}
		return nil, errAlreadyExists(c.KeyID)
	}
	switch {
	case c.KeyID == uuid.Nil:
		return nil, errInvalid("key_id", "is missing")
	case len(c.Scopes) == 0 || len(c.Scopes) > 50 || slices.ContainsFunc(c.Scopes, func(s string) bool { return s == "" || len(s) > 64 }):
		return nil, errInvalid("scopes", "must be 1 to 50 names of at most 64 bytes")
	case !c.ExpiresAt.IsZero() && !c.ExpiresAt.After(now):
		return nil, errInvalid("expires_at", "is past")
	}
	if err := checkText("name", c.Name, 1, 200); err != nil {
		return nil, err
	}
	return oneEvent(events.APIKeyIssued{APIKeyRef: events.APIKeyRef{KeyID: c.KeyID}, Name: c.Name, Scopes: c.Scopes, ExpiresAt: c.ExpiresAt.UTC().Truncate(time.Microsecond)})
}

// RevokeAPIKey ends a key.
type RevokeAPIKey struct {
	KeyID uuid.UUID `json:"key_id"`
}

func (RevokeAPIKey) CommandType() string { return "api_key.revoke.v1" }

// Decide revokes for good.
func (c RevokeAPIKey) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	k := o.Keys[c.KeyID]
	switch {
	case k == nil:
		return nil, errNotFound(c.KeyID)
	case k.Revoked:
		return nil, nil
	}
	return oneEvent(events.APIKeyRevoked{APIKeyRef: events.APIKeyRef{KeyID: c.KeyID}})
}
