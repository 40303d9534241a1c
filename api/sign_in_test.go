package api_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/mail/systemmail"
)

const password = "correct horse battery"

// postbox takes the mail of the system.
type postbox struct {
	mu  sync.Mutex
	all []systemmail.Message
}

func (p *postbox) Send(m systemmail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, m)
	return nil
}

// to returns the mails to an address, the newest last.
func (p *postbox) to(address string) (found []systemmail.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.all {
		if m.To == address {
			found = append(found, m)
		}
	}
	return found
}

var mailedToken = regexp.MustCompile(`#(orl_\S+)`)

// token is that of the newest link to an address.
func (p *postbox) token(t testing.TB, address string) string {
	t.Helper()
	all := p.to(address)
	if len(all) == 0 {
		t.Fatalf("nothing was mailed to %s", address)
	}
	m := mailedToken.FindStringSubmatch(all[len(all)-1].Text)
	if m == nil {
		t.Fatalf("no link in %q", all[len(all)-1].Text)
	}
	return m[1]
}

// signedInMember is a client that has signed in.
type signedInMember struct {
	*client
	person  uuid.UUID
	session string
	csrf    string
	refresh string // the cookie's value
}

func (w *world) nobody() *client { return &client{world: w} }

// signedIn takes what a sign-in answered.
func (w *world) signedIn(a answer) *signedInMember {
	w.t.Helper()
	if a.status != http.StatusOK {
		w.t.Fatalf("not signed in: %d %s", a.status, a.body)
	}
	m := &signedInMember{client: &client{world: w, key: a.text("access_token")}, person: uuid.MustParse(a.text("person_id")), session: a.text("session_id"), csrf: a.text("csrf_token"), refresh: cookieIn(a, "outrider_refresh")}
	if text := a.text("organization_id"); text != "" {
		m.org = uuid.MustParse(text)
	}
	if position := a.header.Get("Outrider-Position"); position != "" { // who has just joined reads their organisation once the read models have it
		m.whenVisible("GET", "/v1/organizations/"+m.org.String(), nil, "Outrider-Position", position) // 403 to roles without it
	}
	return m
}

func cookieIn(a answer, name string) string {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// signUp makes a person and their organisation.
func (w *world) signUp(email string) *signedInMember {
	w.t.Helper()
	a := w.nobody().do("POST", "/v1/auth/sign-up", obj{"email": email, "password": password, "first_name": "Ann", "organization_name": "Example & Sons " + email})
	if a.status != http.StatusAccepted {
		w.t.Fatalf("sign up: %d %s", a.status, a.body)
	}
	return w.signedIn(w.nobody().do("POST", "/v1/auth/verify-email", obj{"token": w.mails.token(w.t, strings.ToLower(strings.TrimSpace(email)))}))
}

func (w *world) signIn(email string) *signedInMember {
	w.t.Helper()
	return w.signedIn(w.nobody().do("POST", "/v1/auth/sign-in", obj{"email": email, "password": password}))
}

// join lets a new person into the client's organisation.
func (c *client) join(email, role string) *signedInMember {
	c.t.Helper()
	c.ok("POST", "/v1/invitations", obj{"email": email, "role": role})
	return c.signedIn(c.nobody().do("POST", "/v1/auth/accept-invitation", obj{"token": c.mails.token(c.t, email), "password": password, "first_name": "Bo"}))
}

func TestSomebodySignsUpAndWorks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("Ann@Example.com ")
	me := ann.ok("GET", "/v1/me", nil)
	if me.text("email") != "Ann@example.com" && me.text("email") != "ann@example.com" || me.text("role") != "owner" || me.text("kind") != "person" || len(me.list("permissions")) == 0 {
		t.Errorf("me: %s", me.body)
	}
	org := ann.until("/v1/organizations/"+ann.org.String(), func(a answer) bool { return a.status == 200 })
	if org.text("plan") != "growth" || org.text("trial_ends_at") == "" || !strings.HasPrefix(org.text("slug"), "example-sons-ann") {
		t.Errorf("organisation: %s", org.body)
	}
	made := ann.ok("POST", "/v1/leads", obj{"email": "lead@example.com"})
	ann.ok("GET", made.header.Get("Location"), nil, "Outrider-Position", made.header.Get("Outrider-Position"))
	members := ann.ok("GET", "/v1/members", nil, "Outrider-Position", made.header.Get("Outrider-Position")).list("data")
	if len(members) != 1 || members[0].(map[string]any)["first_name"] != "Ann" || members[0].(map[string]any)["id"] != ann.person.String() {
		t.Errorf("members: %v", members)
	}
	w.nobody().refused(410, "link_invalid", "POST", "/v1/auth/verify-email", obj{"token": w.mails.token(t, w.mails.all[0].To)})
	again := w.signIn("ann@EXAMPLE.com")
	if again.person != ann.person || again.org != ann.org {
		t.Errorf("signed in as %s in %s, not %s in %s", again.person, again.org, ann.person, ann.org)
	}
	ann.refused(403, "forbidden", "GET", "/v1/organizations", nil) // the operator's
}

