package api_test

import (
	"regexp"
	"strings"
	"testing"
)

// One browser works in two organisations at once: its cookie is for one of them, and each tab says which it is about.
func TestATabNamesItsOrganisation(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann, bob := w.signUp("ann-tabs@example.com"), w.signUp("bob-tabs@example.com")
	bob.ok("POST", "/v1/invitations", obj{"email": "ann-tabs@example.com", "role": "member"})
	w.signedIn(ann.do("POST", "/v1/auth/accept-invitation", obj{"token": w.mails.token(t, "ann-tabs@example.com")}))
	ann = w.signIn("ann-tabs@example.com")
	browser, cookie := w.nobody(), "outrider_access="+ann.key
	orgOf := func(headers ...string) string {
		return browser.ok("GET", "/v1/me", nil, append([]string{"Cookie", cookie}, headers...)...).text("organization_id")
	}
	for _, org := range []string{ann.org.String(), bob.org.String()} {
		if got := orgOf("Outrider-Organization", org); got != org {
			t.Errorf("asked for %s, got %s", org, got)
		}
	}
	if got := orgOf(); got != ann.org.String() {
		t.Errorf("without the header: %s, not %s", got, ann.org)
	}
	browser.ok("POST", "/v1/leads", obj{"email": "x@example.com"}, "Cookie", cookie, "X-CSRF-Token", ann.csrf, "Outrider-Organization", ann.org.String())
	eve := w.signUp("eve-tabs@example.com")
	browser.refused(401, "unauthenticated", "GET", "/v1/me", nil, "Cookie", cookie, "Outrider-Organization", eve.org.String())
	browser.refused(400, "malformed_request", "GET", "/v1/me", nil, "Cookie", cookie, "Outrider-Organization", "mine")
	bob.ok("DELETE", "/v1/members/"+ann.person.String(), nil)
	browser.refused(401, "unauthenticated", "GET", "/v1/me", nil, "Cookie", cookie, "Outrider-Organization", bob.org.String())
}

// Pages run nothing but our own files, and no style that doesn't know the page's nonce.
func TestPagesRunOnlyOurs(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var before string
	for _, path := range []string{"/", "/o/example/leads", "/signin", "/operator/organisations"} {
		a := w.nobody().do("GET", path, nil)
		policy := a.header.Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`'nonce-([\w-]+)'`).FindStringSubmatch(policy)
		if a.status != 200 || nonce == nil || !strings.HasPrefix(policy, "default-src 'self';") || strings.Contains(policy, "unsafe") {
			t.Fatalf("%s: %d %q", path, a.status, policy)
		}
		if !strings.Contains(string(a.body), `content="`+nonce[1]+`"`) || nonce[1] == before {
			t.Errorf("%s: the page doesn't know its nonce, or it is an old one", path)
		}
		before = nonce[1]
	}
	if a := w.nobody().do("GET", "/assets/../index.html", nil); a.status == 200 && strings.Contains(string(a.body), "__NONCE__") {
		t.Error("a page without its nonce is served")
	}
	if a := w.nobody().do("GET", "/assets/app.js", nil); a.status != 200 || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
		t.Errorf("asset: %d %q", a.status, a.header.Get("Cache-Control"))
	}
}
