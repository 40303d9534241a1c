package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"outrider/api"
	"outrider/internal/oidc"
	"outrider/internal/oidc/oidctest"
)

// trusting makes the providers of an installation.
func trusting(t testing.TB, specs ...string) *oidc.Providers {
	t.Helper()
	var all []*oidc.Provider
	for _, spec := range specs {
		cfg, err := oidc.ParseConfig(spec)
		check(t, err)
		p, err := oidc.NewProvider(cfg, oidc.Options{RefetchEvery: time.Millisecond})
		check(t, err)
		all = append(all, p)
	}
	secret, err := oidc.NewSecret([]byte(ownSecret), "https://own.example.com", "outrider", nil)
	check(t, err)
	providers, err := oidc.NewProviders(all, secret)
	check(t, err)
	return providers
}

const ownSecret = "the operator's secret, of 32 bytes and more"

func (w *world) trust(specs ...string) {
	w.t.Helper()
	w.serve(func(c *api.Config) {
		in := *c.SignIn
		in.External.Providers = trusting(w.t, specs...)
		c.SignIn = &in
	})
}

// clerk is a provider with Clerk's habits that the world trusts.
func (w *world) clerk() *oidctest.Issuer {
	w.t.Helper()
	i := oidctest.New(w.t)
	i.Add("key", "RS256", nil)
	w.trust("clerk=" + i.URL + ",kind=clerk,private=yes,authorized-party=https://app.example.com")
	return i
}

// claimsOf returns the claims of somebody in a provider's organisation.
func claimsOf(subject, email, org string) map[string]any {
	return map[string]any{"sub": subject, "email": email, "v": 2, "o": map[string]any{"id": org, "rol": "admin"}}
}

func (w *world) bearer(i *oidctest.Issuer, claims map[string]any) *client {
	return &client{world: w, key: i.Sign("key", i.Claims(claims), nil)}
}

func TestAProvidersOrganisationIsLinked(t *testing.T) {
	t.Parallel()
	w := build(t)
	i := w.clerk()
	ann := w.signUp("ann@example.com")
	annsToken := i.Sign("key", i.Claims(claimsOf("user_ann", "ann@example.com", "org_a")), nil)
	link := obj{"provider": "clerk", "external_id": "org_a"}
	with := func(token string) obj { return obj{"provider": "clerk", "external_id": "org_a", "token": token} }
	ann.refused(422, "invalid", "POST", "/v1/identity-links", link) // it could be anybody's
	ann.refused(422, "invalid", "POST", "/v1/identity-links", with(i.Sign("key", i.Claims(claimsOf("user_ann", "ann@example.com", "org_b")), nil)))
	ann.refused(422, "invalid", "POST", "/v1/identity-links", with("a.b.c"))
	ann.refused(422, "invalid", "POST", "/v1/identity-links", obj{"provider": "other", "external_id": "org_a", "token": annsToken})
	w.bearer(i, claimsOf("user_ann", "ann@example.com", "org_a")).refused(403, "forbidden", "GET", "/v1/me", nil) // not linked yet
	made := ann.ok("POST", "/v1/identity-links", with(annsToken))
	again := ann.ok("POST", "/v1/identity-links", with(annsToken))
	if made.text("id") == "" || again.text("id") != made.text("id") {
		t.Errorf("linked as %s and %s", made.body, again.body)
	}
	eve := w.signUp("eve@example.com")
	eve.refused(409, "already_exists", "POST", "/v1/identity-links", with(annsToken))
	w.operator().refused(409, "already_exists", "POST", "/v1/identity-links", obj{"organization_id": eve.org, "provider": "clerk", "external_id": "org_a"})
	w.operator().ok("POST", "/v1/identity-links", obj{"organization_id": eve.org, "provider": "clerk", "external_id": "org_e"})
	path := made.header.Get("Location")
	eve.refused(404, "not_found", "DELETE", path, nil)

	// A member is known by the address that the provider has checked, and from then on by what it calls them.
	w.bearer(i, map[string]any{"sub": "user_ann", "email_verified": false, "o": map[string]any{"id": "org_a"}}).refused(403, "forbidden", "GET", "/v1/me", nil)
	for _, claims := range []map[string]any{claimsOf("user_ann", "ann@example.com", "org_a"), {"sub": "user_ann", "email": nil, "o": map[string]any{"id": "org_a"}}} {
		if me := w.bearer(i, claims).ok("GET", "/v1/me", nil); me.text("id") != ann.person.String() || me.text("role") != "owner" {
			t.Errorf("a member is %s", me.body)
		}
	}
	w.bearer(i, claimsOf("user_zoe", "zoe@example.com", "org_a")).refused(403, "forbidden", "GET", "/v1/me", nil) // nobody joins by coming unless that is switched on
	w.bearer(i, claimsOf("user_eve", "eve@example.com", "org_a")).refused(403, "forbidden", "GET", "/v1/me", nil)
	if got := ann.until("/v1/identity-links", func(a answer) bool { return len(a.list("data")) == 1 }).list("data")[0].(map[string]any); got["external_id"] != "org_a" || got["provider"] != "clerk" {
		t.Errorf("listed: %v", got)
	}
	ann.ok("DELETE", path, nil)
	ann.refused(404, "not_found", "DELETE", path, nil)
	eve.ok("POST", "/v1/identity-links", obj{"provider": "clerk", "external_id": "org_a", "token": annsToken}) // free again
	bob := ann.join("bob@example.com", "member")
	bob.refused(403, "forbidden", "POST", "/v1/identity-links", with(annsToken))
}

