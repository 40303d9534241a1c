package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/pii"
)

// Invitation is what the link of an invitation is about.
type Invitation = identity.Invitation

// CanMail returns ErrNoMail when nobody can be written to, also where nobody signs in: h is nil.
func (h *Handlers) CanMail() error {
	if h == nil || h.cfg.Mail == nil {
		return ErrNoMail
	}
	return nil
}

// Invite mails a link that replaces earlier ones of the invitation.
func (h *Handlers) Invite(ctx context.Context, i Invitation) error {
	name, err := h.cfg.OrganizationName(ctx, i.Org)
	if err != nil {
		return err
	}
	token, err := h.cfg.Links.Issue(ctx, identity.LinkInvitation, i.ID.String(), i, commands.InvitationTime)
	if err != nil {
		return err
	}
	h.send(i.Email, mailInvitation(name, h.link("accept-invitation", token)))
	return nil
}

// Withdraw ends the link of an invitation.
func (h *Handlers) Withdraw(ctx context.Context, invitation uuid.UUID) error {
	return h.cfg.Links.Withdraw(ctx, identity.LinkInvitation, invitation.String())
}

func (h *Handlers) findInvitation(ctx context.Context, token string) (link identity.Link, i Invitation, err error) {
	if link, err = h.cfg.Links.Find(ctx, identity.LinkInvitation, token); err != nil {
		return link, i, err
	}
	if err := json.Unmarshal(link.Data, &i); err != nil {
		return link, i, fmt.Errorf("read invitation: %w", err)
	}
	return link, i, nil
}

// ReadInvitation says who is invited, masked, and to what.
func (h *Handlers) ReadInvitation(ctx context.Context, c *Call) error {
	var body gen.MailedToken
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if err := h.limitTries(ctx, c); err != nil {
		return err
	}
	_, i, err := h.findInvitation(ctx, body.Token)
	if err != nil {
		return err
	}
	name, err := h.cfg.OrganizationName(ctx, i.Org)
	if err != nil {
		return err
	}
	_, err = h.cfg.People.ByEmail(ctx, i.Email)
	if err != nil && !errors.Is(err, identity.ErrNotFound) {
		return err
	}
	newPerson := err != nil
	role, err := h.cfg.RoleName(ctx, i.Org, i.Role)
	if err != nil {
		return err
	}
	return c.Answer(http.StatusOK, gen.ReceivedInvitation{Email: pii.MaskAddress(i.Email), OrganizationName: name, Role: gen.Role(i.Role), RoleName: role, NewPerson: newPerson})
}

// AcceptInvitation makes who is invited a member: as a new person, or as the one who is signed in.
func (h *Handlers) AcceptInvitation(ctx context.Context, c *Call) error {
	var body gen.AcceptInvitation
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	if err := h.limitTries(ctx, c); err != nil {
		return err
	}
	link, i, err := h.findInvitation(ctx, body.Token)
	if err != nil {
		return err
	}
	who, password, err := h.whoAccepts(ctx, c, link, i, body)
	if err != nil {
		return err
	}
	hash, profile, err := h.sealProfile(ctx, i.Org, who)
	if err != nil {
		return err
	}
	// Of an id of its own each time: who found no seat may find one later. The state knows who has joined already.
	a, err := h.submit(ctx, c, i.Org, who.ID, uuid.New(), commands.AcceptInvitation{InvitationID: i.ID, PersonID: who.ID, AddressHash: hash, Profile: profile})
	if err != nil {
		return err
	}
	if password != "" {
		if err := h.cfg.People.Add(ctx, who, password); err != nil {
			return err
		}
	}
	if a.Outcome == es.Accepted {
		if err := h.cfg.Sessions.SetMembership(ctx, i.Org, who.ID, i.Role, a.Oseq); err != nil {
			return err
		}
	}
	if err := h.cfg.Links.Use(ctx, link.ID); err != nil {
		return err
	}
	if c.Who.Person == uuid.Nil {
		return h.begin(ctx, c, who.ID, i.Org)
	}
	g, err := h.cfg.Sessions.Switch(ctx, c.Who.Session, who.ID, i.Org)
	if err != nil {
		return err
	}
	return h.answerGrant(c, g)
}

// whoAccepts returns who is signed in, or a new person with the hash of their password.
func (h *Handlers) whoAccepts(ctx context.Context, c *Call, link identity.Link, i Invitation, body gen.AcceptInvitation) (identity.Person, string, error) {
	who, err := h.cfg.People.ByEmail(ctx, i.Email)
	switch {
	case err == nil && c.Who.Person == uuid.Nil:
		return who, "", ErrNeeded
	case err == nil && c.Who.Person != who.ID, errors.Is(err, identity.ErrNotFound) && c.Who.Person != uuid.Nil:
		return who, "", fmt.Errorf("%w: the invitation is for %s", ErrOther, pii.MaskAddress(i.Email))
	case err == nil:
		return who, "", nil
	case !errors.Is(err, identity.ErrNotFound):
		return who, "", err
	}
	if err := identity.CheckPassword(body.Password, i.Email); err != nil {
		return who, "", refuseField("password", err.Error())
	}
	hash, err := h.cfg.People.HashPassword(ctx, body.Password)
	return identity.Person{ID: es.DeriveID(link.ID, "person"), Email: i.Email, FirstName: body.FirstName, LastName: body.LastName}, hash, err
}
