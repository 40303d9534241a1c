package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var (
	anna     = uuid.MustParse("01990000-0000-7000-8000-0000000000a1")
	bert     = uuid.MustParse("01990000-0000-7000-8000-0000000000a2")
	letterID = uuid.MustParse("01990000-0000-7000-8000-0000000000b1")
)

func member(id uuid.UUID) events.MemberRef         { return events.MemberRef{PersonID: id} }
func invitation(id uuid.UUID) events.InvitationRef { return events.InvitationRef{InvitationID: id} }

func founded() events.MemberJoined {
	return events.MemberJoined{MemberRef: member(anna), Role: "owner", AddressHash: h("anna@example.com"), Profile: sealed}
}

func joined(id uuid.UUID, address, role string) events.MemberJoined {
	return events.MemberJoined{MemberRef: member(id), InvitationID: letterID, Role: role, AddressHash: h(address), Profile: sealed}
}

func invite(address string) commands.InviteMember {
	return commands.InviteMember{InvitationID: letterID, AddressHash: h(address), Details: sealed, Role: "member"}
}

func invited(address string, at time.Time) events.MemberInvited {
	return events.MemberInvited{InvitationRef: invitation(letterID), AddressHash: h(address), Details: sealed, Role: "member", ExpiresAt: at.Add(7 * 24 * time.Hour)}
}