// letIn links org_a to a new organisation, into which people come as members.
func letIn(t *testing.T, w *world, i *oidctest.Issuer, domains ...string) (ann *signedInMember, link string) {
	t.Helper()
	ann = w.signUp("ann@example.com")
	made := ann.ok("POST", "/v1/identity-links", obj{"provider": "clerk", "external_id": "org_a", "token": i.Sign("key", i.Claims(claimsOf("user_ann", "ann@example.com", "org_a")), nil)})
	link = made.header.Get("Location")
	set := ann.ok("PUT", link+"/joining", obj{"role": "member", "domains": append([]string{}, domains...)}, "Outrider-Position", made.header.Get("Outrider-Position"))
	if joining := set.json["joining"].(map[string]any); joining["role"] != "member" {
		t.Fatalf("joining: %s", set.body)
	}
	return ann, link
}

func TestPeopleJoinBySigningIn(t *testing.T) {
	t.Parallel()
	w := build(t)
	i := w.clerk()
	ann, link := letIn(t, w, i, "Example.com")
	ann.refused(422, "invalid", "PUT", link+"/joining", obj{"role": "owner"})
	ann.refused(422, "invalid", "PUT", link+"/joining", obj{"role": "member", "domains": []string{"co.uk"}})

	bob := w.bearer(i, claimsOf("user_bob", "Bob@Example.com", "org_a"))
	me := bob.ok("GET", "/v1/me", nil)
	if me.text("email") != "bob@example.com" || me.text("role") != "member" || me.text("organization_id") != ann.org.String() || me.text("kind") != "person" {
		t.Errorf("who came is %s", me.body)
	}
	if again := w.bearer(i, claimsOf("user_bob", "bob@renamed.example.org", "org_a")).ok("GET", "/v1/me", nil); again.text("id") != me.text("id") || again.text("email") != "bob@example.com" {
		t.Errorf("with another address at the provider they are %s", again.body)
	}
	if v1 := w.bearer(i, map[string]any{"sub": "user_bob", "org_id": "org_a", "org_role": "org:admin"}).ok("GET", "/v1/me", nil); v1.text("id") != me.text("id") || v1.text("role") != "member" {
		t.Errorf("by version 1: %s", v1.body)
	}
	bob.ok("GET", "/v1/leads", nil)
	bob.refused(403, "forbidden", "POST", "/v1/invitations", obj{"email": "x@example.com", "role": "member"}) // admin there, member here

	for name, c := range map[string]struct {
		claims map[string]any
		status int
	}{
		"another domain":                {claimsOf("user_carl", "carl@example.org", "org_a"), 403},
		"an address below it":           {claimsOf("user_carl", "carl@sub.example.com", "org_a"), 403},
		"a foreign organisation":        {claimsOf("user_bob", "bob@example.com", "org_b"), 403},
		"no organisation, never seen":   {map[string]any{"sub": "user_carl", "email": "carl@example.com"}, 403},
		"an address that isn't checked": {map[string]any{"sub": "user_carl", "email": "carl@example.com", "email_verified": false, "o": map[string]any{"id": "org_a"}}, 403},
		"no address":                    {map[string]any{"sub": "user_carl", "email": nil, "o": map[string]any{"id": "org_a"}}, 403},
		"another party":                 {map[string]any{"sub": "user_bob", "azp": "https://evil.example.com", "o": map[string]any{"id": "org_a"}}, 401},
		"expired":                       {map[string]any{"sub": "user_bob", "exp": time.Now().Add(-time.Hour).Unix(), "o": map[string]any{"id": "org_a"}}, 401},
	} {
		if a := w.bearer(i, c.claims).do("GET", "/v1/me", nil); a.status != c.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if none := w.bearer(i, map[string]any{"sub": "user_bob"}).ok("GET", "/v1/me", nil); none.text("organization_id") != ann.org.String() {
		t.Errorf("without an organisation in the token: %s", none.body) // their only one
	}
	w.nobody().refused(401, "unauthenticated", "GET", "/v1/me", nil, "Cookie", "outrider_access="+bob.key) // a bearer's, not a browser's

	// Who was removed is out, and doesn't come back by coming.
	ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) == 2 })
	ann.ok("DELETE", "/v1/members/"+me.text("id"), nil)
	for late := time.Now().Add(time.Minute); bob.do("GET", "/v1/leads", nil).status != 403; {
		if time.Now().After(late) { // the cache's time is a second
			t.Fatal("a removed member works on")
		}
		time.Sleep(100 * time.Millisecond) // the plan bounds requests
	}
	bob.refused(403, "forbidden", "GET", "/v1/me", nil)
	ann.ok("DELETE", link, nil)
	w.bearer(i, claimsOf("user_dan", "dan@example.com", "org_a")).refused(403, "forbidden", "GET", "/v1/me", nil)
}

