package events

import (
	"time"
)

// APIKeyIssued: the key's hash is in the identity module, never here.
type APIKeyIssued struct {
	APIKeyRef
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
}

func (APIKeyIssued) EventType() string { return "api_key.issued.v1" }

// APIKeyRevoked ends a key for good.
type APIKeyRevoked struct {
	APIKeyRef
}

func (APIKeyRevoked) EventType() string { return "api_key.revoked.v1" }
