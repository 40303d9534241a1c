package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections"
)

// adminHandlers answer who runs the installation about organisations and people. What an operator changes of an organisation or a key they
// change where its members do, by a platform key.
type adminHandlers struct {
	*readSide
	*writeSide
	signIn    *SignIn // nil = only keys sign in here
	directory *identity.Directory
	usageOf   func(c *call, org uuid.UUID) (gen.Usage, error)
	told      *lru.Cache[string, struct{}] // uses of impersonations that histories have
}

// toldUses is how many uses are remembered; one that is forgotten is told again, which changes nothing.
const toldUses = 10_000

func newAdminHandlers(s *Server) (*adminHandlers, error) {
	told, err := lru.New[string, struct{}](toldUses)
	if err != nil {
		return nil, err
	}
	return &adminHandlers{s.readSide, s.writeSide, s.cfg.SignIn, s.cfg.Directory, s.usageOf, told}, nil
}

func forAdmin(handle func(*adminHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		if s.cfg.SignIn == nil || s.cfg.Directory == nil {
			return notFoundProblem()
		}
		return handle(s.admin, c)
	}
}

func (a *adminHandlers) listOrganizations(c *call) error {
	after, err := a.cursors.openParam(c, es.SystemOrg)
	if err != nil {
		return err
	}
	limit := c.numberParam("limit", defaultPage)
	found, err := a.directory.Find(c.ctx, identity.DirectoryFilter{Text: c.textParam("q"), Status: c.textParam("status"), Plan: c.textParam("plan")}, after, limit+1)
	if err != nil {
		return err
	}
	out := gen.AdminOrganizationPage{Data: []gen.AdminOrganization{}}
	if len(found) > limit {
		found = found[:limit]
		if out.NextCursor, err = a.cursors.sealNext(c, es.SystemOrg, found[limit-1].Slug); err != nil {
			return err
		}
	}
	for _, l := range found {
		one, err := a.describe(c, l.Org)
		if errors.Is(err, pgx.ErrNoRows) {
			continue // created, not projected yet
		}
		if err != nil {
			return err
		}
		out.Data = append(out.Data, one)
	}
	return c.answerJSON(http.StatusOK, out)
}

