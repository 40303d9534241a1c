package api

import (
	"encoding/json"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/api/session"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/pii"
	"outrider/projections"
)

// invitationDetails is what an invitation's log entry has under its key.
type invitationDetails struct {
	Email string `json:"email"`
}

func invitationOf(row *projections.Invitation, names map[string]string) (gen.Invitation, error) {
	var d invitationDetails
	if row.Details != nil {
		if err := json.Unmarshal([]byte(*row.Details), &d); err != nil {
			return gen.Invitation{}, err
		}
	}
	return gen.Invitation{ID: row.InvitationID, Email: d.Email, Role: row.Role, RoleName: names[row.Role], InvitedAt: row.InvitedAt, ExpiresAt: row.ExpiresAt}, nil
}

// inviteMember writes the fact first; the link is mailed after it.
func (m *memberHandlers) inviteMember(c *call, body gen.InvitationCreate) error {
	if err := m.sessions.CanMail(); err != nil {
		return err
	}
	email, err := pii.NormalizeAddress(body.Email)
	if err != nil {
		return invalidProblem(gen.FieldError{Field: "email", Reason: err.Error()})
	}
	role := identity.Role(body.Role)
	if err := m.checkGive(c, role); err != nil {
		return err
	}
	in, err := m.beginOwn(c)
	if err != nil {
		return err
	}
	id := in.newID("invitation")
	hash, sealed, err := m.sealInvitation(c, id, email)
	if err != nil {
		return err
	}
	a, err := m.submitCommand(in, commands.InviteMember{InvitationID: id, AddressHash: hash, Details: sealed, Role: string(role)})
	if err != nil {
		return err
	}
	if a.Outcome == es.Accepted {
		if err := m.sessions.Invite(c.ctx, session.Invitation{Org: c.who.Org, ID: id, Email: email, Role: role}); err != nil {
			return err
		}
	}
	return c.answerCreated(gen.Invitation{ID: id, Email: email, Role: body.Role, InvitedAt: a.Time, ExpiresAt: a.Time.Add(commands.InvitationTime)}, "/v1/invitations/"+id.String(), 0)
}

func (m *memberHandlers) sealInvitation(c *call, id uuid.UUID, email string) (hash string, sealed events.Sealed, err error) {
	hasher, err := m.vault.Hasher(c.ctx, c.who.Org)
	if err != nil {
		return "", sealed, err
	}
	details, err := json.Marshal(invitationDetails{email})
	if err != nil {
		return "", sealed, err
	}
	keys, err := m.vault.Keys(c.ctx, c.who.Org, []uuid.UUID{id})
	if err != nil {
		return "", sealed, err
	}
	s, err := keys[0].Seal(projections.InvitationField, details)
	return hasher.AddressHash(email).String(), events.Sealed(s), err
}

func (m *memberHandlers) listInvitations(c *call) error {
	names, err := m.roleNames(c)
	if err != nil {
		return err
	}
	data, next, err := listPage(m.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Invitation, error) {
		return projections.ListInvitations(c.ctx, tx, c.who.Org, after, limit)
	}, func(row *projections.Invitation) int64 { return row.Oseq }, func(row *projections.Invitation) (gen.Invitation, error) { return invitationOf(row, names) })
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.InvitationPage{Data: data, NextCursor: next})
}

func (m *memberHandlers) loadInvitation(c *call, id uuid.UUID) (out gen.Invitation, err error) {
	var row *projections.Invitation
	if err := m.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetInvitation(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return out, err
	}
	names, err := m.roleNames(c)
	if err != nil {
		return out, err
	}
	return invitationOf(row, names)
}

func (m *memberHandlers) withdrawInvitation(c *call, id uuid.UUID) error {
	if _, err := m.submitOwn(c, commands.WithdrawInvitation{InvitationID: id}); err != nil {
		return err
	}
	if m.sessions != nil {
		if err := m.sessions.Withdraw(c.ctx, id); err != nil {
			return err
		}
	}
	return c.answerNothing()
}

// resendInvitation mails a new link after the fact that replaces the old one.
func (m *memberHandlers) resendInvitation(c *call, id uuid.UUID) error {
	if err := m.sessions.CanMail(); err != nil {
		return err
	}
	i, err := m.loadInvitation(c, id)
	if err != nil {
		return err
	}
	if err := m.checkGive(c, identity.Role(i.Role)); err != nil {
		return err
	}
	a, err := m.submitOwn(c, commands.RenewInvitation{InvitationID: id})
	if err != nil {
		return err
	}
	if err := m.sessions.Invite(c.ctx, session.Invitation{Org: c.who.Org, ID: id, Email: i.Email, Role: identity.Role(i.Role)}); err != nil {
		return err
	}
	i.ExpiresAt = a.Time.Add(commands.InvitationTime)
	return c.answerJSON(200, i)
}
