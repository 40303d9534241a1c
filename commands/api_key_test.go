package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// unheard is a command that no route knows.
type unheard struct{}

func (unheard) CommandType() string { return "lead.praise.v1" }

func (unheard) Decide(time.Time, *aggregates.Organization) ([]events.Event, error) { return nil, nil }

func TestAPIKey(t *testing.T) {
	t.Parallel()
	issue := commands.IssueAPIKey{KeyID: other, Name: "ci", Scopes: []string{"leads:write"}, ExpiresAt: anchor.AddDate(1, 0, 0)}
	issued := events.APIKeyIssued{APIKeyRef: events.APIKeyRef{KeyID: other}, Name: "ci", Scopes: []string{"leads:write"}, ExpiresAt: anchor.AddDate(1, 0, 0)}
	but := func(change func(*commands.IssueAPIKey)) commands.IssueAPIKey {
		c := issue
		change(&c)
		return c
	}
	const inAYear = 366 * 24 * time.Hour
	ref := events.APIKeyRef{KeyID: other}
	theirs := given(events.MemberJoined{MemberRef: events.MemberRef{PersonID: letterID}, Role: "admin", AddressHash: h("bert@example.com"), Profile: sealed})
	ofBert := issued
	ofBert.PersonID = letterID
	rotate := commands.RotateAPIKey{KeyID: other, RotationID: letterID, OldUntil: estest.At.Add(time.Hour)}
	rotated := events.APIKeyRotated{APIKeyRef: ref, RotationID: letterID, OldUntil: rotate.OldUntil}
	kit().Run(t, map[string]estest.Case{
		"a key is issued":                                 {Given: given(), When: issue, Then: facts{issued}, Again: estest.NothingToDo()},
		"another key under its id is refused":             {Given: given(issued), When: but(func(c *commands.IssueAPIKey) { c.Name = "cd" }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": other}},
		"a key has an id":                                 {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.KeyID = uuid.Nil }), Refused: "invalid"},
		"a key has a name":                                {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.Name = "" }), Refused: "invalid"},
		"a key may do something":                          {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.Scopes = nil }), Refused: "invalid"},
		"a key isn't born dead":                           {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.ExpiresAt = estest.At.Add(-time.Second) }), Refused: "invalid"},
		"a key is issued for the organisation, as it was": {Given: given(), When: commands.IssueAPIKeyV1{KeyID: other, Name: "ci", Scopes: issue.Scopes, ExpiresAt: issue.ExpiresAt}, Then: facts{issued}, Again: estest.NothingToDo()},
		"a key is a member's":                             {Given: theirs, When: but(func(c *commands.IssueAPIKey) { c.PersonID = letterID }), Then: facts{ofBert}, Again: estest.NothingToDo()},
		"a key is no stranger's":                          {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.PersonID = letterID }), Refused: "invalid"},
		"a key has few networks":                          {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.Networks = 51 }), Refused: "invalid"},
		"a key becomes nobody else's":                     {Given: append(theirs, issued), When: but(func(c *commands.IssueAPIKey) { c.PersonID = letterID }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": other}},
		"a key is rotated":                                {Given: given(issued), When: rotate, Then: facts{rotated}, Again: estest.NothingToDo()},
		"a key gets other networks":                       {Given: given(issued), When: commands.ChangeAPIKeyNetworks{KeyID: other, ChangeID: org, Networks: 2}, Then: facts{events.APIKeyNetworksChanged{APIKeyRef: ref, ChangeID: org, Networks: 2}}, Again: estest.NothingToDo()},
		"an unknown key has no networks":                  {Given: given(), When: commands.ChangeAPIKeyNetworks{KeyID: other, ChangeID: org}, Refused: "not_found"},
		"a change of networks has an id":                  {Given: given(issued), When: commands.ChangeAPIKeyNetworks{KeyID: other}, Refused: "invalid"},
		"networks aren't endless":                         {Given: given(issued), When: commands.ChangeAPIKeyNetworks{KeyID: other, ChangeID: org, Networks: 51}, Refused: "invalid"},
		"a revoked key keeps its networks":                {Given: given(issued, events.APIKeyRevoked{APIKeyRef: ref}), When: commands.ChangeAPIKeyNetworks{KeyID: other, ChangeID: org}, Refused: "wrong_status"},
		"a key is rotated once more":                      {Given: given(issued, rotated), When: commands.RotateAPIKey{KeyID: other, RotationID: org, OldUntil: estest.At}, Then: facts{events.APIKeyRotated{APIKeyRef: ref, RotationID: org, OldUntil: estest.At}}, Again: estest.NothingToDo()},
		"a key is rotated while suspended":                {Given: given(issued, status("suspended")), When: rotate, Then: facts{rotated}, Again: estest.NothingToDo()},
		"an unknown key isn't rotated":                    {Given: given(), When: rotate, Refused: "not_found"},
		"a rotation has an id":                            {Given: given(issued), When: commands.RotateAPIKey{KeyID: other, OldUntil: rotate.OldUntil}, Refused: "invalid"},
		"a revoked key isn't rotated":                     {Given: given(issued, events.APIKeyRevoked{APIKeyRef: ref}), When: rotate, Refused: "wrong_status"},
		"an old secret ends":                              {Given: given(issued), When: commands.RotateAPIKey{KeyID: other, RotationID: letterID, OldUntil: estest.At.Add(inAYear)}, Refused: "invalid"},
		"an expired key isn't rotated":                    {Given: given(events.APIKeyIssued{APIKeyRef: ref, Name: "ci", Scopes: issue.Scopes, ExpiresAt: estest.At.Add(-time.Second)}), When: rotate, Refused: "wrong_status"},
		"the key of who left isn't rotated":               {Given: append(theirs, ofBert, events.MemberLeft{MemberRef: events.MemberRef{PersonID: letterID}}), When: rotate, Refused: "wrong_status"},
		"the key of who was removed has ended":            {Given: append(theirs, ofBert, events.MemberRemoved{MemberRef: events.MemberRef{PersonID: letterID}}), When: commands.RevokeAPIKey{KeyID: other}, Noop: true},
		"a key outlasts who is somebody else":             {Given: append(theirs, issued, events.MemberLeft{MemberRef: events.MemberRef{PersonID: letterID}}), When: rotate, Then: facts{rotated}, Again: estest.NothingToDo()},
		"a key is revoked":                                {Given: given(issued), When: commands.RevokeAPIKey{KeyID: other}, Then: facts{events.APIKeyRevoked{APIKeyRef: events.APIKeyRef{KeyID: other}}}, Again: estest.NothingToDo()},
		"a key is revoked while suspended":                {Given: given(issued, status("suspended")), When: commands.RevokeAPIKey{KeyID: other}, Then: facts{events.APIKeyRevoked{APIKeyRef: events.APIKeyRef{KeyID: other}}}, Again: estest.NothingToDo()},
		"an unknown key can't be revoked":                 {Given: given(), When: commands.RevokeAPIKey{KeyID: other}, Refused: "not_found"},
	})
}
