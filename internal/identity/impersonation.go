package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Impersonation lets an operator read as a member for a while.
type Impersonation struct {
	ID, Person, Org, OperatorKey uuid.UUID
	Until                        time.Time
}

// BeginImpersonation returns a token that reads as a member. It can't be renewed; the member sees its session, and can end it. ErrNotFound.
func (s *Sessions) BeginImpersonation(ctx context.Context, i Impersonation, d Device) (Grant, error) {
	role, err := s.roleIn(ctx, i.Person, i.Org)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Session: i.ID, Person: i.Person, Org: i.Org, Role: role}
	if _, err := s.pool.Exec(ctx, `insert into identity.sessions (id, person_id, org_id, created_at, used_at, expires_at, address, user_agent, impersonation_id, operator_key)
		values ($1, $2, $3, $4, $4, $5, $6, $7, $1, $8) on conflict do nothing`, i.ID, i.Person, i.Org, s.o.Now(), i.Until, d.Address, d.UserAgent, i.OperatorKey); err != nil {
		return g, fmt.Errorf("begin impersonation: %w", err)
	}
	g.Access, err = s.issueAccessUntil(ctx, i.ID, i.Person, i.Org, role, i.Until)
	return g, err
}

// onlyReading are those permissions of a member that an operator who reads as them has: what can be seen, nothing that leaves as a file.
func onlyReading(scopes []Scope) []Scope {
	return slices.DeleteFunc(slices.Clone(scopes), func(s Scope) bool { return !strings.HasSuffix(string(s), ":read") })
}
