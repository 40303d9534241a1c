package api_test

import (
	"testing"
)

// How long an answer takes depends on how many passwords are hashed, before all: so those who have an account cost as many as those who don't.
func TestTheWorkTellsNothingOfAccounts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.signUp("ann@example.com")
	gone := w.signUp("gone@example.com")
	_, err := w.db.Pools.Identity.Exec(t.Context(), `update identity.people set active = false where id = $1`, gone.person)
	check(t, err)
	people := w.cfg.SignIn.People
	const wrong = "wrong wrong wrong"
	for _, c := range []struct {
		path   string
		body   func(email string) obj
		hashes int64
	}{
		{"/v1/auth/sign-in", func(email string) obj { return obj{"email": email, "password": wrong} }, 1},
		{"/v1/auth/sign-up", func(email string) obj { return obj{"email": email, "password": wrong, "organization_name": "x"} }, 1},
		{"/v1/auth/forgot-password", func(email string) obj { return obj{"email": email} }, 0},
	} {
		for _, email := range []string{"ann@example.com", "nobody@example.com", "gone@example.com"} {
			before := people.Hashes()
			w.nobody().do("POST", c.path, c.body(email))
			if n := people.Hashes() - before; n != c.hashes {
				t.Errorf("%s for %s hashes %d passwords, want %d", c.path, email, n, c.hashes)
			}
		}
	}
	before := people.Hashes()
	w.signIn("ann@example.com")
	if n := people.Hashes() - before; n != 1 {
		t.Errorf("the right password hashes %d, want 1", n)
	}
	for range 6 {
		w.nobody().do("POST", "/v1/auth/sign-in", obj{"email": "nobody@example.com", "password": wrong})
	}
	before = people.Hashes()
	w.nobody().refused(429, "rate_limited", "POST", "/v1/auth/sign-in", obj{"email": "nobody@example.com", "password": wrong}) // like an account that there is
	if n := people.Hashes() - before; n != 0 {
		t.Errorf("who must wait costs %d hashes", n)
	}
}
