package api

import (
	"encoding/json"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/api/session"
	"outrider/commands"
	"outrider/internal/identity"
	"outrider/projections"
)

// memberHandlers answer about members and invitations.
type memberHandlers struct {
	*readSide
	*writeSide
	signIn   *SignIn           // nil = only keys sign in here
	sessions *session.Handlers // likewise
	keys     *identity.APIKeys
	slugs    *identity.Slugs

	simulated bool // time is a demonstration's
}

func forMembers(handle func(*memberHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(s.members, c) }
}

// memberOf shows a member, whose role is named by roleNames or not at all.
func memberOf(row *projections.Member, names map[string]string) (gen.Member, error) {
	var p projections.MemberProfile
	if row.Profile != nil {
		if err := json.Unmarshal([]byte(*row.Profile), &p); err != nil {
			return gen.Member{}, err
		}
	}
	return gen.Member{ID: row.PersonID, Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Role: row.Role, RoleName: names[row.Role], JoinedAt: row.JoinedAt, SeatPaused: row.SeatPaused}, nil
}

func (m *memberHandlers) listMembers(c *call) error {
	names, err := m.roleNames(c)
	if err != nil {
		return err
	}
	var pictures map[uuid.UUID]string
	data, next, err := listPage(m.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Member, error) {
		list, err := projections.ListMembers(c.ctx, tx, c.who.Org, after, limit)
		if err == nil {
			pictures, err = m.picturesOf(c, list)
		}
		return list, err
	}, func(row *projections.Member) int64 { return row.Oseq }, func(row *projections.Member) (gen.Member, error) {
		out, err := memberOf(row, names)
		out.Picture = pictures[row.PersonID]
		return out, err
	})
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.MemberPage{Data: data, NextCursor: next})
}

// picturesOf returns the versions of members' pictures.
func (m *memberHandlers) picturesOf(c *call, list []*projections.Member) (map[uuid.UUID]string, error) {
	if m.signIn == nil {
		return nil, nil
	}
	people := make([]uuid.UUID, len(list))
	for i, row := range list {
		people[i] = row.PersonID
	}
	return m.signIn.People.PictureVersions(c.ctx, people...)
}

func (m *memberHandlers) loadMember(c *call, id uuid.UUID) (row *projections.Member, err error) {
	err = m.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMember(c.ctx, tx, c.who.Org, id)
		return err
	})
	return row, err
}

func (m *memberHandlers) updateMember(c *call, id uuid.UUID, body gen.MemberPatch) error {
	row, err := m.loadMember(c, id)
	if err != nil {
		return err
	}
	role := identity.Role(body.Role)
	if err := m.checkGive(c, role, identity.Role(row.Role)); err != nil {
		return err
	}
	a, err := m.submitOwn(c, commands.ChangeMemberRole{PersonID: id, Role: string(role)})
	if err != nil {
		return err
	}
	if err := m.setMembership(c, id, role, a.Oseq); err != nil {
		return err
	}
	return m.showAfterChange(c, "members", a, func() error {
		row, err := m.loadMember(c, id)
		if err != nil {
			return err
		}
		names, err := m.roleNames(c)
		if err != nil {
			return err
		}
		out, err := memberOf(row, names)
		if err != nil {
			return err
		}
		return c.answerJSON(200, out)
	})
}

func (m *memberHandlers) removeMember(c *call, id uuid.UUID) error {
	row, err := m.loadMember(c, id)
	if err != nil {
		return err
	}
	if err := m.checkGive(c, identity.Role(row.Role)); err != nil {
		return err
	}
	a, err := m.submitOwn(c, commands.RemoveMember{PersonID: id})
	if err != nil {
		return err
	}
	if err := m.setMembership(c, id, "", a.Oseq); err != nil {
		return err
	}
	return c.answerNothing()
}

// setMembership lets what the log says hold in this process at once; a reactor does the same for whoever dies before.
func (m *memberHandlers) setMembership(c *call, person uuid.UUID, role identity.Role, oseq int64) error {
	if m.signIn == nil {
		return nil
	}
	return m.signIn.Sessions.SetMembership(c.ctx, c.who.Org, person, role, oseq)
}

// transferOwnership is an owner's own doing, who confirms it with their password.
func (m *memberHandlers) transferOwnership(c *call, id uuid.UUID, body gen.TransferOwnership) error {
	if _, err := m.loadMember(c, id); err != nil {
		return err
	}
	if c.who.Person == uuid.Nil || m.sessions == nil {
		return forbiddenProblem("an owner who has signed in", identity.OrganizationTransfer)
	}
	if err := m.sessions.ConfirmPassword(c.ctx, &session.Call{Ctx: c.Ctx, RequestID: c.request, Who: c.who}, body.Password); err != nil {
		return err
	}
	a, err := m.submitOwn(c, commands.TransferOwnership{From: c.who.Person, To: id})
	if err != nil {
		return err
	}
	if err := m.setMembership(c, id, identity.RoleOwner, a.Oseq); err != nil {
		return err
	}
	if err := m.setMembership(c, c.who.Person, identity.RoleAdmin, a.Oseq); err != nil {
		return err
	}
	return c.answerNothing()
}
