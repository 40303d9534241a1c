package api_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// opUsers are the people that the OpenID provider of these tests knows; the password of each is their name.
type opUsers map[string]*storage.User

func (u opUsers) ExampleClientID() string { return "service" }

func (u opUsers) GetUserByID(id string) *storage.User { return u[id] }

func (u opUsers) GetUserByUsername(name string) *storage.User { return u[name] }

var registerClients = sync.OnceFunc(func() { //nolint:gochecknoglobals // the example keeps its clients in a variable of its own
	storage.RegisterClients(storage.WebClient("outrider", "secret of a client", base+"/v1/auth/oidc/zitadel/callback"))
})

// startOP runs the example provider of github.com/zitadel/oidc, which others have written, and returns its issuer.
func startOP(t *testing.T) string {
	t.Helper()
	registerClients()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	issuer := "http://" + l.Addr().String() + "/"
	users := opUsers{}
	for _, name := range []string{"ann", "bob", "eve"} {
		users[name] = &storage.User{ID: name, Username: name, Password: name, FirstName: strings.ToUpper(name[:1]) + name[1:], LastName: "Example", Email: name + "@example.com", EmailVerified: name != "eve"}
	}
	s := httptest.NewUnstartedServer(exampleop.SetupServer(issuer, storage.NewStorage(users), slog.New(slog.DiscardHandler), false))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return issuer
}

// visitor is somebody's browser: it keeps cookies, and doesn't follow redirects by itself.
type visitor struct {
	*world
	cookies map[string]string // of ours
}

func (w *world) visitor() *visitor { return &visitor{w, map[string]string{}} }

