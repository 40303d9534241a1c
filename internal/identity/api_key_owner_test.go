package identity_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/identity"
)

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func TestAKeyIsUsedFromItsNetworks(t *testing.T) {
	t.Parallel()
	f := setup(t)
	info, token := f.issue(t, identity.Issue{Org: f.org, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/28"), netip.MustParsePrefix("2001:db8:1::/48"), netip.MustParsePrefix("203.0.113.9/32")}})
	_, anywhere := f.issue(t, identity.Issue{Org: f.org})
	for from, ok := range map[string]bool{
		"192.0.2.1": true, "192.0.2.15": true, "192.0.2.16": false, "203.0.113.9": true, "203.0.113.8": false, "::ffff:192.0.2.1": true, "::ffff:192.0.2.16": false,
		"2001:db8:1::7": true, "2001:db8:1:ffff::1": true, "2001:db8:2::7": false, "2001:db8:1::7%eth0": true, "::192.0.2.1": false, "127.0.0.1": false,
	} {
		want := identity.ErrAddress
		if ok {
			want = nil
		}
		for _, k := range []*identity.APIKeys{f.APIKeys, f.process(t)} {
			if _, err := k.Authenticate(t.Context(), token, addr(from)); !errors.Is(err, want) {
				t.Errorf("from %s: %v", from, err)
			}
			if _, err := k.Authenticate(t.Context(), anywhere, addr(from)); err != nil {
				t.Errorf("a key for anywhere from %s: %v", from, err)
			}
		}
	}
	if _, err := f.Authenticate(t.Context(), token, netip.Addr{}); !errors.Is(err, identity.ErrAddress) {
		t.Errorf("from nowhere: %v", err)
	}
	if _, err := f.Authenticate(t.Context(), token[:len(token)-4]+"aaaa", addr("127.0.0.1")); !errors.Is(err, identity.ErrUnauthenticated) {
		t.Errorf("who hasn't the key is told where it may be used from: %v", err)
	}
	if listed, err := f.Find(t.Context(), f.org, info.ID); err != nil || len(listed.Networks) != 3 {
		t.Errorf("networks %v, %v", listed.Networks, err)
	}
	if _, err := f.Find(t.Context(), uuid.New(), info.ID); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("another organisation finds the key: %v", err)
	}
}

func TestWhereAKeyWasUsedLast(t *testing.T) {
	t.Parallel()
	f := setup(t)
	info, token := f.issue(t, identity.Issue{Org: f.org})
	use := func(k *identity.APIKeys, from string) {
		t.Helper()
		_, err := k.Authenticate(t.Context(), token, addr(from))
		check(t, err)
	}
	other := f.process(t)
	use(other, "192.0.2.1")
	f.clock.Advance(time.Minute)
	use(f.APIKeys, "::ffff:192.0.2.2")
	check(t, f.Flush(t.Context()))
	check(t, other.Flush(t.Context())) // of before
	got, err := f.Find(t.Context(), f.org, info.ID)
	check(t, err)
	if got.UsedFrom != "192.0.2.2" || got.LastUsed == nil || !got.LastUsed.Equal(f.clock.Now()) {
		t.Errorf("last used %v from %q", got.LastUsed, got.UsedFrom)
	}
}

func TestARotatedKeyHasTwoSecretsForAWhile(t *testing.T) {
	t.Parallel()
	f := setup(t)
	info, first := f.issue(t, identity.Issue{Org: f.org})
	other := f.process(t)
	good := func(what string, want bool, tokens ...string) {
		t.Helper()
		f.clock.Advance(time.Second) // what the other process remembers is over
		for _, token := range tokens {
			for _, k := range []*identity.APIKeys{f.APIKeys, other} {
				if _, err := k.Authenticate(t.Context(), token, somewhere); (err == nil) != want || k.Knows(token) != want {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
	}
	good("issued", true, first)
	rotation := uuid.New()
	second, err := f.Rotate(t.Context(), f.org, info.ID, rotation, f.clock.Now().Add(time.Hour))
	check(t, err)
	if again, err := other.Rotate(t.Context(), f.org, info.ID, rotation, f.clock.Now().Add(2*time.Hour)); err != nil || again != "" {
		t.Errorf("a repeat returned %q, %v", again, err)
	}
	good("while both are taken", true, first, second)
	f.clock.Advance(time.Hour)
	good("after the overlap", false, first)
	good("after the overlap", true, second)
	third, err := f.Rotate(t.Context(), f.org, info.ID, uuid.New(), f.clock.Now().Add(time.Hour))
	check(t, err)
	fourth, err := f.Rotate(t.Context(), f.org, info.ID, uuid.New(), f.clock.Now().Add(time.Hour))
	check(t, err)
	good("before the one before", false, first, second)
	good("rotated twice", true, third, fourth)
	last := uuid.New()
	fifth, err := f.Rotate(t.Context(), f.org, info.ID, last, f.clock.Now())
	check(t, err)
	good("ended at once", false, fourth)
	check(t, f.UndoRotation(t.Context(), info.ID, last))
	good("undone", false, fifth)
	good("undone", true, fourth)
	if _, err := f.Rotate(t.Context(), uuid.New(), info.ID, uuid.New(), f.clock.Now()); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("another organisation rotated it: %v", err)
	}
	check(t, f.Revoke(t.Context(), f.org, info.ID))
	good("revoked", false, fourth)
	if _, err := f.Rotate(t.Context(), f.org, info.ID, uuid.New(), f.clock.Now()); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("a revoked key was rotated: %v", err)
	}
}

// A person's key can do what the person may and it was given, in all processes within a second, and ends for good with the membership.
func TestAPersonsKeyIsBoundToThem(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	info, token := f.issue(t, identity.Issue{Org: f.org, Person: f.ann, Scopes: []identity.Scope{identity.LeadsRead, identity.LeadsExport}})
	_, ours := f.issue(t, identity.Issue{Org: f.org, Scopes: []identity.Scope{identity.LeadsRead, identity.LeadsExport}})
	processes := []*identity.APIKeys{f.APIKeys, f.process(t)}
	may := func(token string, want ...identity.Scope) {
		t.Helper()
		f.clock.Advance(time.Second)
		for _, k := range processes {
			who, err := k.Authenticate(t.Context(), token, somewhere)
			if want == nil {
				if !errors.Is(err, identity.ErrRevoked) {
					t.Errorf("the key goes on: %v", err)
				}
				continue
			}
			check(t, err)
			if !slices.Equal(who.Scopes, want) {
				t.Errorf("it may %v, want %v", who.Scopes, want)
			}
		}
	}
	may(token, identity.LeadsRead, identity.LeadsExport)
	if who, err := f.APIKeys.Authenticate(t.Context(), token, somewhere); err != nil || who.KeyOwner != f.ann || who.Person != uuid.Nil {
		t.Errorf("it is %+v, %v", who, err)
	}
	check(t, f.SetMembership(t.Context(), f.org, f.ann, identity.RoleMember, 6))
	may(token, identity.LeadsRead)
	may(ours, identity.LeadsRead, identity.LeadsExport)
	check(t, f.SetMembership(t.Context(), f.org, f.ann, "", 7))
	may(token)
	may(ours, identity.LeadsRead, identity.LeadsExport)
	check(t, f.SetMembership(t.Context(), f.org, f.ann, identity.RoleOwner, 8)) // they are back, and their old key isn't
	may(token)
	if got, err := f.Find(t.Context(), f.org, info.ID); err != nil || got.Revoked == nil || got.Person != f.ann {
		t.Errorf("listed as %+v, %v", got, err)
	}
	_, again := f.issue(t, identity.Issue{Org: f.org, Person: f.ann, Scopes: []identity.Scope{identity.LeadsRead}})
	may(again, identity.LeadsRead)
	_, err := f.pool.Exec(t.Context(), `update identity.people set active = false`)
	check(t, err)
	may(again)
}
