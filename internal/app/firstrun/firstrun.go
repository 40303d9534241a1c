// Package firstrun lets who has started an installation of their own come in as an owner of an organisation: with a password, and by a link that
// is good once.
package firstrun

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/app/client"
	"outrider/internal/identity"
)

// Email is who the owner is called.
const Email = "owner@example.com"

// LinkTime is how long a link is good.
const LinkTime = 10 * time.Minute

// Place is an installation that runs on this machine.
type Place struct {
	API      *client.Client // with the platform's key
	Postgres string         // URL of a role that owns the database
	URL      string         // of the API, that links lead to
	Token    string         // of a link that was announced; "" = none, and a new one is made
}

// Owner is who can sign in.
type Owner struct {
	Person, Org uuid.UUID
	Password    string // "" = was set before
	Link        string // signs in once, within ten minutes
}

// Announce says how the owner will sign in, before there is one: a browser that follows the link waits. With show it is opened in one. Open and LetIn
// make the token that is returned good.
func Announce(to io.Writer, url string, show bool) (token string) {
	token = identity.NewLinkToken()
	link := linkTo(url, token)
	fmt.Fprintf(to, "Outrider starts on %s\n  sign in        %s    (once, within ten minutes; it waits until all is ready)\n", url, link)
	if show {
		ShowInBrowser(link)
	}
	return token
}

func linkTo(url, token string) string { return strings.TrimSuffix(url, "/") + "/start#" + token }

// Lines say how the owner signs in.
func (o Owner) Lines() string {
	text := "  sign in        " + o.Link + "    (once, within ten minutes)\n"
	if o.Password != "" {
		text += "  or as          " + Email + " with the password " + o.Password + "    (shown this once)\n"
	}
	return text
}

// Open makes an organisation where there is none, with its owner, and a link for them. Without an owner of ours where there are organisations, it returns a zero Owner.
func Open(ctx context.Context, p Place) (Owner, error) {
	s, err := openStore(ctx, p.Postgres)
	if err != nil {
		return Owner{}, err
	}
	defer s.pool.Close()
	o, err := s.findOwner(ctx, uuid.Nil)
	if err == nil {
		return s.addLink(ctx, p, o)
	}
	if !errors.Is(err, identity.ErrNotFound) {
		return o, err
	}
	list, _, err := client.Read[client.OrganizationPage](p.API.ListOrganizations(ctx, nil))
	if err != nil || len(list.Data) > 0 {
		return Owner{}, err
	}
	org, position, err := client.ReadDecided[client.Organization](p.API.CreateOrganization(ctx, nil, client.OrganizationCreate{Slug: "my-organization", Name: "My organization", TrialDays: new(0)}))
	if err != nil {
		return Owner{}, fmt.Errorf("create an organisation: %w", err)
	}
	key, _, err := client.ReadDecided[client.APIKey](p.API.CreateAPIKey(ctx, nil, client.APIKeyCreate{OrganizationID: &org.ID, Name: "first run", Scopes: scopes()}, client.Showing(position)))
	if err != nil {
		return Owner{}, fmt.Errorf("issue a key: %w", err)
	}
	o, err = s.letIn(ctx, p, org.ID, *key.Token)
	_, _, revoked := client.Read[any](p.API.RevokeAPIKey(ctx, key.ID, &client.RevokeAPIKeyParams{OrganizationID: &org.ID}))
	return o, errors.Join(err, revoked)
}

// OpenLogged says how the owner signs in, or "" where nobody of ours can; why not is logged.
func OpenLogged(ctx context.Context, p Place, log *slog.Logger) string {
	o, err := Open(ctx, p)
	if err != nil {
		log.Warn("nobody was made who can sign in; sign up instead", "error", err)
	}
	if o.Link == "" {
		return ""
	}
	return o.Lines()
}

// LetIn makes our owner one of an organisation's, by a key of it for everything, and a link for them.
func LetIn(ctx context.Context, p Place, org uuid.UUID, key string) (Owner, error) {
	s, err := openStore(ctx, p.Postgres)
	if err != nil {
		return Owner{}, err
	}
	defer s.pool.Close()
	return s.letIn(ctx, p, org, key)
}