// Nothing tells whether somebody has an address.
func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.signUp("ann@example.com")
	for _, path := range []string{"/v1/auth/sign-up", "/v1/auth/forgot-password"} {
		body := func(email string) obj {
			if path == "/v1/auth/sign-up" {
				return obj{"email": email, "password": password, "organization_name": "x"}
			}
			return obj{"email": email}
		}
		known, unknown := w.nobody().do("POST", path, body("ann@example.com")), w.nobody().do("POST", path, body("eve@example.com"))
		if known.status != unknown.status || string(known.body) != string(unknown.body) {
			t.Errorf("%s: %d %s and %d %s", path, known.status, known.body, unknown.status, unknown.body)
		}
	}
	if got := w.mails.to("ann@example.com"); len(got) != 3 || strings.Contains(got[1].Text, "#") {
		t.Errorf("who has an account was mailed %q", got)
	}
	wrong := w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/sign-in", obj{"email": "ann@example.com", "password": "wrong wrong wrong"})
	nobody := w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/sign-in", obj{"email": "nobody@example.com", "password": "wrong wrong wrong"})
	if wrong.text("detail") != nobody.text("detail") {
		t.Errorf("%s and %s", wrong.body, nobody.body)
	}
}

func TestARefreshTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	first := "outrider_refresh=" + ann.refresh
	renewed := w.signedIn(w.nobody().do("POST", "/v1/auth/refresh", nil, "Cookie", first))
	if renewed.session != ann.session || renewed.refresh == ann.refresh || renewed.refresh == "" {
		t.Fatal("the session wasn't renewed")
	}
	renewed.ok("GET", "/v1/me", nil)
	w.nobody().refused(401, "unauthenticated", "POST", "/v1/auth/refresh", nil, "Cookie", "outrider_refresh=orr_"+strings.Repeat("a", 26)+"_"+strings.Repeat("a", 26))
	w.nobody().refused(401, "unauthenticated", "POST", "/v1/auth/refresh", nil, "Cookie", first) // stolen
	w.nobody().refused(401, "unauthenticated", "POST", "/v1/auth/refresh", nil, "Cookie", "outrider_refresh="+renewed.refresh)
	renewed.refused(401, "unauthenticated", "GET", "/v1/me", nil)
	var replayed bool
	if err := w.db.Pools.Projector.QueryRow(t.Context(), `select exists (select from read.timeline where type = 'member.session_ended.v1' and org_id = $1)`, ann.org).Scan(&replayed); err != nil {
		t.Fatal(err)
	}
	for late := time.Now().Add(time.Minute); !replayed && time.Now().Before(late); {
		check(t, w.db.Pools.Projector.QueryRow(t.Context(), `select exists (select from read.timeline where type = 'member.session_ended.v1' and org_id = $1)`, ann.org).Scan(&replayed))
	}
	if !replayed {
		t.Error("the history says nothing of the stolen token")
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	other := w.signIn("ann@example.com")
	list := ann.ok("GET", "/v1/auth/sessions", nil).list("data")
	if len(list) != 2 {
		t.Fatalf("sessions: %v", list)
	}
	ann.ok("DELETE", "/v1/auth/sessions/"+other.session, nil)
	other.refused(401, "unauthenticated", "GET", "/v1/me", nil)
	ann.refused(404, "not_found", "DELETE", "/v1/auth/sessions/"+other.session, nil)
	eve := w.signUp("eve@example.com")
	eve.refused(404, "not_found", "DELETE", "/v1/auth/sessions/"+ann.session, nil) // somebody else's
	third := w.signIn("ann@example.com")
	ann.refused(422, "invalid", "POST", "/v1/auth/change-password", obj{"password": "wrong wrong wrong", "new_password": "another password"})
	ann.ok("POST", "/v1/auth/change-password", obj{"password": password, "new_password": "another password"})
	third.refused(401, "unauthenticated", "GET", "/v1/me", nil)
	ann.ok("GET", "/v1/me", nil)
	w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/sign-in", obj{"email": "ann@example.com", "password": password})
	w.nobody().do("POST", "/v1/auth/forgot-password", obj{"email": "ann@example.com"})
	reset := w.mails.token(t, "ann@example.com")
	w.nobody().refused(422, "invalid", "POST", "/v1/auth/reset-password", obj{"token": reset, "password": "short"})
	w.nobody().ok("POST", "/v1/auth/reset-password", obj{"token": reset, "password": password})
	w.nobody().refused(410, "link_invalid", "POST", "/v1/auth/reset-password", obj{"token": reset, "password": password})
	ann.refused(401, "unauthenticated", "GET", "/v1/me", nil)
	last := w.signIn("ann@example.com")
	last.ok("POST", "/v1/auth/sign-out", nil)
	last.refused(401, "unauthenticated", "GET", "/v1/me", nil)
	w.signIn("ann@example.com").ok("POST", "/v1/auth/sign-out-everywhere", nil)
}