func accept(address string) commands.AcceptInvitation {
	return commands.AcceptInvitation{InvitationID: letterID, PersonID: bert, AddressHash: h(address), Profile: sealed}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	team := given(founded(), joined(bert, "bert@example.com", "member"))
	at := estest.At
	week := at.Add(7 * 24 * time.Hour)
	kit().Run(t, map[string]estest.Case{
		"who founds an organisation is its owner": {At: anchor, When: commands.FoundOrganization{CreateOrganization: createOrganization(), Founder: commands.Founder{PersonID: anna, AddressHash: h("anna@example.com"), Profile: sealed}}, Then: given(founded()), Again: estest.NothingToDo()},
		"a founder is somebody":                   {At: anchor, When: commands.FoundOrganization{CreateOrganization: createOrganization(), Founder: commands.Founder{PersonID: anna}}, Refused: "invalid"},
		"what is founded has a name":              {When: commands.FoundOrganization{CreateOrganization: createOrganizationBut(func(c *commands.CreateOrganization) { c.Name = "" }), Founder: commands.Founder{PersonID: anna, AddressHash: h("anna@example.com"), Profile: sealed}}, Refused: "invalid"},

		"a role changes":                      {Given: team, When: commands.ChangeMemberRole{PersonID: bert, Role: "admin"}, Then: facts{events.MemberRoleChanged{MemberRef: member(bert), Role: "admin"}}, Again: estest.NothingToDo()},
		"a role is one that there is":         {Given: team, When: commands.ChangeMemberRole{PersonID: bert, Role: "boss"}, Refused: "invalid"},
		"a stranger's role can't change":      {Given: team, When: commands.ChangeMemberRole{PersonID: other, Role: "admin"}, Refused: "not_found"},
		"the last owner stays an owner":       {Given: team, When: commands.ChangeMemberRole{PersonID: anna, Role: "admin"}, Refused: "last_owner", Detail: map[string]uuid.UUID{"id": anna}},
		"one of two owners may become less":   {Given: given(founded(), joined(bert, "bert@example.com", "owner")), When: commands.ChangeMemberRole{PersonID: anna, Role: "member"}, Then: facts{events.MemberRoleChanged{MemberRef: member(anna), Role: "member"}}, Again: estest.NothingToDo()},
		"a member is removed":                 {Given: team, When: commands.RemoveMember{PersonID: bert}, Then: facts{events.MemberRemoved{MemberRef: member(bert)}}, Again: estest.RefusedAs("not_found")},
		"the last owner isn't removed":        {Given: team, When: commands.RemoveMember{PersonID: anna}, Refused: "last_owner"},
		"a stranger isn't removed":            {Given: team, When: commands.RemoveMember{PersonID: other}, Refused: "not_found"},
		"a member leaves":                     {Given: team, When: commands.LeaveOrganization{PersonID: bert}, Then: facts{events.MemberLeft{MemberRef: member(bert)}}, Again: estest.RefusedAs("not_found")},
		"the last owner doesn't leave":        {Given: team, When: commands.LeaveOrganization{PersonID: anna}, Refused: "last_owner"},
		"a stranger doesn't leave":            {Given: team, When: commands.LeaveOrganization{PersonID: other}, Refused: "not_found"},
		"ownership is handed over":            {Given: team, When: commands.TransferOwnership{From: anna, To: bert}, Then: facts{events.OwnershipTransferred{MemberRef: member(bert), From: anna}}, Again: estest.RefusedAs("wrong_status")},
		"ownership goes to a member":          {Given: team, When: commands.TransferOwnership{From: anna, To: other}, Refused: "not_found"},
		"ownership comes from a member":       {Given: team, When: commands.TransferOwnership{From: other, To: bert}, Refused: "not_found"},
		"ownership comes from an owner":       {Given: team, When: commands.TransferOwnership{From: bert, To: anna}, Refused: "wrong_status"},
		"ownership isn't handed to oneself":   {Given: team, When: commands.TransferOwnership{From: anna, To: anna}, Refused: "invalid"},
		"the new owner can't be removed then": {Given: append(team, events.OwnershipTransferred{MemberRef: member(bert), From: anna}), When: commands.RemoveMember{PersonID: bert}, Refused: "last_owner"},
		"a stolen session is on record": {Given: team, When: commands.RecordSessionEnd{PersonID: bert, SessionID: letterID, Reason: "refresh_token_replayed"},
			Then: facts{events.MemberSessionEnded{MemberRef: member(bert), SessionID: letterID, Reason: "refresh_token_replayed"}}, Again: estest.OnceMore()},
		"a session ends for a reason": {Given: team, When: commands.RecordSessionEnd{PersonID: bert, SessionID: letterID}, Refused: "invalid"},
		"a session has an id":         {Given: team, When: commands.RecordSessionEnd{PersonID: bert, Reason: "refresh_token_replayed"}, Refused: "invalid"},
		"a second factor is on record": {Given: team, When: commands.RecordSecondFactorChange{PersonID: bert, Change: "turned_on"},
			Then: facts{events.MemberSecondFactorChanged{MemberRef: member(bert), Change: "turned_on"}}, Again: estest.OnceMore()},
		"something happens to a second factor": {Given: team, When: commands.RecordSecondFactorChange{PersonID: bert, Change: "lost"}, Refused: "invalid"},
		"a stranger's factor isn't on record":  {Given: team, When: commands.RecordSecondFactorChange{PersonID: other, Change: "turned_off"}, Refused: "not_found"},
		"a stranger's session isn't on record": {Given: team, When: commands.RecordSessionEnd{PersonID: other, SessionID: letterID, Reason: "refresh_token_replayed"}, Refused: "not_found"},

		"an operator reads as a member": {Given: team, When: commands.RecordImpersonation{ImpersonationID: letterID, PersonID: bert, Reason: "asked for help", Until: at.Add(time.Hour)},
			Then: facts{events.MemberImpersonated{MemberRef: member(bert), ImpersonationID: letterID, Reason: "asked for help", Until: at.Add(time.Hour)}}, Again: estest.OnceMore()},
		"nobody reads without a reason":  {Given: team, When: commands.RecordImpersonation{ImpersonationID: letterID, PersonID: bert, Reason: "why not", Until: at.Add(time.Hour)}, Refused: "invalid"},
		"nobody reads for long":          {Given: team, When: commands.RecordImpersonation{ImpersonationID: letterID, PersonID: bert, Reason: "asked for help", Until: at.Add(2 * time.Hour)}, Refused: "invalid"},
		"nobody reads in the past":       {Given: team, When: commands.RecordImpersonation{ImpersonationID: letterID, PersonID: bert, Reason: "asked for help", Until: at}, Refused: "invalid"},
		"nobody reads as a stranger":     {Given: team, When: commands.RecordImpersonation{ImpersonationID: letterID, PersonID: other, Reason: "asked for help", Until: at.Add(time.Hour)}, Refused: "not_found"},
		"who reads has a token of an id": {Given: team, When: commands.RecordImpersonation{PersonID: bert, Reason: "asked for help", Until: at.Add(time.Hour)}, Refused: "invalid"},
		"what an operator reads is on record": {Given: team, When: commands.RecordImpersonationUse{ImpersonationID: letterID, PersonID: bert, Operation: "GET /v1/leads"},
			Then: facts{events.MemberImpersonationUsed{MemberRef: member(bert), ImpersonationID: letterID, Operation: "GET /v1/leads"}}, Again: estest.OnceMore()},
		"a use is of something":                          {Given: team, When: commands.RecordImpersonationUse{ImpersonationID: letterID, PersonID: bert}, Refused: "invalid"},
		"a use is of a token":                            {Given: team, When: commands.RecordImpersonationUse{PersonID: bert, Operation: "GET /v1/leads"}, Refused: "invalid"},
		"a use is as a member":                           {Given: team, When: commands.RecordImpersonationUse{ImpersonationID: letterID, PersonID: other, Operation: "GET /v1/leads"}, Refused: "not_found"},
		"a member is forgotten":                          {Given: team, When: commands.EraseMember{PersonID: bert, Invitations: []uuid.UUID{letterID}}, Then: facts{events.MemberErased{MemberRef: member(bert), Invitations: []uuid.UUID{letterID}}}, Again: estest.NothingToDo()},
		"who has left is forgotten":                      {Given: append(team, events.MemberLeft{MemberRef: member(bert)}), When: commands.EraseMember{PersonID: bert}, Then: facts{events.MemberErased{MemberRef: member(bert)}}, Again: estest.NothingToDo()},
		"the last owner stays known":                     {Given: team, When: commands.EraseMember{PersonID: anna}, Refused: "last_owner", Detail: map[string]uuid.UUID{"id": anna}},
		"the last owner of what is deleted is forgotten": {Given: append(team, events.OrganizationDeletionRequested{OrganizationRef: events.OrganizationRef{OrganizationID: org}, EraseAt: at.AddDate(0, 0, 30)}), When: commands.EraseMember{PersonID: anna}, Then: facts{events.MemberErased{MemberRef: member(anna)}}, Again: estest.NothingToDo()},
		"somebody is forgotten":                          {Given: team, When: commands.EraseMember{}, Refused: "invalid"},
		"not endlessly many invitations":                 {Given: team, When: commands.EraseMember{PersonID: bert, Invitations: make([]uuid.UUID, 501)}, Refused: "invalid"},
		"who was forgotten has no role":                  {Given: append(team, events.MemberErased{MemberRef: member(bert)}), When: commands.ChangeMemberRole{PersonID: bert, Role: "admin"}, Refused: "not_found"},
		"an invitation is forgotten":                     {Given: given(founded(), invited("bert@example.com", at), events.MemberErased{MemberRef: member(bert), Invitations: []uuid.UUID{letterID}}), When: accept("bert@example.com"), Refused: "not_found"},

		"somebody is invited":                  {Given: given(founded()), When: invite("bert@example.com"), Then: facts{invited("bert@example.com", at)}, Again: estest.NothingToDo()},
		"an invitation has an id":              {Given: given(founded()), When: commands.InviteMember{AddressHash: h("x"), Details: sealed, Role: "member"}, Refused: "invalid"},
		"an invitation has an address":         {Given: given(founded()), When: commands.InviteMember{InvitationID: letterID, Details: sealed, Role: "member"}, Refused: "invalid"},
		"an invitation says to whom":           {Given: given(founded()), When: commands.InviteMember{InvitationID: letterID, AddressHash: h("x"), Role: "member"}, Refused: "invalid"},
		"an invitation has a role":             {Given: given(founded()), When: commands.InviteMember{InvitationID: letterID, AddressHash: h("x"), Details: sealed}, Refused: "invalid"},
		"a member isn't invited":               {Given: team, When: invite("bert@example.com"), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": bert}},
		"nobody is invited twice":              {Given: given(invited("bert@example.com", at)), When: commands.InviteMember{InvitationID: other, AddressHash: h("bert@example.com"), Details: sealed, Role: "admin"}, Refused: "already_exists", Detail: map[string]uuid.UUID{"id": letterID}},
		"an expired invitation is replaced":    {Given: given(invited("bert@example.com", at)), At: week, When: commands.InviteMember{InvitationID: other, AddressHash: h("bert@example.com"), Details: sealed, Role: "admin"}, Then: facts{events.MemberInvited{InvitationRef: invitation(other), AddressHash: h("bert@example.com"), Details: sealed, Role: "admin", ExpiresAt: week.Add(7 * 24 * time.Hour)}}, Again: estest.NothingToDo()},
		"an invitation is renewed":             {Given: given(invited("bert@example.com", at)), At: week, When: commands.RenewInvitation{InvitationID: letterID}, Then: facts{events.MemberInvitationRenewed{InvitationRef: invitation(letterID), ExpiresAt: week.Add(7 * 24 * time.Hour)}}, Again: estest.OnceMore()},
		"nothing unknown is renewed":           {Given: given(), When: commands.RenewInvitation{InvitationID: letterID}, Refused: "not_found"},
		"an invitation is withdrawn":           {Given: given(invited("bert@example.com", at)), When: commands.WithdrawInvitation{InvitationID: letterID}, Then: facts{events.MemberInvitationWithdrawn{InvitationRef: invitation(letterID)}}, Again: estest.RefusedAs("not_found")},
		"an invitation is accepted":            {Given: given(founded(), invited("bert@example.com", at)), When: accept("bert@example.com"), Then: facts{joined(bert, "bert@example.com", "member")}, Again: estest.NothingToDo()},
		"who accepts is somebody":              {Given: given(invited("bert@example.com", at)), When: commands.AcceptInvitation{InvitationID: letterID, PersonID: bert}, Refused: "invalid"},
		"only who was invited accepts":         {Given: given(founded(), invited("bert@example.com", at)), When: accept("eve@example.com"), Refused: "not_found"},
		"what was withdrawn isn't accepted":    {Given: given(invited("bert@example.com", at), events.MemberInvitationWithdrawn{InvitationRef: invitation(letterID)}), When: accept("bert@example.com"), Refused: "not_found"},
		"an invitation can be too old":         {Given: given(founded(), invited("bert@example.com", at)), At: week, When: accept("bert@example.com"), Refused: "wrong_status", Detail: map[string]string{"id": letterID.String(), "status": "expired"}},
		"a renewed one lasts longer":           {Given: given(founded(), invited("bert@example.com", at), events.MemberInvitationRenewed{InvitationRef: invitation(letterID), ExpiresAt: week.Add(1)}), At: week, When: accept("bert@example.com"), Then: facts{joined(bert, "bert@example.com", "member")}, Again: estest.NothingToDo()},
		"no seat is left":                      {Given: given(founded(), joined(other, "x@example.com", "member"), invited("bert@example.com", at)), When: accept("bert@example.com"), Then: facts{events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: "seats", Used: 2, Max: 2, Requested: 1, Plan: "starter"}, At: at}}, Again: estest.RefusedAs("quota_exceeded")},
		"a seat is free again when one leaves": {Given: given(founded(), joined(other, "x@example.com", "member"), events.MemberLeft{MemberRef: member(other)}, invited("bert@example.com", at)), When: accept("bert@example.com"), Then: facts{joined(bert, "bert@example.com", "member")}, Again: estest.NothingToDo()},
	})
}

func TestInvitationsAreBounded(t *testing.T) {
	t.Parallel()
	full := given(founded())
	for n := range commands.MaxInvitations {
		full = append(full, events.MemberInvited{InvitationRef: invitation(es.DeriveID(org, address(n))), AddressHash: h(address(n)), Details: sealed, Role: "member", ExpiresAt: estest.At.Add(time.Hour)})
	}
	kit().Run(t, map[string]estest.Case{
		"as many as may be":     {Given: full, When: invite("bert@example.com"), Refused: "invalid"},
		"what expired is over":  {Given: full, At: estest.At.Add(time.Hour), When: invite("bert@example.com"), Then: facts{invited("bert@example.com", estest.At.Add(time.Hour))}, Again: estest.NothingToDo()},
		"one less leaves space": {Given: full[:len(full)-1], When: invite("bert@example.com"), Then: facts{invited("bert@example.com", estest.At)}, Again: estest.NothingToDo()},
	})
}