type store struct {
	pool     *pgxpool.Pool
	links    *identity.MailedLinks
	people   *identity.People
	sessions *identity.Sessions
}

func openStore(ctx context.Context, url string) (*store, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	sessions, err := identity.NewSessions(pool, nil, "", identity.Options{})
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &store{pool, identity.NewMailedLinks(pool, nil), identity.NewPeople(pool, nil), sessions}, nil
}

// findOwner returns our owner and an organisation of theirs: that one, or any (the zero value). identity.ErrNotFound.
func (s *store) findOwner(ctx context.Context, org uuid.UUID) (Owner, error) {
	who, err := s.people.ByEmail(ctx, Email)
	if err != nil {
		return Owner{}, err
	}
	list, err := s.sessions.Memberships(ctx, who.ID)
	if err != nil {
		return Owner{}, err
	}
	for _, m := range list {
		if org == uuid.Nil || org == m.Org {
			return Owner{Person: who.ID, Org: m.Org}, nil
		}
	}
	return Owner{}, identity.ErrNotFound
}

func (s *store) addLink(ctx context.Context, p Place, o Owner) (Owner, error) {
	token := p.Token
	if token == "" {
		token = identity.NewLinkToken()
	}
	o.Link = linkTo(p.URL, token)
	return o, s.links.IssueAs(ctx, token, identity.LinkFirstRun, o.Person.String(), identity.FirstRun{Org: o.Org}, LinkTime)
}

// letIn lets our owner in, where there is none yet.
func (s *store) letIn(ctx context.Context, p Place, org uuid.UUID, key string) (Owner, error) {
	o, err := s.findOwner(ctx, org)
	if err == nil {
		return s.addLink(ctx, p, o)
	}
	if !errors.Is(err, identity.ErrNotFound) {
		return o, err
	}
	if o.Person, o.Password, err = s.addMember(ctx, p, org, key, Member{Email, "Olivia", "Owner", identity.RoleOwner}); err != nil {
		return o, err
	}
	o.Org = org
	return s.addLink(ctx, p, o)
}

// Member is somebody of an organisation.
type Member struct {
	Email, FirstName, LastName string
	Role                       identity.Role
}

// AddMembers lets people join an organisation, by a key of it for everything. Nobody knows their passwords; who is a person already is passed over.
func AddMembers(ctx context.Context, p Place, org uuid.UUID, key string, members ...Member) error {
	s, err := openStore(ctx, p.Postgres)
	if err != nil {
		return err
	}
	defer s.pool.Close()
	for _, m := range members {
		_, err := s.people.ByEmail(ctx, m.Email)
		if errors.Is(err, identity.ErrNotFound) {
			_, _, err = s.addMember(ctx, p, org, key, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addMember invites and accepts, as people do; only the mail isn't waited for: whoever starts an installation may read it.
func (s *store) addMember(ctx context.Context, p Place, org uuid.UUID, key string, m Member) (person uuid.UUID, password string, err error) {
	made, _, err := client.ReadDecided[client.Invitation](p.API.WithKey(key).InviteMember(ctx, nil, client.InvitationCreate{Email: m.Email, Role: string(m.Role)}))
	if err != nil {
		return person, "", fmt.Errorf("invite %s: %w", m.Email, err)
	}
	token, err := s.links.Issue(ctx, identity.LinkInvitation, made.ID.String(), identity.Invitation{Org: org, ID: made.ID, Email: m.Email, Role: m.Role}, LinkTime)
	if err != nil {
		return person, "", err
	}
	password = strings.ToLower(rand.Text()[:16])
	in, _, err := client.ReadDecided[client.SignedIn](p.API.WithKey("").AcceptInvitation(ctx, client.AcceptInvitation{Token: token, Password: &password, FirstName: &m.FirstName, LastName: &m.LastName}))
	if err != nil {
		return person, "", fmt.Errorf("accept the invitation of %s: %w", m.Email, err)
	}
	return in.PersonID, password, nil
}

func scopes() (out []string) {
	for _, s := range identity.OrganizationScopes() {
		out = append(out, string(s))
	}
	slices.Sort(out)
	return out
}
