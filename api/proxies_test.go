package api_test

import (
	"net/netip"
	"strings"
	"testing"

	"outrider/api"
)

// What a caller's address is where proxies of ours are in front: what the nearest stranger's address is, whatever the stranger has written.
func TestCallersBehindProxies(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(func(c *api.Config) {
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}
		c.CountryHeader = "CF-IPCountry"
	})
	c := w.tenant("growth")
	key, _ := c.issued(obj{"name": "office", "scopes": []string{"leads:read"}, "allowed_networks": []string{"192.0.2.0/24", "2001:db8:2::/48"}})
	for _, is := range []struct {
		forwarded, from string // "" = it is let in
	}{
		{"192.0.2.7", ""},
		{" 192.0.2.7 ", ""},
		{"192.0.2.7:4711", ""},
		{"::ffff:192.0.2.7", ""},
		{"2001:db8:2::7", ""},
		{"[2001:db8:2::7]:4711", ""},
		{"203.0.113.9, 192.0.2.7", ""},            // whatever the caller says of itself
		{"192.0.2.7, 10.1.2.3, 127.0.0.9", ""},    // through proxies of ours
		{"192.0.2.7, 2001:db8:1::1", ""},          // likewise
		{"192.0.2.7, 203.0.113.9", "203.0.113.9"}, // who says to have asked for somebody else
		{"192.0.2.7, 203.0.113.9, 10.1.2.3", "203.0.113.9"},
		{"192.0.2.7, unknown", "127.0.0.1"},
		{"192.0.2.7, unknown, 10.1.2.3", "10.1.2.3"},
		{"10.1.2.3", "10.1.2.3"},
		{"", "127.0.0.1"},
	} {
		if is.from == "" {
			key.ok("GET", "/v1/leads", nil, "X-Forwarded-For", is.forwarded)
			continue
		}
		a := key.refused(403, "address_not_allowed", "GET", "/v1/leads", nil, "X-Forwarded-For", is.forwarded)
		if want := "the key may not be used from " + is.from; a.text("detail") != want {
			t.Errorf("forwarded for %q: %s, want %s", is.forwarded, a.text("detail"), want)
		}
	}
	bob := w.signedIn(c.nobody().do("POST", "/v1/auth/verify-email", obj{"token": w.signUpToken("bob@example.com")}, "X-Forwarded-For", "192.0.2.7", "CF-IPCountry", "DE"))
	sessions := bob.ok("GET", "/v1/auth/sessions", nil).list("data")
	if len(sessions) != 1 || sessions[0].(map[string]any)["address"] != "192.0.2.7" || sessions[0].(map[string]any)["place"] != "DE" {
		t.Errorf("sessions: %v", sessions)
	}
}

// Where somebody is, is believed of a proxy of ours, and of the only one there is; never where nobody says that there is a header.
func TestPlacesOfSessions(t *testing.T) {
	t.Parallel()
	place := func(change func(*api.Config), said string) any {
		w := build(t)
		w.serve(change)
		ann := w.signUp("ann@example.com")
		again := w.signedIn(w.nobody().do("POST", "/v1/auth/sign-in", obj{"email": "ann@example.com", "password": password}, "CF-IPCountry", said))
		if again.person != ann.person {
			t.Fatal("somebody else signed in")
		}
		return again.ok("GET", "/v1/auth/sessions", nil).list("data")[0].(map[string]any)["place"]
	}
	header := func(c *api.Config) { c.CountryHeader = "CF-IPCountry" }
	if got := place(header, "FR"); got != "FR" {
		t.Errorf("it is %v", got)
	}
	if got := place(nil, "FR"); got != nil {
		t.Errorf("nobody named the header, and it is %v", got)
	}
	if got := place(header, strings.Repeat("x", 65)); got != nil {
		t.Errorf("it is %v", got)
	}
	if got := place(func(c *api.Config) {
		header(c)
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	}, "FR"); got != nil {
		t.Errorf("a stranger said that it is %v", got)
	}
}

func (w *world) signUpToken(email string) string {
	w.t.Helper()
	w.nobody().do("POST", "/v1/auth/sign-up", obj{"email": email, "password": password, "organization_name": "Example"})
	return w.mails.token(w.t, email)
}
