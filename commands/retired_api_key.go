package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// IssueAPIKeyV1 is IssueAPIKey of a key that belongs to the organisation and may be used from anywhere.
type IssueAPIKeyV1 struct {
	KeyID     uuid.UUID `json:"key_id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
}

func (IssueAPIKeyV1) CommandType() string { return "api_key.issue.v1" }

// Decide lets it be the organisation's.
func (c IssueAPIKeyV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return IssueAPIKey{KeyID: c.KeyID, Name: c.Name, Scopes: c.Scopes, ExpiresAt: c.ExpiresAt}.Decide(now, o)
}
