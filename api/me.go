package api

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/buildinfo"
	"outrider/internal/identity"
	"outrider/internal/postgres"
	"outrider/projections"
)

// statusDeleted is what an organisation is called here whose deletion can be taken back.
const statusDeleted = "deleted"

// getMe says who asks, and what they may.
func (m *memberHandlers) getMe(c *call) error {
	out := gen.Me{Kind: gen.MeKindAPIKey, ID: c.who.KeyID, OrganizationID: c.who.Org, Role: string(c.who.Role), Permissions: []string{}, Organizations: []gen.MeOrganization{}, Operator: c.who.Operator != uuid.Nil, Simulated: m.simulated, Version: buildinfo.Version()}
	for _, s := range c.who.Scopes {
		out.Permissions = append(out.Permissions, string(s))
	}
	slices.Sort(out.Permissions)
	if c.who.Platform {
		out.Kind = gen.MeKindPlatformKey
	}
	describe := m.describeKey
	if c.who.Person != uuid.Nil {
		describe = m.describePerson
	}
	if err := describe(c, &out); err != nil {
		return err
	}
	for i := range out.Organizations {
		if out.Organizations[i].ID == c.who.Org {
			out.Organization = out.Organizations[i]
		}
	}
	return c.answerJSON(200, out)
}

// describeKey says whose a key is, and how long it is good.
func (m *memberHandlers) describeKey(c *call, out *gen.Me) error {
	info, err := m.keys.Find(c.ctx, c.who.Org, c.who.KeyID)
	if err != nil {
		return err
	}
	out.Name, out.ExpiresAt, out.AllowedNetworks = info.Name, valueOrZero(info.Expires), networkTexts(info.Networks)
	if c.who.Platform {
		return nil
	}
	out.Owner, out.PersonID = ownerOf(info.Person), info.Person
	own, err := m.ownOrganization(c, c.who.Org, "")
	if err != nil {
		return err
	}
	out.Organizations = append(out.Organizations, own)
	if info.Person == uuid.Nil || m.signIn == nil {
		return nil
	}
	who, err := m.signIn.People.ByID(c.ctx, info.Person)
	if err == nil {
		out.User = userOf(who)
	}
	return err
}

func (m *memberHandlers) describePerson(c *call, out *gen.Me) error {
	who, err := m.signIn.People.ByID(c.ctx, c.who.Person)
	if err != nil {
		return err
	}
	out.Kind, out.ID, out.SessionID, out.Email, out.FirstName, out.LastName = gen.MeKindPerson, who.ID, c.who.Session, who.Email, who.FirstName, who.LastName
	out.User = userOf(who)
	pictures, err := m.signIn.People.PictureVersions(c.ctx, who.ID)
	if err != nil {
		return err
	}
	out.User.Picture = pictures[who.ID]
	factor, err := m.signIn.SecondFactors.State(c.ctx, who.ID)
	if err != nil {
		return err
	}
	out.SecondFactor, out.RecoveryCodesLeft = factor.On, factor.RecoveryCodes
	list, err := m.signIn.Sessions.AllMemberships(c.ctx, who.ID)
	if err != nil {
		return err
	}
	for _, of := range list {
		own, err := m.ownOrganization(c, of.Org, string(of.Role))
		switch {
		case err != nil:
			return err
		case !of.Deleted:
			out.Memberships = append(out.Memberships, gen.Membership{OrganizationID: of.Org, OrganizationName: own.Name, Role: string(of.Role)})
		case of.Role != identity.RoleOwner: // nobody else can restore it
			continue
		default:
			own.Status = statusDeleted
		}
		out.Organizations = append(out.Organizations, own)
	}
	return nil
}

func userOf(who identity.Person) gen.MeUser {
	name := strings.TrimSpace(who.FirstName + " " + who.LastName)
	if name == "" {
		name = who.Email
	}
	return gen.MeUser{ID: who.ID, Name: name, Email: who.Email}
}

// ownOrganization shows an organisation of the caller; one that isn't in the read model yet by what its slug says.
func (m *memberHandlers) ownOrganization(c *call, org uuid.UUID, role string) (out gen.MeOrganization, err error) {
	out = gen.MeOrganization{ID: org, Role: role, Status: string(gen.OrganizationStatusActive)}
	err = postgres.InOrg(c.ctx, m.pool, org, func(tx pgx.Tx) error {
		row, err := projections.GetOrganization(c.ctx, tx, org)
		if err == nil {
			out.Slug, out.Name, out.Status, out.EraseAt = row.Slug, row.Name, row.Status, valueOrZero(row.EraseAt)
		}
		return err
	})
	if err == nil {
		out.PreviousSlugs, err = m.slugs.Old(c.ctx, org)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return out, err
	}
	out.Slug, err = m.slugs.Of(c.ctx, org)
	out.Name = out.Slug
	if errors.Is(err, identity.ErrNotFound) { // confirmed in a moment
		err = nil
	}
	return out, err
}
