package events

import (
	"time"

	"github.com/google/uuid"
)

// APIKeyIssuedV1 is of a key that belongs to the organisation and may be used from anywhere.
type APIKeyIssuedV1 struct {
	KeyID     uuid.UUID `json:"key_id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
}

func (APIKeyIssuedV1) EventType() string     { return "api_key.issued.v1" }
func (e APIKeyIssuedV1) AggregateID() string { return e.KeyID.String() }

// Upcast lets it be the organisation's.
func (e APIKeyIssuedV1) Upcast() Event {
	return APIKeyIssued{APIKeyRef: APIKeyRef{KeyID: e.KeyID}, Name: e.Name, Scopes: e.Scopes, ExpiresAt: e.ExpiresAt}
}
