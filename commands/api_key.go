package commands

import (
	"time"

	"github.com/google/uuid"
)

// IssueAPIKey is sent after the edge has stored the key's hash.
type IssueAPIKey struct {
	KeyID     uuid.UUID `json:"key_id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
}

func (IssueAPIKey) CommandType() string { return "api_key.issue.v1" }

// RevokeAPIKey ends a key.
type RevokeAPIKey struct {
	KeyID uuid.UUID `json:"key_id"`
}

func (RevokeAPIKey) CommandType() string { return "api_key.revoke.v1" }