func (v *visitor) send(method, to string, form url.Values) (*http.Response, string) {
	v.t.Helper()
	ours := strings.HasPrefix(to, base)
	r, err := http.NewRequestWithContext(context.Background(), method, strings.Replace(to, base, v.url(), 1), strings.NewReader(form.Encode()))
	check(v.t, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if ours {
		for name, value := range v.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	check(v.t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	check(v.t, err)
	if ours {
		for _, c := range resp.Cookies() {
			if v.cookies[c.Name] = c.Value; c.Value == "" {
				delete(v.cookies, c.Name)
			}
		}
	}
	return resp, string(page)
}

// goTo follows redirects until it gets a page, or comes back to us.
func (v *visitor) goTo(to string) (at string) {
	v.t.Helper()
	for range 10 {
		resp, page := v.send("GET", to, nil)
		next, err := resp.Location()
		if err != nil {
			if resp.StatusCode != http.StatusOK {
				v.t.Fatalf("GET %s: %d %s", to, resp.StatusCode, page)
			}
			return to
		}
		if to = next.String(); strings.HasPrefix(to, base) {
			return to
		}
	}
	v.t.Fatal("redirects without an end")
	return ""
}

// begin starts a sign-in and fills in the provider's form; it returns where the provider sends the browser.
func (v *visitor) begin(user, more string) string {
	v.t.Helper()
	resp, page := v.send("GET", base+"/v1/auth/oidc/zitadel/start"+more, nil)
	if resp.StatusCode != http.StatusSeeOther {
		v.t.Fatalf("start: %d %s", resp.StatusCode, page)
	}
	form, err := url.Parse(v.goTo(resp.Header.Get("Location")))
	check(v.t, err)
	resp, page = v.send("POST", form.Scheme+"://"+form.Host+form.Path, url.Values{"username": {user}, "password": {user}, "id": {form.Query().Get("authRequestID")}})
	next, err := resp.Location()
	if err != nil {
		v.t.Fatalf("the provider's form: %d %s", resp.StatusCode, page)
	}
	return v.goTo(next.String())
}

func (v *visitor) signedIn() *client {
	v.t.Helper()
	if v.cookies["outrider_access"] == "" || v.cookies["outrider_refresh"] == "" || v.cookies["outrider_csrf"] == "" {
		v.t.Fatalf("cookies: %v", v.cookies)
	}
	return &client{world: v.world, key: v.cookies["outrider_access"]}
}

func flowWorld(t *testing.T) (*world, string) {
	t.Helper()
	w := build(t)
	issuer := startOP(t)
	t.Setenv("OUTRIDER_TEST_CLIENT_SECRET", "secret of a client")
	w.trust("zitadel="+issuer+",private=yes,client-id=outrider,client-secret-env=OUTRIDER_TEST_CLIENT_SECRET", "other=https://other.example.com,client-id=x")
	return w, issuer
}

func TestSomebodySignsInAtAProvider(t *testing.T) {
	w, issuer := flowWorld(t)
	if list := w.nobody().ok("GET", "/v1/auth/oidc", nil).list("data"); len(list) != 2 || list[0].(map[string]any)["sign_in_url"] != base+"/v1/auth/oidc/zitadel/start" {
		t.Errorf("providers: %v", list)
	}
	ann := w.signUp("ann@example.com")
	v := w.visitor()
	resp, _ := v.send("GET", base+"/v1/auth/oidc/zitadel/start", nil)
	to, err := url.Parse(resp.Header.Get("Location"))
	check(t, err)
	q := to.Query()
	if !strings.HasPrefix(to.String(), issuer) || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 || q.Get("response_type") != "code" || q.Get("redirect_uri") != base+"/v1/auth/oidc/zitadel/callback" {
		t.Errorf("sent to %s", to)
	}
	for _, c := range resp.Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/v1/auth/oidc/zitadel/callback" || strings.Contains(c.Value, q.Get("state")) {
			t.Errorf("cookie: %s", c)
		}
	}
	back := v.begin("ann", "?return_to=/docs%3Fx=1%26y")
	resp, page := v.send("GET", back, nil)
	if resp.StatusCode != http.StatusOK || !strings.Contains(page, `content="0;url=/docs?x=1&amp;y"`) || strings.Contains(page, "<script") {
		t.Fatalf("callback: %d %s", resp.StatusCode, page)
	}
	me := v.signedIn().ok("GET", "/v1/me", nil)
	if me.text("id") != ann.person.String() || me.text("organization_id") != ann.org.String() || me.text("role") != "owner" || me.text("session_id") == "" {
		t.Errorf("me: %s", me.body)
	}
	w.signedIn(w.nobody().do("POST", "/v1/auth/refresh", nil, "Cookie", "outrider_refresh="+v.cookies["outrider_refresh"]))
	if len(ann.ok("GET", "/v1/auth/sessions", nil).list("data")) != 2 {
		t.Error("it isn't a session as another")
	}

	// Somebody new is a person without an organisation, who can be invited; with the same identity they are the same one.
	first := w.visitor()
	if resp, page := first.send("GET", first.begin("bob", ""), nil); resp.StatusCode != http.StatusOK || strings.Contains(page, "refresh") {
		t.Fatalf("callback: %d %s", resp.StatusCode, page)
	}
	bob := first.signedIn()
	me = bob.ok("GET", "/v1/me", nil)
	if me.text("email") != "bob@example.com" || me.text("first_name") != "Bob" {
		t.Errorf("me: %s", me.body)
	}
	bob.refused(403, "forbidden", "GET", "/v1/leads", nil)
	ann.ok("POST", "/v1/invitations", obj{"email": "bob@example.com", "role": "member"})
	joined := w.signedIn(bob.do("POST", "/v1/auth/accept-invitation", obj{"token": w.mails.token(t, "bob@example.com")}))
	second := w.visitor()
	second.send("GET", second.begin("bob", ""), nil)
	if me := second.signedIn().ok("GET", "/v1/me", nil); me.text("id") != joined.person.String() || me.text("organization_id") != ann.org.String() {
		t.Errorf("bob is %s", me.body)
	}
	third := w.visitor()
	if resp, page := third.send("GET", third.begin("eve", ""), nil); resp.StatusCode != http.StatusForbidden || !strings.Contains(page, "address is yours") || third.cookies["outrider_access"] != "" {
		t.Errorf("with an address that nobody has checked: %d %s", resp.StatusCode, page)
	}
}

func TestASignInAtAProviderCantBeStolen(t *testing.T) {
	w, _ := flowWorld(t)
	refused := func(what string, v *visitor, to string, status int) {
		t.Helper()
		resp, page := v.send("GET", to, nil)
		if resp.StatusCode != status || v.cookies["outrider_access"] != "" {
			t.Errorf("%s: %d %s, cookies %v", what, resp.StatusCode, page, v.cookies)
		}
	}
	victim, thief := w.visitor(), w.visitor()
	back := victim.begin("ann", "")
	refused("in another browser", thief, back, 400)
	state := w.visitor()
	refused("without a state", state, base+"/v1/auth/oidc/zitadel/callback?code=x", 400)
	refused("a guessed state", state, base+"/v1/auth/oidc/zitadel/callback?code=x&state="+strings.Repeat("A", 26), 400)
	refused("an odd state", state, base+"/v1/auth/oidc/zitadel/callback?code=x&state=%00%0d%0a;=", 400)
	refused("at another provider", victim, strings.Replace(back, "/zitadel/", "/other/", 1), 400)
	refused("by another issuer", victim, back+"&iss=https://evil.example.com", 400) // which uses it up
	refused("used up", victim, back, 400)

	// The code of one sign-in doesn't fit another: PKCE, and behind it the nonce.
	one, two := w.visitor(), w.visitor()
	mine, theirs := one.begin("bob", ""), two.begin("ann", "")
	code := func(of string) string {
		u, err := url.Parse(of)
		check(t, err)
		return u.Query().Get("code")
	}
	refused("with another's code", one, strings.Replace(mine, url.QueryEscape(code(mine)), url.QueryEscape(code(theirs)), 1), 403)
	denied := w.visitor()
	back = denied.begin("bob", "")
	refused("what was denied", denied, strings.Replace(back, "code=", "error=access_denied&x=", 1), 403)
	good := w.visitor()
	back = good.begin("bob", "")
	if resp, page := good.send("GET", back, nil); resp.StatusCode != http.StatusOK {
		t.Fatalf("the honest one: %d %s", resp.StatusCode, page)
	}
	delete(good.cookies, "outrider_access")
	refused("twice", good, back, 400)
	head := w.visitor()
	back = head.begin("bob", "")
	if resp, _ := head.send("HEAD", back, nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("HEAD: %d", resp.StatusCode)
	}
	if resp, page := head.send("GET", back, nil); resp.StatusCode != http.StatusOK {
		t.Errorf("HEAD has used it up: %d %s", resp.StatusCode, page)
	}

	for _, to := range []string{"https://evil.example.com", "//evil.example.com", "/\\evil.example.com", "\\\\evil", "javascript:alert(1)", "/\t/evil.example.com", "evil", "/%09/evil.example.com/../", "///evil"} {
		v := w.visitor()
		resp, _ := v.send("GET", base+"/v1/auth/oidc/zitadel/start?return_to="+url.QueryEscape(to), nil)
		if resp.StatusCode != http.StatusBadRequest && to != "/%09/evil.example.com/../" {
			t.Errorf("return_to %q: %d", to, resp.StatusCode)
		}
	}
	refused("no such provider", w.visitor(), base+"/v1/auth/oidc/nobody/start", 404)
}
