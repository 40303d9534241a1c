package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// What the texts of members and invitations are bound to.
const (
	MemberField     = "member"     // a JSON object MemberProfile; the subject is the person
	InvitationField = "invitation" // a JSON object {email}; the subject is the invitation
)

// MemberProfile is what an organisation knows of a member.
type MemberProfile struct {
	Email     string `json:"email"`
	FirstName string `json:"first_name,omitzero"`
	LastName  string `json:"last_name,omitzero"`
}

// Member is a row of read.members.
type Member struct {
	OrgID        uuid.UUID  `db:"org_id"`
	PersonID     uuid.UUID  `db:"person_id"`
	Oseq         int64      `db:"oseq"`
	InvitationID *uuid.UUID `db:"invitation_id"` // nil = who founded the organisation, or came by an identity provider
	Profile      *string    `db:"profile"`       // MemberProfile; nil once nobody can read it
	Role         string     `db:"role"`
	JoinedAt     time.Time  `db:"joined_at"`
	UpdatedAt    time.Time  `db:"updated_at"`
	EndedAt      *time.Time `db:"ended_at"`
	SeatPaused   bool       `db:"seat_paused"` // the plan has fewer seats
}

// Statuses of an invitation.
const (
	InvitationOpen      = "open"
	InvitationAccepted  = "accepted"
	InvitationWithdrawn = "withdrawn"
)

// Invitation is a row of read.member_invitations.
type Invitation struct {
	OrgID        uuid.UUID `db:"org_id"`
	InvitationID uuid.UUID `db:"invitation_id"`
	Oseq         int64     `db:"oseq"`
	Details      *string   `db:"details"` // a JSON object {email}; nil once nobody can read it
	Role         string    `db:"role"`
	Status       string    `db:"status"`
	InvitedAt    time.Time `db:"invited_at"`
	UpdatedAt    time.Time `db:"updated_at"`
	ExpiresAt    time.Time `db:"expires_at"`
}

// memberFold writes the tables of members, invitations and roles.
type memberFold struct{ keys Keys }

// membersTouched are the rows that events change, and the keys of what they hold.
func membersTouched(batch []*es.Event) (people, invitations []id, refs []pii.Ref) {
	for _, e := range batch {
		switch p := events.As[events.MemberEvent](e.Payload).(type) {
		case events.MemberJoined:
			people, refs = append(people, id{e.Org, p.PersonID}), append(refs, keyRef(e.Org, p.PersonID, p.Profile))
			if p.InvitationID != uuid.Nil {
				invitations = append(invitations, id{e.Org, p.InvitationID})
			}
		case events.MemberProvisioned:
			people, refs = append(people, id{e.Org, p.PersonID}), append(refs, keyRef(e.Org, p.PersonID, p.Profile))
		case events.MemberRoleChanged:
			people = append(people, id{e.Org, p.PersonID})
		case events.OwnershipTransferred:
			people = append(people, id{e.Org, p.PersonID}, id{e.Org, p.From})
		case events.MemberLeft:
			people = append(people, id{e.Org, p.PersonID})
		case events.MemberRemoved:
			people = append(people, id{e.Org, p.PersonID})
		case events.MemberErased:
			people = append(people, id{e.Org, p.PersonID})
			for _, i := range p.Invitations {
				invitations = append(invitations, id{e.Org, i})
			}
		case events.MemberSeatPaused:
			people = append(people, id{e.Org, p.PersonID})
		case events.MemberSeatResumed:
			people = append(people, id{e.Org, p.PersonID})
		case events.MemberInvited:
			invitations, refs = append(invitations, id{e.Org, p.InvitationID}), append(refs, keyRef(e.Org, p.InvitationID, p.Details))
		case events.MemberInvitationRenewed:
			invitations = append(invitations, id{e.Org, p.InvitationID})
		case events.MemberInvitationWithdrawn:
			invitations = append(invitations, id{e.Org, p.InvitationID})
		case events.MemberSessionEnded, events.MemberSecondFactorChanged, events.MemberImpersonated, events.MemberImpersonationUsed, events.RoleDefined, events.RoleChanged, events.RoleRemoved: // change nothing here
		}
	}
	return people, invitations, refs
}