// A browser sends its cookie by itself, so that alone changes nothing.
func TestACookieAloneWritesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	browser := w.nobody()
	cookie := "outrider_access=" + ann.key
	browser.ok("GET", "/v1/me", nil, "Cookie", cookie)
	body := obj{"email": "x@example.com"}
	browser.refused(403, "forbidden", "POST", "/v1/leads", body, "Cookie", cookie)
	browser.refused(403, "forbidden", "POST", "/v1/leads", body, "Cookie", cookie, "X-CSRF-Token", "guessed")
	browser.refused(403, "forbidden", "POST", "/v1/leads", body, "Cookie", cookie, "X-CSRF-Token", ann.csrf, "Origin", "https://evil.example.com")
	browser.ok("POST", "/v1/leads", body, "Cookie", cookie, "X-CSRF-Token", ann.csrf, "Origin", w.url())
	browser.refused(403, "forbidden", "POST", "/v1/auth/sign-in", obj{"email": "ann@example.com", "password": password}, "Origin", "https://evil.example.com")
	browser.refused(403, "forbidden", "POST", "/v1/auth/refresh", nil, "Cookie", "outrider_refresh="+ann.refresh, "Origin", "https://evil.example.com")
	a := w.nobody().do("POST", "/v1/auth/sign-in", obj{"email": "ann@example.com", "password": password})
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if !c.Secure || c.SameSite != http.SameSiteStrictMode || c.HttpOnly == (c.Name == "outrider_csrf") {
			t.Errorf("cookie %s", c)
		}
	}
	for link, page := range map[string]string{"/auth/verify-email": "/verify", "/auth/reset-password": "/reset", "/auth/accept-invitation": "/invite"} {
		if a, _ := w.visitor().send("GET", base+link, nil); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != page || w.nobody().do("GET", page, nil).status != 200 {
			t.Errorf("%s: %d %v", link, a.StatusCode, a.Header)
		}
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.signUp("ann@example.com")
	for range 6 {
		w.nobody().refused(401, "sign_in_failed", "POST", "/v1/auth/sign-in", obj{"email": "ann@example.com", "password": "wrong wrong wrong"})
	}
	a := w.nobody().refused(429, "rate_limited", "POST", "/v1/auth/sign-in", obj{"email": "ann@example.com", "password": password})
	if a.header.Get("Retry-After") == "" {
		t.Error("it doesn't say when to try again")
	}
	w.nobody().do("POST", "/v1/auth/forgot-password", obj{"email": "ann@example.com"})
	w.nobody().ok("POST", "/v1/auth/reset-password", obj{"token": w.mails.token(t, "ann@example.com"), "password": password})
	w.signIn("ann@example.com") // whoever reads the mail isn't shut out
}

// A plan counts what programs ask for: a page of the dashboard asks for a dozen things.
func TestPeopleHaveRequestsOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	for range 70 { // more than the plan of a trial allows a key
		ann.ok("GET", "/v1/me", nil)
	}
	if a := ann.ok("GET", "/v1/me", nil); a.header.Get("RateLimit-Policy") != `"person";q=600;w=60;counted=process` {
		t.Errorf("policy: %v", a.header.Values("RateLimit-Policy"))
	}
}
