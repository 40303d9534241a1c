package reconcile

import (
	"strings"

	"outrider/events"
	"outrider/internal/es"
)

func foldMember(s *state, e *es.Event) {
	switch p := events.As[events.MemberEvent](e.Payload).(type) {
	case events.MemberJoined:
		s.setState(e.Org, p.PersonID, p.Role)
	case events.MemberProvisioned:
		s.setState(e.Org, p.PersonID, p.Role)
	case events.MemberRoleChanged:
		s.changeState(e.Org, p.PersonID, p.Role)
	case events.OwnershipTransferred:
		s.changeState(e.Org, p.From, "admin")
		s.changeState(e.Org, p.PersonID, "owner")
	case events.MemberLeft:
		s.changeState(e.Org, p.PersonID, "ended")
	case events.MemberRemoved:
		s.changeState(e.Org, p.PersonID, "ended")
	case events.MemberErased:
		s.changeState(e.Org, p.PersonID, "ended")
	case events.MemberInvited, events.MemberInvitationRenewed, events.MemberInvitationWithdrawn, events.MemberSessionEnded, events.MemberSecondFactorChanged, events.MemberSeatPaused, events.MemberSeatResumed, events.MemberImpersonated, events.MemberImpersonationUsed, events.RoleDefined, events.RoleChanged, events.RoleRemoved: // change nothing here
	}
}

func foldInvitation(s *state, e *es.Event) {
	switch p := events.As[events.MemberEvent](e.Payload).(type) {
	case events.MemberInvited:
		s.setState(e.Org, p.InvitationID, "open")
	case events.MemberJoined:
		s.changeState(e.Org, p.InvitationID, "accepted")
	case events.MemberInvitationWithdrawn:
		s.changeState(e.Org, p.InvitationID, "withdrawn")
	case events.MemberErased:
		for _, i := range p.Invitations {
			if s.of[item{e.Org, i}] == "open" {
				s.changeState(e.Org, i, "withdrawn")
			}
		}
	case events.MemberInvitationRenewed, events.MemberProvisioned, events.MemberRoleChanged, events.OwnershipTransferred, events.MemberLeft, events.MemberRemoved, events.MemberSessionEnded, events.MemberSecondFactorChanged, events.MemberSeatPaused, events.MemberSeatResumed, events.MemberImpersonated, events.MemberImpersonationUsed,
		events.RoleDefined, events.RoleChanged, events.RoleRemoved: // change nothing here
	}
}

func foldRole(s *state, e *es.Event) {
	switch p := events.As[events.MemberEvent](e.Payload).(type) {
	case events.RoleDefined:
		s.setState(e.Org, p.RoleID, strings.Join(p.Permissions, " "))
	case events.RoleChanged:
		s.changeState(e.Org, p.RoleID, strings.Join(p.Permissions, " "))
	case events.RoleRemoved:
		s.changeState(e.Org, p.RoleID, "removed")
	case events.MemberInvited, events.MemberInvitationRenewed, events.MemberInvitationWithdrawn, events.MemberJoined, events.MemberProvisioned, events.MemberRoleChanged, events.OwnershipTransferred,
		events.MemberErased, events.MemberLeft, events.MemberRemoved, events.MemberSessionEnded, events.MemberSecondFactorChanged, events.MemberSeatPaused, events.MemberSeatResumed, events.MemberImpersonated, events.MemberImpersonationUsed: // change nothing here
	}
}
