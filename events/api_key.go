package events

import (
	"time"

	"github.com/google/uuid"
)

// APIKeyIssued: the key's hash is in the identity module, never here, and so are the networks that it may be used from.
type APIKeyIssued struct {
	APIKeyRef
	PersonID  uuid.UUID `json:"person_id,omitzero"` // whose it is; zero = the organisation's
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
	Networks  int       `json:"networks,omitzero"`   // how many it may be used from; 0 = from anywhere
}

func (APIKeyIssued) EventType() string { return "api_key.issued.v2" }

// APIKeyRotated: the key has another secret.
type APIKeyRotated struct {
	APIKeyRef
	RotationID uuid.UUID `json:"rotation_id"`
	OldUntil   time.Time `json:"old_until"` // until when the secret before is taken
}

func (APIKeyRotated) EventType() string { return "api_key.rotated.v1" }

// APIKeyNetworksChanged says from where the key may be used from now on; from where exactly, the identity module knows.
type APIKeyNetworksChanged struct {
	APIKeyRef
	ChangeID uuid.UUID `json:"change_id"`
	Networks int       `json:"networks"` // how many; 0 = from anywhere
}

func (APIKeyNetworksChanged) EventType() string { return "api_key.networks_changed.v1" }

// APIKeyRevoked ends a key for good.
type APIKeyRevoked struct {
	APIKeyRef
}

func (APIKeyRevoked) EventType() string { return "api_key.revoked.v1" }
