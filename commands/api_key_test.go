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
	kit().Run(t, map[string]estest.Case{
		"a key is issued":                     {Given: given(), When: issue, Then: facts{issued}, Again: estest.NothingToDo()},
		"another key under its id is refused": {Given: given(issued), When: but(func(c *commands.IssueAPIKey) { c.Name = "cd" }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": other}},
		"a key has an id":                     {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.KeyID = uuid.Nil }), Refused: "invalid"},
		"a key has a name":                    {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.Name = "" }), Refused: "invalid"},
		"a key may do something":              {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.Scopes = nil }), Refused: "invalid"},
		"a key isn't born dead":               {Given: given(), When: but(func(c *commands.IssueAPIKey) { c.ExpiresAt = estest.At.Add(-time.Second) }), Refused: "invalid"},
		"a key is revoked":                    {Given: given(issued), When: commands.RevokeAPIKey{KeyID: other}, Then: facts{events.APIKeyRevoked{APIKeyRef: events.APIKeyRef{KeyID: other}}}, Again: estest.NothingToDo()},
		"a key is revoked while suspended":    {Given: given(issued, status("suspended")), When: commands.RevokeAPIKey{KeyID: other}, Then: facts{events.APIKeyRevoked{APIKeyRef: events.APIKeyRef{KeyID: other}}}, Again: estest.NothingToDo()},
		"an unknown key can't be revoked":     {Given: given(), When: commands.RevokeAPIKey{KeyID: other}, Refused: "not_found"},
	})
}
