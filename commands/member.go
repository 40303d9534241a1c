package commands

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// Founder is who an organisation begins with, its first owner.
type Founder struct {
	PersonID    uuid.UUID     `json:"person_id"`
	AddressHash string        `json:"address_hash"`
	Profile     events.Sealed `json:"profile"`
}

// FoundOrganization creates an organisation that somebody owns: who signs up.
type FoundOrganization struct {
	CreateOrganization
	Founder Founder `json:"founder"`
}

func (FoundOrganization) CommandType() string { return "organization.found.v1" }

// Decide makes the organisation and its first owner in one.
func (c FoundOrganization) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	f := c.Founder
	if err := checkPerson(f.PersonID, f.AddressHash, f.Profile); err != nil {
		return nil, err
	}
	made, err := c.CreateOrganization.Decide(now, o)
	if err != nil || len(made) == 0 {
		return nil, err
	}
	return append(made, events.MemberJoined{MemberRef: events.MemberRef{PersonID: f.PersonID}, Role: events.RoleOwner, AddressHash: f.AddressHash, Profile: f.Profile}), nil
}

func checkPerson(id uuid.UUID, hash string, profile events.Sealed) error {
	switch _, ok := aggregates.ParseHash(hash); {
	case id == uuid.Nil:
		return errInvalid("person_id", "is missing")
	case !ok:
		return errInvalid("address_hash", reasonHash)
	case profile.IsZero():
		return errInvalid("profile", "is missing")
	}
	return nil
}

func checkRole(o *aggregates.Organization, role string) error {
	if !o.Members.HasRole(role) {
		return errInvalid("role", "must be owner, admin, member or the id of a role of this organisation")
	}
	return nil
}

// ChangeMemberRole gives a member another role. Who asks has at least its permissions: the edge sees to that.
type ChangeMemberRole struct {
	PersonID uuid.UUID `json:"person_id"`
	Role     string    `json:"role"`
}

func (ChangeMemberRole) CommandType() string { return "member.change_role.v1" }

// Decide keeps an owner.
func (c ChangeMemberRole) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkRole(o, c.Role); err != nil {
		return nil, err
	}
	switch is := o.Members.RoleOf(c.PersonID); {
	case is == "":
		return nil, errNotFound(c.PersonID)
	case is == c.Role:
		return nil, nil
	case o.Members.SeatPaused(c.PersonID):
		return nil, refuseAbout(c.PersonID, CodeWrongStatus, detailStatus{c.PersonID, "paused"})
	}
	if err := keepOwner(o, c.PersonID); err != nil {
		return nil, err
	}
	return oneEvent(events.MemberRoleChanged{MemberRef: events.MemberRef{PersonID: c.PersonID}, Role: c.Role})
}

// keepOwner refuses to lose the last owner.
func keepOwner(o *aggregates.Organization, person uuid.UUID) error {
	if o.Members.RoleOf(person) != events.RoleOwner || o.Members.HasOtherOwner(person) {
		return nil
	}
	return refuseAbout(person, CodeLastOwner, detailID{person})
}

// RemoveMember ends somebody's membership.
type RemoveMember struct {
	PersonID uuid.UUID `json:"person_id"`
}

func (RemoveMember) CommandType() string { return "member.remove.v1" }

// Decide keeps an owner.
func (c RemoveMember) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return endMembership(o, c.PersonID, events.MemberRemoved{MemberRef: events.MemberRef{PersonID: c.PersonID}})
}

// endMembership is of a member, and not of the last owner.
func endMembership(o *aggregates.Organization, person uuid.UUID, ended events.Event) ([]events.Event, error) {
	if o.Members.RoleOf(person) == "" {
		return nil, errNotFound(person)
	}
	if err := keepOwner(o, person); err != nil {
		return nil, err
	}
	return oneEvent(ended)
}

// LeaveOrganization ends one's own membership.
type LeaveOrganization struct {
	PersonID uuid.UUID `json:"person_id"`
}

func (LeaveOrganization) CommandType() string { return "member.leave.v1" }

// Decide keeps an owner.
func (c LeaveOrganization) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return endMembership(o, c.PersonID, events.MemberLeft{MemberRef: events.MemberRef{PersonID: c.PersonID}})
}

// TransferOwnership makes a member the owner in place of another.
type TransferOwnership struct {
	From uuid.UUID `json:"from"`
	To   uuid.UUID `json:"to"`
}

func (TransferOwnership) CommandType() string { return "ownership.transfer.v1" }

// Decide needs an owner to give it and a member to take it.
func (c TransferOwnership) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch is := o.Members.RoleOf(c.From); {
	case o.Members.RoleOf(c.To) == "":
		return nil, errNotFound(c.To)
	case o.Members.SeatPaused(c.To):
		return nil, refuseAbout(c.To, CodeWrongStatus, detailStatus{c.To, "paused"})
	case is == "":
		return nil, errNotFound(c.From)
	case c.From == c.To:
		return nil, errInvalid("to", "is the owner already")
	case is != events.RoleOwner:
		return nil, refuseAbout(c.From, CodeWrongStatus, detailStatus{c.From, is})
	}
	return oneEvent(events.OwnershipTransferred{MemberRef: events.MemberRef{PersonID: c.To}, From: c.From})
}

// RecordSessionEnd says that a session was ended for the member's safety; the edge has ended it.
type RecordSessionEnd struct {
	PersonID  uuid.UUID `json:"person_id"`
	SessionID uuid.UUID `json:"session_id"`
	Reason    string    `json:"reason"`
}

func (RecordSessionEnd) CommandType() string { return "member.record_session_end.v1" }

// Decide refuses who is no member any more.
func (c RecordSessionEnd) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.Reason != events.SessionReplayed:
		return nil, errInvalid("reason", "must be "+events.SessionReplayed)
	case c.SessionID == uuid.Nil:
		return nil, errInvalid("session_id", "is missing")
	case o.Members.RoleOf(c.PersonID) == "":
		return nil, errNotFound(c.PersonID)
	}
	return oneEvent(events.MemberSessionEnded{MemberRef: events.MemberRef{PersonID: c.PersonID}, SessionID: c.SessionID, Reason: c.Reason})
}

// RecordSecondFactorChange says what happened to a member's second factor; the edge has done it.
type RecordSecondFactorChange struct {
	PersonID uuid.UUID `json:"person_id"`
	Change   string    `json:"change"`
}

func (RecordSecondFactorChange) CommandType() string { return "member.record_second_factor_change.v1" }

// Decide refuses who is no member any more.
func (c RecordSecondFactorChange) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case !slices.Contains([]string{events.SecondFactorOn, events.SecondFactorOff, events.SecondFactorRecoveryUsed, events.SecondFactorCodesRenewed}, c.Change):
		return nil, errInvalid("change", "must be turned_on, turned_off, recovery_code_used or recovery_codes_renewed")
	case o.Members.RoleOf(c.PersonID) == "":
		return nil, errNotFound(c.PersonID)
	}
	return oneEvent(events.MemberSecondFactorChanged{MemberRef: events.MemberRef{PersonID: c.PersonID}, Change: c.Change})
}
