package privacy

import (
	"context"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/identity"
)

// Memberships keeps who is a member of what; *identity.Sessions is one.
type Memberships interface {
	SetMembership(ctx context.Context, org, person uuid.UUID, role identity.Role, oseq int64) error
	EndMemberships(ctx context.Context, org uuid.UUID, oseq int64) error
	SetRole(ctx context.Context, org, role uuid.UUID, permissions []string, oseq int64) error
}

// MembershipKeeper lets people sign in to what they are a member of with what their role permits, and ends the sessions of who no longer is.
type MembershipKeeper struct{ memberships Memberships }

// NewMembershipKeeper makes the reactor.
func NewMembershipKeeper(m Memberships) (*MembershipKeeper, error) {
	return &MembershipKeeper{m}, reaction.Required{"memberships": m != nil}.Check("memberships")
}

// Reactor returns how it is run.
func (k *MembershipKeeper) Reactor() react.Reactor {
	return react.Reactor{Name: "memberships", Wants: reaction.WantEvents(events.MemberJoined{}, events.MemberProvisioned{}, events.MemberRoleChanged{}, events.OwnershipTransferred{}, events.MemberLeft{}, events.MemberRemoved{}, events.MemberErased{}, events.MemberSeatPaused{}, events.MemberSeatResumed{},
		events.RoleDefined{}, events.RoleChanged{}, events.RoleRemoved{}, events.OrganizationDeleted{}), Handle: k.setMembership}
}

func (k *MembershipKeeper) setMembership(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if _, ok := p.(events.OrganizationDeleted); ok {
		return nil, k.memberships.EndMemberships(ctx, e.Org, e.Oseq)
	}
	set := func(person uuid.UUID, role string) error {
		return k.memberships.SetMembership(ctx, e.Org, person, identity.Role(role), e.Oseq)
	}
	switch p := events.As[events.MemberEvent](p).(type) {
	case events.MemberJoined:
		return nil, set(p.PersonID, p.Role)
	case events.MemberProvisioned:
		return nil, set(p.PersonID, p.Role)
	case events.MemberRoleChanged:
		return nil, set(p.PersonID, p.Role)
	case events.OwnershipTransferred:
		if err := set(p.From, events.RoleAdmin); err != nil {
			return nil, err
		}
		return nil, set(p.PersonID, events.RoleOwner)
	case events.MemberLeft:
		return nil, set(p.PersonID, "")
	case events.MemberRemoved:
		return nil, set(p.PersonID, "")
	case events.MemberErased:
		return nil, set(p.PersonID, "")
	case events.MemberSeatPaused: // their sessions end; they come back with the seat
		return nil, set(p.PersonID, "")
	case events.MemberSeatResumed:
		return nil, set(p.PersonID, p.Role)
	case events.RoleDefined:
		return nil, k.memberships.SetRole(ctx, e.Org, p.RoleID, p.Permissions, e.Oseq)
	case events.RoleChanged:
		return nil, k.memberships.SetRole(ctx, e.Org, p.RoleID, p.Permissions, e.Oseq)
	case events.RoleRemoved:
		return nil, k.memberships.SetRole(ctx, e.Org, p.RoleID, nil, e.Oseq)
	case events.MemberInvited, events.MemberInvitationRenewed, events.MemberInvitationWithdrawn, events.MemberSessionEnded, events.MemberSecondFactorChanged, events.MemberImpersonated, events.MemberImpersonationUsed: // change nothing here
	}
	return nil, nil
}
