package events

import "github.com/google/uuid"

// Built-in roles of members; what each may do is the edge's (identity.Permissions).
const (
	RoleOwner  = "owner"
	RoleAdmin  = "admin"
	RoleMember = "member"
)

// MemberRef names a person who works in the organisation. People are global: the same id stands in all organisations of a person.
type MemberRef struct {
	PersonID uuid.UUID `json:"person_id"`
}

func (r MemberRef) AggregateID() string { return r.PersonID.String() }

// MemberJoined makes a person a member: who founded the organisation, or accepted an invitation.
type MemberJoined struct {
	MemberRef
	InvitationID uuid.UUID `json:"invitation_id,omitzero"` // zero = who founded it
	Role         string    `json:"role"`
	AddressHash  string    `json:"address_hash"`
	Profile      Sealed    `json:"profile"` // a JSON object {email, first_name, last_name}, under the person's key
}

func (MemberJoined) EventType() string { return "member.joined.v1" }

// MemberRoleChanged gives a member another role.
type MemberRoleChanged struct {
	MemberRef
	Role string `json:"role"`
}

func (MemberRoleChanged) EventType() string { return "member.role_changed.v1" }

// MemberLeft: of one's own will.
type MemberLeft struct {
	MemberRef
}

func (MemberLeft) EventType() string { return "member.left.v1" }

// MemberRemoved: by somebody else.
type MemberRemoved struct {
	MemberRef
}

func (MemberRemoved) EventType() string { return "member.removed.v1" }

// OwnershipTransferred makes a member an owner and an owner an admin, in one.
type OwnershipTransferred struct {
	MemberRef           // the new owner
	From      uuid.UUID `json:"from"`
}

func (OwnershipTransferred) EventType() string { return "ownership.transferred.v1" }

// What happened to a member's second factor.
const (
	SecondFactorOn           = "turned_on"
	SecondFactorOff          = "turned_off"
	SecondFactorRecoveryUsed = "recovery_code_used"
	SecondFactorCodesRenewed = "recovery_codes_renewed"
)

// MemberSecondFactorChanged: a member signs in by a code beside the password from now on, or no longer, or used one of the codes on paper.
type MemberSecondFactorChanged struct {
	MemberRef
	Change string `json:"change"`
}

func (MemberSecondFactorChanged) EventType() string { return "member.second_factor_changed.v1" }

// Why a session was ended without its member asking for it.
const SessionReplayed = "refresh_token_replayed" // two have the token, so one of them has stolen it

// MemberSessionEnded says that a session was ended for the member's safety.
type MemberSessionEnded struct {
	MemberRef
	SessionID uuid.UUID `json:"session_id"`
	Reason    string    `json:"reason"`
}

func (MemberSessionEnded) EventType() string { return "member.session_ended.v1" }
