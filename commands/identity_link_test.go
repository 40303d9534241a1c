package commands_test

import (
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var linkID = uuid.MustParse("01990000-0000-7000-8000-0000000000c1")

func identityLink(id uuid.UUID) events.IdentityLinkRef { return events.IdentityLinkRef{LinkID: id} }

func identityLinked() events.IdentityLinked {
	return events.IdentityLinked{IdentityLinkRef: identityLink(linkID), Provider: "clerk", ExternalID: "org_abc"}
}

func joining(role string, domains ...string) events.IdentityJoiningSet {
	return events.IdentityJoiningSet{IdentityLinkRef: identityLink(linkID), Role: role, Domains: joiningDomains(domains...)}
}

func joiningDomains(names ...string) (all []events.JoiningDomain) {
	for _, name := range names {
		all = append(all, events.JoiningDomain{Name: name, Hash: h(name)})
	}
	return all
}

func come(address, domain string) commands.JoinByIdentity {
	return commands.JoinByIdentity{LinkID: linkID, PersonID: bert, AddressHash: h(address), DomainHash: h(domain), Role: "member", Profile: sealed}
}

func provisioned(address, role string) events.MemberProvisioned {
	return events.MemberProvisioned{MemberRef: member(bert), LinkID: linkID, Role: role, AddressHash: h(address), Profile: sealed}
}

func TestIdentityLinks(t *testing.T) {
	t.Parallel()
	link := commands.LinkIdentityProvider{LinkID: linkID, Provider: "clerk", ExternalID: "org_abc"}
	linked := given(founded(), identityLinked())
	with := func(more ...events.Event) facts { return append(given(founded(), identityLinked()), more...) }
	full := given(founded())
	for n := range commands.MaxIdentityLinks {
		full = append(full, events.IdentityLinked{IdentityLinkRef: identityLink(es.DeriveID(org, address(n))), Provider: "clerk", ExternalID: address(n)})
	}
	kit().Run(t, map[string]estest.Case{
		"a provider's organisation is linked": {Given: given(founded()), When: link, Then: facts{identityLinked()}, Again: estest.NothingToDo()},
		"a link has an id":                    {Given: given(founded()), When: commands.LinkIdentityProvider{Provider: "clerk", ExternalID: "org_abc"}, Refused: "invalid"},
		"a link names a provider":             {Given: given(founded()), When: commands.LinkIdentityProvider{LinkID: linkID, ExternalID: "org_abc"}, Refused: "invalid"},
		"a link names an organisation":        {Given: given(founded()), When: commands.LinkIdentityProvider{LinkID: linkID, Provider: "clerk"}, Refused: "invalid"},
		"an id is of one link":                {Given: linked, When: commands.LinkIdentityProvider{LinkID: linkID, Provider: "clerk", ExternalID: "org_other"}, Refused: "already_exists", Detail: map[string]uuid.UUID{"id": linkID}},
		"links are bounded":                   {Given: full, When: link, Refused: "invalid"},
		"one less leaves space for a link":    {Given: full[:len(full)-1], When: link, Then: facts{identityLinked()}, Again: estest.NothingToDo()},
		"a link ends":                         {Given: linked, When: commands.UnlinkIdentityProvider{LinkID: linkID}, Then: facts{events.IdentityUnlinked{IdentityLinkRef: identityLink(linkID)}}, Again: estest.RefusedAs("not_found")},
		"no unknown link ends":                {Given: given(founded()), When: commands.UnlinkIdentityProvider{LinkID: linkID}, Refused: "not_found"},

		"joining is switched on":            {Given: linked, When: commands.SetIdentityJoining{LinkID: linkID, Role: "member", Domains: joiningDomains("example.com")}, Then: facts{joining("member", "example.com")}, Again: estest.NothingToDo()},
		"and off":                           {Given: with(joining("member")), When: commands.SetIdentityJoining{LinkID: linkID}, Then: facts{joining("")}, Again: estest.NothingToDo()},
		"it is off at first":                {Given: linked, When: commands.SetIdentityJoining{LinkID: linkID}, Noop: true},
		"other domains are another choice":  {Given: with(joining("member", "example.com")), When: commands.SetIdentityJoining{LinkID: linkID, Role: "member", Domains: joiningDomains("example.org")}, Then: facts{joining("member", "example.org")}, Again: estest.NothingToDo()},
		"joining is by a link":              {Given: given(founded()), When: commands.SetIdentityJoining{LinkID: linkID, Role: "member"}, Refused: "not_found"},
		"who joins gets a role there is":    {Given: linked, When: commands.SetIdentityJoining{LinkID: linkID, Role: "boss"}, Refused: "invalid"},
		"nobody owns by joining":            {Given: linked, When: commands.SetIdentityJoining{LinkID: linkID, Role: "owner"}, Refused: "invalid"},
		"a domain has a name":               {Given: linked, When: commands.SetIdentityJoining{LinkID: linkID, Role: "member", Domains: joiningDomains("")}, Refused: "invalid"},
		"a domain has a hash":               {Given: linked, When: commands.SetIdentityJoining{LinkID: linkID, Role: "member", Domains: []events.JoiningDomain{{Name: "example.com"}}}, Refused: "invalid"},
		"domains of joining are bounded":    {Given: linked, When: commands.SetIdentityJoining{LinkID: linkID, Role: "member", Domains: make([]events.JoiningDomain, commands.MaxJoiningDomains+1)}, Refused: "invalid"},
		"somebody joins by coming":          {Given: with(joining("member", "example.com")), When: come("bert@example.com", "example.com"), Then: facts{provisioned("bert@example.com", "member")}, Again: estest.NothingToDo()},
		"from any domain where none is set": {Given: with(joining("member")), When: come("bert@example.org", "example.org"), Then: facts{provisioned("bert@example.org", "member")}, Again: estest.NothingToDo()},
		"as what the link gives":            {Given: with(joining("admin")), When: come("bert@example.com", "example.com"), Refused: "not_admitted"},
		"from no other domain":              {Given: with(joining("member", "example.com")), When: come("bert@example.org", "example.org"), Refused: "not_admitted", Detail: map[string]uuid.UUID{"id": linkID}},
		"nobody joins while it is off":      {Given: linked, When: come("bert@example.com", "example.com"), Refused: "not_admitted"},
		"nobody joins when it is off again": {Given: with(joining("member"), joining("")), When: come("bert@example.com", "example.com"), Refused: "not_admitted"},
		"nobody joins without a link":       {Given: given(founded()), When: come("bert@example.com", "example.com"), Refused: "not_found"},
		"nobody joins by a link that ended": {Given: with(joining("member"), events.IdentityUnlinked{IdentityLinkRef: identityLink(linkID)}), When: come("bert@example.com", "example.com"), Refused: "not_found"},
		"a new link lets nobody in":         {Given: with(joining("member"), events.IdentityUnlinked{IdentityLinkRef: identityLink(linkID)}, identityLinked()), When: come("bert@example.com", "example.com"), Refused: "not_admitted"},
		"who comes is somebody":             {Given: with(joining("member")), When: commands.JoinByIdentity{LinkID: linkID, PersonID: bert}, Refused: "invalid"},
		"who is a member joins no more":     {Given: with(joining("member"), joined(bert, "bert@example.com", "admin")), When: come("bert@example.com", "example.com"), Noop: true},
		"who was removed isn't back by coming": {Given: with(joining("member"), joined(bert, "bert@example.com", "member"), events.MemberRemoved{MemberRef: member(bert)}), When: come("bert@example.com", "example.com"),
			Refused: "not_admitted"},
		"who was invited again is": {Given: with(joining("member"), joined(bert, "bert@example.com", "member"), events.MemberRemoved{MemberRef: member(bert)}, joined(bert, "bert@example.com", "member"), events.MemberLeft{MemberRef: member(bert)}),
			When: come("bert@example.com", "example.com"), Then: facts{provisioned("bert@example.com", "member")}, Again: estest.NothingToDo()},
		"an address is one member's": {Given: with(joining("member"), joined(other, "bert@example.com", "member")), When: come("bert@example.com", "example.com"), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": other}},
		"who comes takes a seat": {Given: with(joining("member"), joined(other, "x@example.com", "member")), When: come("bert@example.com", "example.com"),
			Then: facts{events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: "seats", Used: 2, Max: 2, Requested: 1, Plan: "starter"}, At: estest.At}}, Again: estest.RefusedAs("quota_exceeded")},
		"who came by a provider can be promoted": {Given: with(joining("member"), provisioned("bert@example.com", "member")), When: commands.ChangeMemberRole{PersonID: bert, Role: "admin"}, Then: facts{events.MemberRoleChanged{MemberRef: member(bert), Role: "admin"}}, Again: estest.NothingToDo()},
	})
}
