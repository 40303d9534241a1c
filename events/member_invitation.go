package events

import (
	"time"

	"github.com/google/uuid"
)

// InvitationRef names an invitation of somebody who isn't a member yet.
type InvitationRef struct {
	InvitationID uuid.UUID `json:"invitation_id"`
}

func (r InvitationRef) AggregateID() string { return r.InvitationID.String() }

// MemberInvited: the link that accepts it goes out by mail and is never here.
type MemberInvited struct {
	InvitationRef
	AddressHash string    `json:"address_hash"`
	Details     Sealed    `json:"details"` // a JSON object {email}, under the invitation's key
	Role        string    `json:"role"`
	ExpiresAt   time.Time `json:"expires_at"`
}

func (MemberInvited) EventType() string { return "member.invited.v1" }

// MemberInvitationRenewed: a new link replaces the old one.
type MemberInvitationRenewed struct {
	InvitationRef
	ExpiresAt time.Time `json:"expires_at"`
}

func (MemberInvitationRenewed) EventType() string { return "member.invitation_renewed.v1" }

// MemberInvitationWithdrawn ends an invitation that nobody has accepted.
type MemberInvitationWithdrawn struct {
	InvitationRef
}

func (MemberInvitationWithdrawn) EventType() string { return "member.invitation_withdrawn.v1" }
