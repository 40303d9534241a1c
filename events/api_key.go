package events

import (
	"time"

	"github.com/google/uuid"
)

// APIKeyIssued: the key's hash is in the identity module, never here.
type APIKeyIssued struct {
	KeyID     uuid.UUID `json:"key_id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
}

func (APIKeyIssued) EventType() string     { return "api_key.issued.v1" }
func (e APIKeyIssued) AggregateID() string { return e.KeyID.String() }

// APIKeyRevoked ends a key for good.
type APIKeyRevoked struct {
	KeyID uuid.UUID `json:"key_id"`
}

func (APIKeyRevoked) EventType() string     { return "api_key.revoked.v1" }
func (e APIKeyRevoked) AggregateID() string { return e.KeyID.String() }
