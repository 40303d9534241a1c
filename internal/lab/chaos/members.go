package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/retry"
)

// memberPause is between two changes of members. Who accepts costs a hash, and an address may do so sixty times a minute.
const memberPause = 1200 * time.Millisecond

// changeMembers plays an organisation that invites people, gives them other roles and removes them, all beyond its seats, until the load ends.
func (l *load) changeMembers(ctx context.Context) {
	pool, err := pgxpool.New(ctx, l.s.engines.Postgres)
	if err != nil {
		l.s.logLine("nobody is invited: %v", err)
		return
	}
	defer pool.Close()
	m := crew{l: l, links: identity.NewMailedLinks(pool, nil), chance: rand.New(rand.NewPCG(l.s.cfg.Seed, 80)), asker: newAsker(l.s.url, l.elapsed, &l.counts)}
	l.untilEnd(ctx, memberPause, func() { m.changeOnce(ctx) })
}

// crewSeats are those of the plan that people come and go with.
const crewSeats = 3

// crew changes the members of one organisation.
type crew struct {
	l      *load
	turns  int
	links  *identity.MailedLinks
	chance *rand.Rand
	asker  *asker
}

func (m *crew) ask(ctx context.Context, method, path string, body any) response {
	r := m.l.crew.writeAsTenant("change members", method, path, body)
	if method != http.MethodGet {
		r.once = m.l.nextName("member")
	}
	if body != nil {
		r.contentType = "application/json"
	}
	_, res, _ := m.asker.askUntilAnswered(ctx, r) // the log says what came of it
	return res
}

// changeOnce fills all seats and asks for one more, then takes the organisation from its only owner, and goes on as chance will have it: however few turns a
// slow machine has, both are tried.
func (m *crew) changeOnce(ctx context.Context) {
	var page struct {
		Data []struct {
			ID   uuid.UUID
			Role string
		}
	}
	if res := m.ask(ctx, http.MethodGet, "/v1/members?limit=100", nil); json.Unmarshal(res.body, &page) != nil {
		return
	}
	role, n := pickOne(m.chance, []string{"owner", "admin", "member"}), m.chance.IntN(8)
	switch m.turns++; {
	case m.turns == 1:
		m.invite(ctx, "owner", false)
		return
	case m.turns <= crewSeats+1:
		m.invite(ctx, "member", false)
		return
	case m.turns > crewSeats+2 && (n < 5 || len(page.Data) == 0):
		m.invite(ctx, role, n == 0 && len(page.Data) > 0)
		return
	}
	var who uuid.UUID
	for _, p := range page.Data {
		if who == uuid.Nil || p.Role == "owner" {
			who = p.ID
		}
	}
	switch {
	case len(page.Data) == 0:
	case m.turns == crewSeats+2:
		m.ask(ctx, http.MethodPatch, "/v1/members/"+who.String(), map[string]any{"role": "member"})
	case m.chance.IntN(2) == 0:
		m.ask(ctx, http.MethodPatch, "/v1/members/"+pickOne(m.chance, page.Data).ID.String(), map[string]any{"role": role})
	default:
		m.ask(ctx, http.MethodDelete, "/v1/members/"+pickOne(m.chance, page.Data).ID.String(), nil)
	}
}

// invite has somebody new accept, or withdraws the invitation. The link doesn't come by mail: it replaces the one that was mailed.
func (m *crew) invite(ctx context.Context, role string, withdraw bool) {
	email := m.l.nextName("colleague") + "@crew.example.com"
	var made struct{ ID uuid.UUID }
	if res := m.ask(ctx, http.MethodPost, "/v1/invitations", map[string]any{"email": email, "role": role}); res.status/100 != 2 || json.Unmarshal(res.body, &made) != nil {
		return
	}
	if withdraw {
		m.ask(ctx, http.MethodDelete, "/v1/invitations/"+made.ID.String(), nil)
		return
	}
	i := identity.Invitation{Org: m.l.crew.id, ID: made.ID, Email: email, Role: identity.Role(role)}
	for ctx.Err() == nil {
		token, err := m.links.Issue(ctx, identity.LinkInvitation, made.ID.String(), i, time.Hour)
		if err != nil {
			_ = retry.Sleep(ctx, 100*time.Millisecond) // Postgres is away
			continue
		}
		_, _, _ = m.asker.askUntilAnswered(ctx, request{what: "accept invitation", method: http.MethodPost, path: "/v1/auth/accept-invitation", visitor: true, contentType: "application/json",
			body: encodeBody(map[string]any{"token": token, "password": "correct horse battery", "first_name": "Cora", "last_name": "Colleague"})})
		return
	}
}

// members is what the log says of who belongs to organisations.
type members map[uuid.UUID]map[uuid.UUID]string // role by organisation and person

// see takes what changes members, and counts moments without an owner.
func (m members) see(e *es.Event, res *Result) {
	var of struct {
		PersonID uuid.UUID `json:"person_id"`
		From     uuid.UUID `json:"from"`
		Role     string    `json:"role"`
	}
	if es.Unmarshal(e.Data, &of) != nil {
		return
	}
	all := m[e.Org]
	if all == nil {
		all = map[uuid.UUID]string{}
		m[e.Org] = all
	}
	owners := countOwners(all)
	switch e.Type {
	case "member.joined.v1":
		res.Members++
		all[of.PersonID] = of.Role
	case "member.provisioned.v1", "member.role_changed.v1":
		all[of.PersonID] = of.Role
	case "ownership.transferred.v1":
		all[of.From], all[of.PersonID] = "admin", "owner"
	case "member.left.v1", "member.removed.v1", "member.erased.v1":
		delete(all, of.PersonID)
	}
	if owners > 0 && countOwners(all) == 0 {
		res.addFinding(&res.MemberDiff, "organisation %s has no owner from %s %s on", e.Org, e.Type, e.ID)
	}
}

func countOwners(all map[uuid.UUID]string) (n int) {
	for _, role := range all {
		if role == "owner" {
			n++
		}
	}
	return n
}

// auditMembers waits until those who are let in are those whom the log has as members, and counts who isn't.
func (s *system) auditMembers(ctx context.Context, x *logContent, res *Result) error {
	var differs []string
	if err := s.awaitEmpty(ctx, func() (n int, err error) {
		differs, err = s.compareMembers(ctx, x.members)
		return len(differs), err
	}); err != nil {
		return err
	}
	for _, d := range differs {
		res.addFinding(&res.MemberDiff, "%s", d)
	}
	return nil
}

func (s *system) compareMembers(ctx context.Context, m members) (differs []string, err error) {
	conn, err := pgx.Connect(ctx, s.engines.Postgres)
	if err != nil {
		return nil, fmt.Errorf("read memberships: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `select org_id, person_id, role from identity.memberships where role <> ''`)
	if err != nil {
		return nil, fmt.Errorf("read memberships: %w", err)
	}
	is := members{}
	var org, person uuid.UUID
	var role string
	if _, err := pgx.ForEachRow(rows, []any{&org, &person, &role}, func() error {
		if is[org] == nil {
			is[org] = map[uuid.UUID]string{}
		}
		is[org][person] = role
		if has := m[org][person]; has != role {
			differs = append(differs, fmt.Sprintf("person %s is let in to organisation %s as %q, and %q in its log", person, org, role, has))
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read memberships: %w", err)
	}
	for org, all := range m {
		for person, role := range all {
			if is[org][person] == "" {
				differs = append(differs, fmt.Sprintf("person %s isn't let in to organisation %s, and %q in its log", person, org, role))
			}
		}
	}
	return differs, nil
}