func (f memberFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	people, invitations, refs := membersTouched(batch)
	roles := rolesTouched(batch)
	if len(people)+len(invitations)+len(roles) == 0 {
		return nil
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	rows := memberRows{newFold[id, Member](), newFold[id, Invitation](), newFold[id, Role](), t}
	if err := loadRows(ctx, tx, rows.members, "members", "person_id", people, func(m *Member) id { return id{m.OrgID, m.PersonID} }); err != nil {
		return err
	}
	if err := loadRows(ctx, tx, rows.invitations, "member_invitations", "invitation_id", invitations, func(i *Invitation) id { return id{i.OrgID, i.InvitationID} }); err != nil {
		return err
	}
	if err := loadRows(ctx, tx, rows.roles, "roles", "role_id", roles, func(x *Role) id { return id{x.OrgID, x.RoleID} }); err != nil {
		return err
	}
	for _, e := range batch {
		if err := rows.applyEvent(e); err != nil {
			return err
		}
	}
	if err := upsertRows(ctx, tx, "members", "org_id, person_id", rows.members.liveRows()); err != nil {
		return err
	}
	if err := upsertRows(ctx, tx, "roles", "org_id, role_id", rows.roles.liveRows()); err != nil {
		return err
	}
	return upsertRows(ctx, tx, "member_invitations", "org_id, invitation_id", rows.invitations.liveRows())
}

// memberRows are the rows that a batch touches.
type memberRows struct {
	members     *fold[id, Member]
	invitations *fold[id, Invitation]
	roles       *fold[id, Role]
	texts       *opener
}

func (r memberRows) applyEvent(e *es.Event) (err error) {
	switch p := events.As[events.MemberEvent](e.Payload).(type) {
	case events.MemberJoined:
		err = r.addMember(e, p)
		r.changeInvitation(e, p.InvitationID, func(i *Invitation) { i.Status = InvitationAccepted })
	case events.MemberProvisioned:
		err = r.addMember(e, events.MemberJoined{MemberRef: p.MemberRef, Role: p.Role, Profile: p.Profile})
	case events.MemberRoleChanged:
		r.changeMember(e, p.PersonID, func(m *Member) { m.Role = p.Role })
	case events.OwnershipTransferred:
		r.changeMember(e, p.From, func(m *Member) { m.Role = events.RoleAdmin })
		r.changeMember(e, p.PersonID, func(m *Member) { m.Role = events.RoleOwner })
	case events.MemberLeft:
		r.changeMember(e, p.PersonID, func(m *Member) { m.EndedAt = &e.Time })
	case events.MemberRemoved:
		r.changeMember(e, p.PersonID, func(m *Member) { m.EndedAt = &e.Time })
	case events.MemberErased:
		r.changeMember(e, p.PersonID, func(m *Member) {
			if m.EndedAt == nil {
				m.EndedAt = &e.Time
			}
			m.Profile = nil
		})
		for _, invitation := range p.Invitations {
			r.changeInvitation(e, invitation, func(i *Invitation) {
				if i.Status == InvitationOpen {
					i.Status = InvitationWithdrawn
				}
				i.Details = nil
			})
		}
	case events.MemberSeatPaused:
		r.changeMember(e, p.PersonID, func(m *Member) { m.SeatPaused = true })
	case events.MemberSeatResumed:
		r.changeMember(e, p.PersonID, func(m *Member) { m.SeatPaused = false })
	case events.MemberInvited:
		i := &Invitation{OrgID: e.Org, InvitationID: p.InvitationID, Oseq: e.Oseq, Role: p.Role, Status: InvitationOpen, InvitedAt: e.Time, UpdatedAt: e.Time, ExpiresAt: p.ExpiresAt}
		i.Details, err = r.texts.openText(e.Org, p.InvitationID, InvitationField, p.Details)
		r.invitations.putRow(id{e.Org, p.InvitationID}, i)
	case events.MemberInvitationRenewed:
		r.changeInvitation(e, p.InvitationID, func(i *Invitation) { i.ExpiresAt = p.ExpiresAt })
	case events.MemberInvitationWithdrawn:
		r.changeInvitation(e, p.InvitationID, func(i *Invitation) { i.Status = InvitationWithdrawn })
	case events.RoleDefined:
		r.defineRole(e, p)
	case events.RoleChanged:
		r.changeRole(e, p.RoleID, func(x *Role) {
			x.Name, x.Description, x.Permissions = p.Name, p.Description, joinPermissions(p.Permissions)
		})
	case events.RoleRemoved:
		r.changeRole(e, p.RoleID, func(x *Role) { x.RemovedAt = &e.Time })
	case nil, events.MemberSessionEnded, events.MemberSecondFactorChanged, events.MemberImpersonated, events.MemberImpersonationUsed: // change nothing here
	}
	return err
}

func (r memberRows) addMember(e *es.Event, p events.MemberJoined) (err error) {
	m := &Member{OrgID: e.Org, PersonID: p.PersonID, Oseq: e.Oseq, InvitationID: nilIfZero(p.InvitationID), Role: p.Role, JoinedAt: e.Time, UpdatedAt: e.Time}
	m.Profile, err = r.texts.openText(e.Org, p.PersonID, MemberField, p.Profile)
	r.members.putRow(id{e.Org, p.PersonID}, m)
	return err
}

func (r memberRows) changeMember(e *es.Event, person uuid.UUID, change func(*Member)) {
	if m := r.members.rows[id{e.Org, person}]; m != nil {
		change(m)
		m.UpdatedAt = e.Time
	}
}

func (r memberRows) changeInvitation(e *es.Event, invitation uuid.UUID, change func(*Invitation)) {
	if i := r.invitations.rows[id{e.Org, invitation}]; i != nil {
		change(i)
		i.UpdatedAt = e.Time
	}
}

// GetMember returns pgx.ErrNoRows for who isn't a member, or is no longer.
func GetMember(ctx context.Context, tx pgx.Tx, org, person uuid.UUID) (*Member, error) {
	rows, err := tx.Query(ctx, selectFrom[Member]("members")+`where org_id = $1 and person_id = $2 and ended_at is null`, org, person)
	return collectOne[Member](rows, err, "get member")
}

// ListMembers returns who joined first first; after = oseq of the last row seen.
func ListMembers(ctx context.Context, tx pgx.Tx, org uuid.UUID, after int64, limit int) ([]*Member, error) {
	rows, err := tx.Query(ctx, selectFrom[Member]("members")+`where org_id = $1 and oseq > $2 and ended_at is null order by oseq limit $3`, org, after, limit)
	return collectAll[Member](rows, err, "list members")
}

// MembersOf returns those of some people who are or were members, by id.
func MembersOf(ctx context.Context, tx pgx.Tx, org uuid.UUID, people []uuid.UUID) (map[uuid.UUID]*Member, error) {
	rows, err := tx.Query(ctx, selectFrom[Member]("members")+`where org_id = $1 and person_id = any($2)`, org, people)
	list, err := collectAll[Member](rows, err, "get members")
	of := map[uuid.UUID]*Member{}
	for _, m := range list {
		of[m.PersonID] = m
	}
	return of, err
}

// GetInvitation returns pgx.ErrNoRows when there is none.
func GetInvitation(ctx context.Context, tx pgx.Tx, org, invitation uuid.UUID) (*Invitation, error) {
	rows, err := tx.Query(ctx, selectFrom[Invitation]("member_invitations")+`where org_id = $1 and invitation_id = $2`, org, invitation)
	return collectOne[Invitation](rows, err, "get invitation")
}

// ListInvitations returns the open ones, expired ones too, the newest first; after = oseq of the last row seen, 0 = from the newest.
func ListInvitations(ctx context.Context, tx pgx.Tx, org uuid.UUID, after int64, limit int) ([]*Invitation, error) {
	rows, err := tx.Query(ctx, selectFrom[Invitation]("member_invitations")+`where org_id = $1 and ($2::bigint = 0 or oseq < $2) and status = 'open' order by oseq desc limit $3`, org, after, limit)
	return collectAll[Invitation](rows, err, "list invitations")
}

// InvitationsTo lists the invitations to an address, whatever became of them, newest first.
func InvitationsTo(ctx context.Context, tx pgx.Tx, org uuid.UUID, email string, limit int) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `select invitation_id from read.member_invitations where org_id = $1 and details is not null and details::jsonb ->> 'email' = $2 order by oseq desc limit $3`, org, email, limit)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return ids, nil
}

// CountMembers returns how many seats are taken.
func CountMembers(ctx context.Context, tx pgx.Tx, org uuid.UUID) (n int64, err error) {
	if err := tx.QueryRow(ctx, `select count(*) from read.members where org_id = $1 and ended_at is null`, org).Scan(&n); err != nil {
		return 0, fmt.Errorf("count members: %w", err)
	}
	return n, nil
}