// An address is the same person, whether they signed up here or came from there.
func TestAKnownAddressIsItsPerson(t *testing.T) {
	t.Parallel()
	w := build(t)
	i := w.clerk()
	ann, _ := letIn(t, w, i)
	if me := w.bearer(i, claimsOf("user_ann", "ANN@example.com", "org_a")).ok("GET", "/v1/me", nil); me.text("id") != ann.person.String() || me.text("role") != "owner" {
		t.Errorf("who owns the organisation is %s", me.body)
	}
	eve := w.signUp("eve@example.com")
	if me := w.bearer(i, claimsOf("user_eve", "eve@example.com", "org_a")).ok("GET", "/v1/me", nil); me.text("id") != eve.person.String() || me.text("organization_id") != ann.org.String() {
		t.Errorf("who signed up is %s", me.body)
	}
	if again := w.bearer(i, claimsOf("user_eve", "ann@example.com", "org_a")).ok("GET", "/v1/me", nil); again.text("id") != eve.person.String() {
		t.Errorf("whoever takes another's address at the provider later is %s", again.body)
	}
	w.bearer(i, claimsOf("user_bob", "bob@example.com", "org_a")).ok("GET", "/v1/me", nil)
	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/sign-in", obj{"email": "bob@example.com", "password": password}) // they have none
}

// The log decides who gets the last seat.
func TestSeatsHoldForWhoComes(t *testing.T) {
	t.Parallel()
	w := build(t)
	i := w.clerk()
	ann, _ := letIn(t, w, i) // growth: 5 seats
	var came, full sync.Map
	var all sync.WaitGroup
	for n := range 12 {
		all.Go(func() {
			c := w.bearer(i, claimsOf(fmt.Sprint("user_", n), fmt.Sprintf("p%d@example.com", n), "org_a"))
			switch a := c.do("GET", "/v1/me", nil); a.status {
			case 200:
				came.Store(n, a.text("id"))
			case 402:
				full.Store(n, true)
			default:
				t.Errorf("%d: %d %s", n, a.status, a.body)
			}
		})
	}
	all.Wait()
	count := func(m *sync.Map) (n int) { m.Range(func(any, any) bool { n++; return true }); return n }
	seats := int(ann.ok("GET", "/v1/organizations/"+ann.org.String(), nil).json["limits"].(map[string]any)["seats"].(float64))
	if count(&came) != seats-1 || count(&full) != 12-(seats-1) {
		t.Errorf("%d came and %d found no seat, of %d seats", count(&came), count(&full), seats)
	}
	ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) == seats })
}

