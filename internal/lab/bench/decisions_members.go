package bench

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
)

// memberSituations are about people who work in the organisation; the first two own it.
func (w *decisionWorld) memberSituations() []situation {
	person := func(n int) uuid.UUID { return w.id("person", n) }
	role := func(n int) events.RoleRef { return events.RoleRef{RoleID: w.id("role", n)} }
	invitation := func(n int) uuid.UUID { return w.id("invitation", n) }
	return []situation{
		{"new", 10, func(n int) commands.Command {
			role := events.RoleAdmin
			if n < 2 {
				role = events.RoleOwner
			}
			return commands.InviteMember{InvitationID: invitation(n), AddressHash: w.hash("member", n), Details: decisionSealed, Role: role}
		}},
		{"open", 3, func(n int) commands.Command { return commands.RenewInvitation{InvitationID: invitation(n)} }},
		{"open", 6, func(n int) commands.Command {
			return commands.AcceptInvitation{InvitationID: invitation(n), PersonID: person(n), AddressHash: w.hash("member", n), Profile: decisionSealed}
		}},
		{"open", 2, func(n int) commands.Command { return commands.WithdrawInvitation{InvitationID: invitation(6 + n)} }},
		{"of an admin", 1, func(int) commands.Command {
			return commands.ChangeMemberRole{PersonID: person(2), Role: events.RoleMember}
		}},
		{"of an owner", 1, func(int) commands.Command {
			return commands.TransferOwnership{From: person(0), To: person(3)}
		}},
		{"of a member", 1, func(int) commands.Command {
			return commands.RecordSessionEnd{PersonID: person(2), SessionID: w.id("session", 0), Reason: events.SessionReplayed}
		}},
		{"of a member", 1, func(int) commands.Command {
			return commands.RecordSecondFactorChange{PersonID: person(2), Change: events.SecondFactorOn}
		}},
		{"of a member", 2, func(n int) commands.Command {
			return commands.RecordImpersonation{ImpersonationID: w.id("impersonation", n), PersonID: person(2), Reason: "asked for help by mail", Until: w.now.Add(time.Minute)}
		}},
		{"of a member", 2, func(n int) commands.Command {
			return commands.RecordImpersonationUse{ImpersonationID: w.id("impersonation", n), PersonID: person(2), Operation: "GET /v1/leads"}
		}},
		{"of a stranger", 2, func(n int) commands.Command { return commands.EraseMember{PersonID: w.id("stranger", n)} }},
		{"of a member", 1, func(int) commands.Command { return commands.RemoveMember{PersonID: person(4)} }},
		{"new", 10, func(n int) commands.Command {
			return commands.DefineRole{RoleRef: role(n), Name: "Role " + strconv.Itoa(n), Permissions: []string{"leads:read"}}
		}},
		{"of many", 1, func(int) commands.Command {
			return commands.ChangeRole{RoleRef: role(3), Permissions: []string{"leads:read", "pii:read"}}
		}},
		{"that nobody has", 1, func(int) commands.Command { return commands.RemoveRole{RoleRef: role(4)} }},
		{"of a member", 1, func(int) commands.Command { return commands.LeaveOrganization{PersonID: person(5)} }},
		{"new", 3, func(n int) commands.Command {
			return commands.LinkIdentityProvider{LinkID: w.id("identity link", n), Provider: "clerk", ExternalID: w.id("external", n).String()}
		}},
		{"of a link", 2, func(n int) commands.Command {
			return commands.SetIdentityJoining{LinkID: w.id("identity link", n), Role: events.RoleMember}
		}},
		{"by a link", 2, func(n int) commands.Command {
			return commands.JoinByIdentity{LinkID: w.id("identity link", n), PersonID: w.id("comer", n), AddressHash: w.hash("comer", n), DomainHash: w.hash("domain", n), Role: events.RoleMember, Profile: decisionSealed}
		}},
		{"of a link", 1, func(int) commands.Command { return commands.UnlinkIdentityProvider{LinkID: w.id("identity link", 2)} }},
	}
}