func (a *adminHandlers) getOrganization(c *call, id uuid.UUID) error {
	out, err := a.describe(c, id)
	if err != nil {
		return err
	}
	if err := a.readInOrg(c, id, func(tx pgx.Tx) error {
		rows, err := projections.ListMembers(c.ctx, tx, id, 0, commands.MaxItems)
		if err != nil {
			return err
		}
		for _, row := range rows {
			m, err := memberOf(row, nil)
			if err != nil {
				return err
			}
			out.Members = append(out.Members, m)
		}
		return nil
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

func (a *adminHandlers) describe(c *call, org uuid.UUID) (out gen.AdminOrganization, err error) {
	if out.Organization, err = a.loadOrganization(c, org); err != nil {
		return out, err
	}
	if out.Usage, err = a.usageOf(c, org); err != nil {
		return out, err
	}
	if out.Overrides, err = a.loadOverrides(c, org); err != nil {
		return out, err
	}
	out.Keys, out.Sessions, err = a.signIn.Sessions.CountAccess(c.ctx, org)
	return out, err
}

// loadOverrides returns the limits that were agreed for an organisation alone.
func (a *adminHandlers) loadOverrides(c *call, org uuid.UUID) (map[string]int64, error) {
	out := map[string]int64{}
	err := a.readInOrg(c, org, func(tx pgx.Tx) error {
		row, err := projections.GetBilling(c.ctx, tx, org)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(row.Overrides, &out)
	})
	return out, err
}

func (a *adminHandlers) listPeople(c *call) error {
	after, err := a.cursors.openParam(c, es.SystemOrg)
	if err != nil {
		return err
	}
	limit := c.numberParam("limit", defaultPage)
	found, err := a.signIn.People.Search(c.ctx, c.textParam("q"), after, limit+1)
	if err != nil {
		return err
	}
	out := gen.AdminPersonPage{Data: []gen.AdminPerson{}}
	if len(found) > limit {
		found = found[:limit]
		if out.NextCursor, err = a.cursors.sealNext(c, es.SystemOrg, found[limit-1].Email); err != nil {
			return err
		}
	}
	for _, who := range found {
		one, err := a.describePerson(c, who)
		if err != nil {
			return err
		}
		out.Data = append(out.Data, one)
	}
	return c.answerJSON(http.StatusOK, out)
}

func (a *adminHandlers) getPerson(c *call, id uuid.UUID) error {
	who, err := a.signIn.People.ByID(c.ctx, id)
	if err != nil {
		return err
	}
	out, err := a.describePerson(c, who)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

func (a *adminHandlers) describePerson(c *call, who identity.Person) (gen.AdminPerson, error) {
	out := gen.AdminPerson{ID: who.ID, Email: who.Email, FirstName: who.FirstName, LastName: who.LastName, CreatedAt: who.CreatedAt.UTC(), LastSignInAt: valueOrZero(who.LastSignIn), Memberships: []gen.Membership{}}
	list, err := a.signIn.Sessions.Memberships(c.ctx, who.ID)
	if err != nil {
		return out, err
	}
	for _, m := range list {
		name, err := organizationName(c.ctx, a.readSide, m.Org)
		if err != nil {
			return out, err
		}
		out.Memberships = append(out.Memberships, gen.Membership{OrganizationID: m.Org, OrganizationName: name, Role: string(m.Role)})
	}
	sessions, err := a.signIn.Sessions.List(c.ctx, who.ID)
	out.Sessions = int64(len(sessions))
	return out, err
}

// endSessions ends all sessions of a person.
func (a *adminHandlers) endSessions(c *call, id uuid.UUID) error {
	if _, err := a.signIn.People.ByID(c.ctx, id); err != nil {
		return err
	}
	if err := a.signIn.Sessions.EndAll(c.ctx, id, uuid.Nil); err != nil {
		return err
	}
	return c.answerNothing()
}

// impersonate writes into the organisation's history why somebody reads as its member, before anybody can.
func (a *adminHandlers) impersonate(c *call, body gen.ImpersonationCreate) error {
	if err := a.signIn.Sessions.CheckMember(c.ctx, body.PersonID, body.OrganizationID); err != nil {
		return err
	}
	minutes := body.Minutes
	if minutes == 0 {
		minutes = 15
	}
	in, err := a.beginWrite(c, body.OrganizationID, scopeOf(c, body.OrganizationID))
	if err != nil {
		return err
	}
	id, now := in.newID("impersonation"), time.Now() // of the installation: sessions know no other
	lasts := time.Duration(minutes) * time.Minute
	if _, err := a.submitCommand(in, commands.RecordImpersonation{ImpersonationID: id, PersonID: body.PersonID, Reason: body.Reason, Until: a.now().Add(lasts)}); err != nil {
		return err
	}
	g, err := a.signIn.Sessions.BeginImpersonation(c.ctx, identity.Impersonation{ID: id, Person: body.PersonID, Org: body.OrganizationID, OperatorKey: c.who.KeyID, Until: now.Add(lasts)},
		identity.Device{Address: c.IP(), UserAgent: "an operator of this installation"})
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusCreated, gen.Impersonation{ID: id, OrganizationID: g.Org, PersonID: g.Person, Role: gen.Role(g.Role), AccessToken: g.Token, ExpiresAt: g.Expires.UTC()})
}

// noteImpersonation lets an operator who reads as a member do nothing else, and the organisation see what they ask for: each operation when it is
// asked for first, before it is answered.
func (a *adminHandlers) noteImpersonation(c *call) error {
	if c.who.Operator == uuid.Nil {
		return nil
	}
	if c.route.Method != http.MethodGet {
		return newProblem(codeForbidden, "an operator who reads as a member changes nothing")
	}
	operation := c.route.Method + " " + c.route.Path
	key := c.who.Session.String() + " " + operation
	if a.told.Contains(key) {
		return nil
	}
	in, err := a.beginOwn(c)
	if err != nil {
		return err
	}
	in.id = es.DeriveID(c.who.Session, operation) // once, whichever process is asked
	if _, err := a.submitCommand(in, commands.RecordImpersonationUse{ImpersonationID: c.who.Session, PersonID: c.who.Person, Operation: operation}); err != nil {
		return err
	}
	c.position = es.Position{} // the caller has written nothing
	a.told.Add(key, struct{}{})
	return nil
}
