package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
)

// ExportOwnData gives a person what is kept of them.
func (h *Handlers) ExportOwnData(ctx context.Context, c *Call) error {
	who, err := h.cfg.People.ByID(ctx, c.Who.Person)
	if err != nil {
		return err
	}
	d, err := h.cfg.People.PersonalData(ctx, who.ID)
	if err != nil {
		return err
	}
	factor, err := h.cfg.SecondFactors.State(ctx, who.ID)
	if err != nil {
		return err
	}
	out := gen.OwnData{ID: who.ID, Email: who.Email, FirstName: who.FirstName, LastName: who.LastName, CreatedAt: who.CreatedAt.UTC(), SecondFactor: factor.On,
		Memberships: []gen.Membership{}, Sessions: []gen.PastSession{}, APIKeys: []gen.OwnAPIKey{}, Identities: []gen.OwnIdentity{}, Actions: []gen.OwnAction{}}
	if who.LastSignIn != nil {
		out.LastSignInAt = who.LastSignIn.UTC()
	}
	picture, err := h.cfg.People.Picture(ctx, who.ID)
	if err != nil && !errors.Is(err, identity.ErrNotFound) {
		return err
	}
	out.Picture = picture.JPEG
	for _, s := range d.Sessions {
		shown := gen.PastSession{ID: s.ID, CreatedAt: s.Created.UTC(), UsedAt: s.Used.UTC(), Address: s.Address, UserAgent: s.UserAgent, Place: s.Place, Operator: s.Operator}
		if s.Ended != nil {
			shown.EndedAt = s.Ended.UTC()
		}
		out.Sessions = append(out.Sessions, shown)
	}
	for _, k := range d.Keys {
		shown := gen.OwnAPIKey{ID: k.ID, OrganizationID: k.Org, Name: k.Name, CreatedAt: k.Created.UTC(), LastUsedAddress: k.UsedFrom}
		if k.LastUsed != nil {
			shown.LastUsedAt = k.LastUsed.UTC()
		}
		if k.Revoked != nil {
			shown.RevokedAt = k.Revoked.UTC()
		}
		out.APIKeys = append(out.APIKeys, shown)
	}
	for _, i := range d.Identities {
		out.Identities = append(out.Identities, gen.OwnIdentity{Provider: i.Provider, Issuer: i.Issuer, Subject: i.Subject, LinkedAt: i.Linked.UTC()})
	}
	list, err := h.cfg.Sessions.Memberships(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, m := range list {
		name, err := h.cfg.OrganizationName(ctx, m.Org)
		if err != nil {
			return err
		}
		out.Memberships = append(out.Memberships, gen.Membership{OrganizationID: m.Org, OrganizationName: name, Role: string(m.Role)})
	}
	if out.Actions, err = h.ownActions(ctx, who.ID, d.Keys); err != nil {
		return err
	}
	return c.Answer(http.StatusOK, out)
}

// ownActionsKept is how many of what a person did in an organisation, by themselves or a key, an export has.
const ownActionsKept = 10_000

// ownActions lists what a person has done, in all organisations that they are or were a member of.
func (h *Handlers) ownActions(ctx context.Context, person uuid.UUID, keys []identity.OwnKey) ([]gen.OwnAction, error) {
	all := []gen.OwnAction{}
	list, err := h.cfg.People.EverMember(ctx, person)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		if m.Deleted {
			continue // its history is gone, or nobody's to see
		}
		actors := []es.Actor{{Kind: es.ActorPerson, ID: person.String()}}
		for _, k := range keys {
			if k.Org == m.Org {
				actors = append(actors, es.Actor{Kind: es.ActorAPIKey, ID: k.ID.String()})
			}
		}
		for _, actor := range actors {
			some, err := h.cfg.Deeds(ctx, m.Org, actor, ownActionsKept)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	slices.SortStableFunc(all, func(a, b gen.OwnAction) int { return b.Time.Compare(a.Time) })
	return all, nil
}

// EraseOwn forgets who asks, here and in the logs of all organisations that they are, or were, a member of. It may be repeated until it has succeeded.
func (h *Handlers) EraseOwn(ctx context.Context, c *Call) error {
	var body gen.EraseOwn
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	who, err := h.confirmErasure(ctx, c, body)
	if err != nil {
		return err
	}
	sole, err := h.cfg.People.SoleOwnerOf(ctx, who.ID)
	if err != nil {
		return err
	}
	if sole != uuid.Nil { // before anything is forgotten
		return es.Refuse(commands.CodeLastOwner, map[string]uuid.UUID{"id": sole})
	}
	list, err := h.cfg.People.EverMember(ctx, who.ID)
	if err != nil {
		return err
	}
	for _, m := range list {
		if err := h.eraseIn(ctx, c, m.Org, who); err != nil {
			return err
		}
	}
	if err := h.cfg.SecondFactors.Forget(ctx, who.ID); err != nil {
		return err
	}
	if err := h.cfg.People.Erase(ctx, who); err != nil {
		return err
	}
	clearCookies(c)
	c.Status(http.StatusNoContent)
	return nil
}

// confirmErasure wants the password once more; the address of who has none.
func (h *Handlers) confirmErasure(ctx context.Context, c *Call, body gen.EraseOwn) (identity.Person, error) {
	has, err := h.cfg.People.HasPassword(ctx, c.Who.Person)
	if err != nil {
		return identity.Person{}, err
	}
	if has {
		return h.confirmPassword(ctx, c, body.Password)
	}
	who, err := h.cfg.People.ByID(ctx, c.Who.Person)
	if err == nil && !strings.EqualFold(strings.TrimSpace(body.Email), who.Email) {
		err = refuseField("email", "must be your address, as you have no password here")
	}
	return who, err
}

// eraseIn lets an organisation forget a person; one that is gone for good has.
func (h *Handlers) eraseIn(ctx context.Context, c *Call, org uuid.UUID, who identity.Person) error {
	invitations, err := h.cfg.InvitationsTo(ctx, org, who.Email)
	if err != nil {
		return err
	}
	a, err := h.submit(ctx, c, org, who.ID, uuid.New(), commands.EraseMember{PersonID: who.ID, Invitations: invitations})
	var refused *es.Refusal
	if errors.As(err, &refused) && (refused.Code == commands.CodeOrganizationDeleted || refused.Code == commands.CodeOrganizationUnknown) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("erase in %s: %w", org, err)
	}
	if a.Outcome != es.Accepted {
		return nil
	}
	return h.cfg.Sessions.SetMembership(ctx, org, who.ID, "", a.Oseq)
}
