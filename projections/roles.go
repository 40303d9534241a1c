package projections

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Role is a row of read.roles: one of an organisation's own.
type Role struct {
	OrgID       uuid.UUID  `db:"org_id"`
	RoleID      uuid.UUID  `db:"role_id"`
	Oseq        int64      `db:"oseq"`
	Name        string     `db:"name"`
	Description string     `db:"description"`
	Permissions string     `db:"permissions"` // sorted, with a space between
	CreatedAt   time.Time  `db:"created_at"`
	UpdatedAt   time.Time  `db:"updated_at"`
	RemovedAt   *time.Time `db:"removed_at"`
}

// rolesTouched are the rows of roles that events change.
func rolesTouched(batch []*es.Event) (roles []id) {
	for _, e := range batch {
		switch p := e.Payload.(type) {
		case events.RoleChanged:
			roles = append(roles, id{e.Org, p.RoleID})
		case events.RoleRemoved:
			roles = append(roles, id{e.Org, p.RoleID})
		case events.RoleDefined:
			roles = append(roles, id{e.Org, p.RoleID})
		}
	}
	return roles
}

func (r memberRows) defineRole(e *es.Event, p events.RoleDefined) {
	r.roles.putRow(id{e.Org, p.RoleID}, &Role{OrgID: e.Org, RoleID: p.RoleID, Oseq: e.Oseq, Name: p.Name, Description: p.Description, Permissions: joinPermissions(p.Permissions), CreatedAt: e.Time, UpdatedAt: e.Time})
}

func joinPermissions(list []string) string { return strings.Join(list, " ") }

func (r memberRows) changeRole(e *es.Event, role uuid.UUID, change func(*Role)) {
	if x := r.roles.rows[id{e.Org, role}]; x != nil {
		change(x)
		x.UpdatedAt = e.Time
	}
}

// ListRoles returns an organisation's own roles, by name.
func ListRoles(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*Role, error) {
	rows, err := tx.Query(ctx, selectFrom[Role]("roles")+`where org_id = $1 and removed_at is null order by lower(name), role_id`, org)
	return collectAll[Role](rows, err, "list roles")
}

// GetRole returns pgx.ErrNoRows when there is none.
func GetRole(ctx context.Context, tx pgx.Tx, org, role uuid.UUID) (*Role, error) {
	rows, err := tx.Query(ctx, selectFrom[Role]("roles")+`where org_id = $1 and role_id = $2 and removed_at is null`, org, role)
	return collectOne[Role](rows, err, "get role")
}