// The same person at once from many places joins once.
func TestOnePersonJoinsOnce(t *testing.T) {
	t.Parallel()
	w := build(t)
	i := w.clerk()
	ann, _ := letIn(t, w, i)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if a := w.bearer(i, claimsOf("user_bob", "bob@example.com", "org_a")).do("GET", "/v1/me", nil); a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	all.Wait()
	if got := ann.until("/v1/members", func(a answer) bool { return len(a.list("data")) > 1 }).list("data"); len(got) != 2 {
		t.Errorf("members: %v", got)
	}
}

func ownToken(t *testing.T, changed map[string]any) string {
	t.Helper()
	c := jwt.MapClaims{"iss": "https://own.example.com", "aud": "outrider", "exp": time.Now().Add(time.Minute).Unix()}
	for k, v := range changed {
		c[k] = v
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(ownSecret))
	check(t, err)
	return text
}

func TestTheOperatorIssuesTokens(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.trust()
	ann := w.signUp("ann@example.com")
	bob := ann.join("bob@example.com", "member")
	eve := w.signUp("eve@example.com")
	as := func(claims map[string]any) *client { return &client{world: w, key: ownToken(t, claims), org: ann.org} }
	may := func(a answer) (all []string) {
		for _, s := range a.list("permissions") {
			all = append(all, s.(string))
		}
		return all
	}
	me := as(map[string]any{"sub": ann.person, "org_id": ann.org}).ok("GET", "/v1/me", nil)
	if me.text("id") != ann.person.String() || me.text("role") != "owner" {
		t.Errorf("me: %s", me.body)
	}
	as(map[string]any{"sub": ann.person, "org_id": ann.org}).ok("POST", "/v1/leads", obj{"email": "lead@example.com"})
	// What the token says takes away, it never gives.
	narrow := as(map[string]any{"sub": ann.person, "org_id": ann.org, "role": "member", "scope": "leads:read members:manage"})
	if got := may(narrow.ok("GET", "/v1/me", nil)); len(got) != 1 || got[0] != "leads:read" {
		t.Errorf("narrowed to %v", got)
	}
	narrow.refused(403, "forbidden", "POST", "/v1/leads", obj{"email": "lead2@example.com"})
	if got, want := may(as(map[string]any{"sub": bob.person, "org_id": ann.org, "role": "owner"}).ok("GET", "/v1/me", nil)), may(bob.ok("GET", "/v1/me", nil)); len(got) != len(want) {
		t.Errorf("a member whose token says owner may %v", got)
	}
	if got := may(as(map[string]any{"sub": ann.person, "org_id": ann.org, "scope": ""}).ok("GET", "/v1/me", nil)); len(got) != 0 {
		t.Errorf("without a scope one may %v", got)
	}
	as(map[string]any{"sub": ann.person, "org_id": ann.org, "role": "king"}).refused(401, "unauthenticated", "GET", "/v1/me", nil)
	as(map[string]any{"sub": eve.person, "org_id": ann.org}).refused(403, "forbidden", "GET", "/v1/me", nil)
	as(map[string]any{"sub": uuid.NewString(), "org_id": ann.org}).refused(403, "forbidden", "GET", "/v1/me", nil)
	as(map[string]any{"sub": "user-1", "org_id": ann.org}).refused(403, "forbidden", "GET", "/v1/me", nil)
	as(map[string]any{"sub": ann.person, "org_id": "acme"}).refused(401, "unauthenticated", "GET", "/v1/me", nil)
	as(map[string]any{"sub": ann.person, "org_id": ann.org, "exp": time.Now().Add(-time.Hour).Unix()}).refused(401, "unauthenticated", "GET", "/v1/me", nil)
	w.nobody().refused(401, "unauthenticated", "GET", "/v1/me", nil, "Cookie", "outrider_access="+ownToken(t, map[string]any{"sub": ann.person, "org_id": ann.org}))
	w.nobody().refused(401, "unauthenticated", "GET", "/v1/me", nil, "Authorization", "Bearer "+ann.key[:strings.LastIndexByte(ann.key, '.')]+".")
}

func TestAProviderThatIsAwayIsNoFaultOfTheCaller(t *testing.T) {
	t.Parallel()
	w := build(t)
	i := w.clerk()
	i.Away.Store(true)
	if a := w.bearer(i, nil).refused(http.StatusServiceUnavailable, "unavailable", "GET", "/v1/me", nil); a.header.Get("Retry-After") == "" {
		t.Error("it doesn't say when to try again")
	}
	i.Away.Store(false)
}
