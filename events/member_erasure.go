package events

import "github.com/google/uuid"

// MemberErased ends what the organisation knows of a person who has asked to be forgotten: their membership, if they were one still, and
// the keys of what the log says of them.
type MemberErased struct {
	MemberRef
	Invitations []uuid.UUID `json:"invitations,omitzero"` // to their address, accepted or not
}

func (MemberErased) EventType() string { return "member.erased.v1" }
