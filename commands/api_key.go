package commands

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// Bounds of keys.
const (
	MaxKeyNetworks = 50
	MaxKeyOverlap  = 30 * 24 * time.Hour // that a secret is taken after another has replaced it
)

// IssueAPIKey is sent after the edge has stored the key's hash.
type IssueAPIKey struct {
	KeyID     uuid.UUID `json:"key_id"`
	PersonID  uuid.UUID `json:"person_id,omitzero"` // whose it is; zero = the organisation's
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero = never
	Networks  int       `json:"networks,omitzero"`   // how many it may be used from; 0 = from anywhere
}

func (IssueAPIKey) CommandType() string { return "api_key.issue.v2" }

// Decide identifies a key by its id.
func (c IssueAPIKey) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if k := o.Keys[c.KeyID]; k != nil {
		if k.Same(c.PersonID, c.Name, c.Scopes, c.ExpiresAt.Truncate(time.Microsecond), c.Networks) {
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
	case c.Networks < 0 || c.Networks > MaxKeyNetworks:
		return nil, errInvalid("networks", "must be 0 to 50")
	case c.PersonID != uuid.Nil && o.Members.RoleOf(c.PersonID) == "":
		return nil, errInvalid("person_id", "is no member")
	}
	if err := checkText("name", c.Name, 1, 200); err != nil {
		return nil, err
	}
	return oneEvent(events.APIKeyIssued{APIKeyRef: events.APIKeyRef{KeyID: c.KeyID}, PersonID: c.PersonID, Name: c.Name, Scopes: c.Scopes, ExpiresAt: c.ExpiresAt.UTC().Truncate(time.Microsecond), Networks: c.Networks})
}

// RotateAPIKey is sent after the edge has stored the hash of the new secret.
type RotateAPIKey struct {
	KeyID      uuid.UUID `json:"key_id"`
	RotationID uuid.UUID `json:"rotation_id"`
	OldUntil   time.Time `json:"old_until"` // until when the secret before is taken
}

func (RotateAPIKey) CommandType() string { return "api_key.rotate.v1" }

// Decide refuses a key that has ended.
func (c RotateAPIKey) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	k := o.Keys[c.KeyID]
	switch {
	case k == nil:
		return nil, errNotFound(c.KeyID)
	case c.RotationID == uuid.Nil:
		return nil, errInvalid("rotation_id", "is missing")
	case k.Rotation == c.RotationID:
		return nil, nil
	case k.Revoked:
		return nil, refuseAbout(c.KeyID, CodeWrongStatus, detailStatus{c.KeyID, "revoked"})
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return nil, refuseAbout(c.KeyID, CodeWrongStatus, detailStatus{c.KeyID, "expired"})
	case c.OldUntil.After(now.Add(MaxKeyOverlap + time.Hour)): // clocks differ
		return nil, errInvalid("old_until", "is more than 30 days away")
	}
	return oneEvent(events.APIKeyRotated{APIKeyRef: events.APIKeyRef{KeyID: c.KeyID}, RotationID: c.RotationID, OldUntil: c.OldUntil.UTC().Truncate(time.Microsecond)})
}

// ChangeAPIKeyNetworks is sent after the edge has stored from where the key may be used.
type ChangeAPIKeyNetworks struct {
	KeyID    uuid.UUID `json:"key_id"`
	ChangeID uuid.UUID `json:"change_id"`
	Networks int       `json:"networks"` // how many; 0 = from anywhere
}

func (ChangeAPIKeyNetworks) CommandType() string { return "api_key.change_networks.v1" }

// Decide refuses a key that has ended.
func (c ChangeAPIKeyNetworks) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	k := o.Keys[c.KeyID]
	switch {
	case k == nil:
		return nil, errNotFound(c.KeyID)
	case c.ChangeID == uuid.Nil:
		return nil, errInvalid("change_id", "is missing")
	case c.Networks < 0 || c.Networks > MaxKeyNetworks:
		return nil, errInvalid("networks", "must be 0 to 50")
	case k.NetworksChange == c.ChangeID:
		return nil, nil
	case k.Revoked:
		return nil, refuseAbout(c.KeyID, CodeWrongStatus, detailStatus{c.KeyID, "revoked"})
	}
	return oneEvent(events.APIKeyNetworksChanged{APIKeyRef: events.APIKeyRef{KeyID: c.KeyID}, ChangeID: c.ChangeID, Networks: c.Networks})
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
