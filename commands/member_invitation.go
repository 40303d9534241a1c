package commands

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// InvitationTime is how long an invitation can be accepted.
	InvitationTime = 7 * 24 * time.Hour
	// MaxInvitations bounds those of an organisation that can be accepted at a time.
	MaxInvitations = 200
)

// InviteMember asks somebody to become a member. Seats are taken by who accepts.
type InviteMember struct {
	InvitationID uuid.UUID     `json:"invitation_id"`
	AddressHash  string        `json:"address_hash"`
	Details      events.Sealed `json:"details"`
	Role         string        `json:"role"`
}

func (InviteMember) CommandType() string { return "member.invite.v1" }

// Decide knows an address by its hash: it is invited once, and not when it is a member's.
func (c InviteMember) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkPerson(c.InvitationID, c.AddressHash, c.Details); err != nil {
		return nil, err
	}
	if err := checkRole(o, c.Role); err != nil {
		return nil, err
	}
	hash, _ := aggregates.ParseHash(c.AddressHash)
	if i, ok := o.Members.Invitation(c.InvitationID); ok && i.Address == hash && i.Role == c.Role {
		return nil, nil
	}
	if person, ok := o.Members.WithAddress(hash); ok {
		return nil, errAlreadyExists(person)
	}
	if invitation, ok := o.Members.InvitationOf(hash, now); ok {
		return nil, errAlreadyExists(invitation)
	}
	if o.Members.Invited(now) >= MaxInvitations {
		return nil, errInvalid("email", strconv.Itoa(MaxInvitations)+" invitations are open; withdraw one, or wait until one expires")
	}
	return oneEvent(events.MemberInvited{InvitationRef: events.InvitationRef{InvitationID: c.InvitationID}, AddressHash: c.AddressHash, Details: c.Details, Role: c.Role, ExpiresAt: now.Add(InvitationTime)})
}

// RenewInvitation begins its time again; the edge sends a new link, and the old one is worth nothing.
type RenewInvitation struct {
	InvitationID uuid.UUID `json:"invitation_id"`
}

func (RenewInvitation) CommandType() string { return "member.renew_invitation.v1" }

// Decide renews expired ones, too.
func (c RenewInvitation) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Members.Invitation(c.InvitationID); !ok {
		return nil, errNotFound(c.InvitationID)
	}
	return oneEvent(events.MemberInvitationRenewed{InvitationRef: events.InvitationRef{InvitationID: c.InvitationID}, ExpiresAt: now.Add(InvitationTime)})
}

// WithdrawInvitation takes it back.
type WithdrawInvitation struct {
	InvitationID uuid.UUID `json:"invitation_id"`
}

func (WithdrawInvitation) CommandType() string { return "member.withdraw_invitation.v1" }

// Decide forgets it, so asking twice finds none.
func (c WithdrawInvitation) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Members.Invitation(c.InvitationID); !ok {
		return nil, errNotFound(c.InvitationID)
	}
	return oneEvent(events.MemberInvitationWithdrawn{InvitationRef: events.InvitationRef{InvitationID: c.InvitationID}})
}

// AcceptInvitation makes a person a member, if there is a seat.
type AcceptInvitation struct {
	InvitationID uuid.UUID     `json:"invitation_id"`
	PersonID     uuid.UUID     `json:"person_id"`
	AddressHash  string        `json:"address_hash"` // of the person: the one who was invited
	Profile      events.Sealed `json:"profile"`
}

func (AcceptInvitation) CommandType() string { return "member.accept_invitation.v1" }

// Decide takes a seat.
func (c AcceptInvitation) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkPerson(c.PersonID, c.AddressHash, c.Profile); err != nil {
		return nil, err
	}
	if o.Members.RoleOf(c.PersonID) != "" {
		return nil, nil
	}
	i, ok := o.Members.Invitation(c.InvitationID)
	hash, _ := aggregates.ParseHash(c.AddressHash)
	switch {
	case !ok || i.Address != hash:
		return nil, errNotFound(c.InvitationID)
	case i.Expired(now):
		return nil, refuseAbout(c.InvitationID, CodeWrongStatus, detailStatus{c.InvitationID, "expired"})
	}
	return takeSeat(now, o, events.MemberJoined{MemberRef: events.MemberRef{PersonID: c.PersonID}, InvitationID: c.InvitationID, Role: i.Role, AddressHash: c.AddressHash, Profile: c.Profile})
}

// takeSeat records that somebody becomes a member, or refuses where no seat is free.
func takeSeat(now time.Time, o *aggregates.Organization, joined events.Event) ([]events.Event, error) {
	quota := quotaUse{limit: events.LimitSeats, used: o.Members.Len(), max: o.Limits.Seats}
	if !quota.takePlace() {
		return quota.refuseCommand(now, o)
	}
	return oneEvent(joined)
}
