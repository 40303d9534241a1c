package api_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"outrider/internal/identity"
)

// issued is a client with a key.
func (c *client) issued(body obj) (*client, answer) {
	c.t.Helper()
	a := c.ok("POST", "/v1/api-keys", body)
	return &client{world: c.world, org: c.org, key: a.text("token")}, a
}

func TestAPersonsKeyEndsWithTheirMembership(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	bob := ann.join("bob@example.com", "admin")
	key, issued := bob.issued(obj{"name": "bob's", "owner": "person", "scopes": []string{"leads:read", "keys:manage"}})
	if issued.text("owner") != "person" || issued.text("person_id") != bob.person.String() {
		t.Errorf("issued %s", issued.body)
	}
	ours, _ := bob.issued(obj{"name": "ours", "scopes": []string{"leads:read", "keys:manage"}})
	me := key.ok("GET", "/v1/me", nil)
	if me.text("kind") != "api_key" || me.text("id") != issued.text("id") || me.text("owner") != "person" || me.text("person_id") != bob.person.String() || me.text("name") != "bob's" || len(me.list("permissions")) != 2 {
		t.Errorf("me: %s", me.body)
	}
	if me := ours.ok("GET", "/v1/me", nil); me.text("owner") != "organization" || me.text("person_id") != "" {
		t.Errorf("me: %s", me.body)
	}
	ours.refused(422, "invalid", "POST", "/v1/api-keys", obj{"name": "x", "owner": "person", "scopes": []string{"leads:read"}}) // it is nobody
	again, _ := key.issued(obj{"name": "more of bob's", "owner": "person", "scopes": []string{"leads:read"}})
	rotate := "/v1/api-keys/" + issued.text("id") + "/rotate"
	ann.refused(403, "forbidden", "POST", rotate, obj{"overlap_minutes": 0}) // she would have his key
	w.operator().refused(403, "forbidden", "POST", rotate+"?organization_id="+bob.org.String(), obj{"overlap_minutes": 0})

	ann.ok("PATCH", "/v1/members/"+bob.person.String(), obj{"role": "member"})
	here := netip.MustParseAddr("127.0.0.1")
	processes := []*identity.APIKeys{w.cfg.Keys, w.anotherProcess()}
	// until waits for what every process thinks of a key within a second.
	until := func(what string, k *client, right func(identity.Principal, error) bool) {
		t.Helper()
		for _, p := range processes {
			who, err := p.Authenticate(t.Context(), k.key, here)
			for late := time.Now().Add(2 * time.Minute); !right(who, err) && time.Now().Before(late); {
				time.Sleep(10 * time.Millisecond)
				who, err = p.Authenticate(t.Context(), k.key, here)
			}
			if !right(who, err) {
				t.Errorf("%s: %+v, %v", what, who, err)
			}
		}
	}
	until("a key of a member", key, func(who identity.Principal, err error) bool { return err == nil && !who.Has(identity.KeysManage) })
	key.refused(403, "forbidden", "GET", "/v1/api-keys", nil)
	key.ok("GET", "/v1/leads", nil)
	ann.ok("DELETE", "/v1/members/"+bob.person.String(), nil)
	for _, k := range []*client{key, again} {
		until("a key of who was removed", k, func(_ identity.Principal, err error) bool { return errors.Is(err, identity.ErrRevoked) })
		k.refused(401, "unauthenticated", "GET", "/v1/leads", nil)
	}
	ours.ok("GET", "/v1/leads", nil)
	for _, k := range ann.ok("GET", "/v1/api-keys", nil).list("data") {
		if k := k.(map[string]any); (k["owner"] == "person") != (k["revoked_at"] != nil) {
			t.Errorf("listed as %v", k)
		}
	}
}

func TestAKeyIsRotatedWithAnOverlap(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.tenant("growth")
	key, issued := ann.issued(obj{"name": "sync", "scopes": []string{"leads:read"}})
	rotate := "/v1/api-keys/" + issued.text("id") + "/rotate"
	ann.refused(422, "invalid", "POST", rotate, obj{"overlap_minutes": 43201})
	ann.with("keys:manage").refused(403, "forbidden", "POST", rotate, obj{"overlap_minutes": 60}) // it would have scopes then that it lacks
	rotated := ann.ok("POST", rotate, obj{"overlap_minutes": 60}, "Idempotency-Key", "once")
	fresh := &client{world: w, org: ann.org, key: rotated.text("token")}
	if fresh.key == key.key || !strings.HasPrefix(fresh.key, issued.text("prefix")) || rotated.text("old_token_until") == "" || rotated.text("rotated_at") == "" {
		t.Errorf("rotated: %s", rotated.body)
	}
	key.ok("GET", "/v1/leads", nil)
	fresh.ok("GET", "/v1/leads", nil)
	again := ann.ok("POST", rotate, obj{"overlap_minutes": 60}, "Idempotency-Key", "once")
	if again.text("token") != "" || again.text("rotated_at") != rotated.text("rotated_at") {
		t.Errorf("a repeat: %s", again.body)
	}
	fresh.ok("GET", "/v1/leads", nil)
	last := ann.ok("POST", rotate, obj{"overlap_minutes": 0})
	key.refused(401, "unauthenticated", "GET", "/v1/leads", nil)
	fresh.refused(401, "unauthenticated", "GET", "/v1/leads", nil)
	(&client{world: w, org: ann.org, key: last.text("token")}).ok("GET", "/v1/leads", nil)
	w.tenant("growth").refused(404, "not_found", "POST", rotate, obj{"overlap_minutes": 0})
	ann.ok("DELETE", "/v1/api-keys/"+issued.text("id"), nil)
	ann.refused(409, "wrong_status", "POST", rotate, obj{"overlap_minutes": 0})
	var told int
	for late := time.Now().Add(2 * time.Minute); told != 2 && time.Now().Before(late); {
		check(t, w.db.Pools.Projector.QueryRow(t.Context(), `select count(*) from read.timeline where type = 'api_key.rotated.v1' and org_id = $1`, ann.org).Scan(&told))
	}
	if told != 2 {
		t.Errorf("the history tells of %d rotations, want 2", told)
	}
}

func TestAKeyIsUsedFromWhereItMay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.tenant("growth")
	for network, valid := range map[string]bool{"192.0.2.0/24": true, "192.0.2.9/24": true, "2001:db8::1": true, "::ffff:10.0.0.0/104": true, "192.0.2.0/33": false, "example.com": false, "fe80::1%eth0": false, "::ffff:0:0/64": false, "10.0.0": false} {
		if a := ann.do("POST", "/v1/api-keys", obj{"name": "n", "scopes": []string{"leads:read"}, "allowed_networks": []string{network}}); (a.status == 201) != valid {
			t.Errorf("network %s: %d %s", network, a.status, a.body)
		}
	}
	here, _ := ann.issued(obj{"name": "here", "scopes": []string{"leads:read", "audit:read"}, "allowed_networks": []string{"127.0.0.0/8", "::1"}})
	there, issued := ann.issued(obj{"name": "there", "scopes": []string{"leads:read"}, "allowed_networks": []string{"192.0.2.9/24", "2001:db8::/32", "192.0.2.0/24"}})
	if networks := issued.list("allowed_networks"); !slices.Equal(networks, []any{"192.0.2.0/24", "2001:db8::/32"}) {
		t.Errorf("networks %v", networks)
	}
	if me := here.ok("GET", "/v1/me", nil); len(me.list("allowed_networks")) != 2 {
		t.Errorf("me: %s", me.body)
	}
	a := there.refused(403, "address_not_allowed", "GET", "/v1/leads", nil)
	if !strings.Contains(a.text("detail"), "127.0.0.1") {
		t.Errorf("it doesn't say from where: %s", a.body)
	}
	there.refused(403, "address_not_allowed", "GET", "/v1/leads", nil, "X-Forwarded-For", "192.0.2.1") // whoever asks may write that
	check(t, w.cfg.Keys.Flush(t.Context()))
	for _, k := range ann.ok("GET", "/v1/api-keys", nil).list("data") {
		k := k.(map[string]any)
		if k["name"] == "here" && k["last_used_address"] != "127.0.0.1" || k["name"] == "there" && k["last_used_at"] != nil {
			t.Errorf("listed as %v", k)
		}
	}
	op := w.operator().ok("POST", "/v1/platform-keys", obj{"name": "on call", "allowed_networks": []string{"192.0.2.0/24"}})
	(&client{world: w, key: op.text("token")}).refused(403, "address_not_allowed", "GET", "/v1/platform-keys", nil)
}

// anotherProcess is the keys as another process sees them.
func (w *world) anotherProcess() *identity.APIKeys {
	w.t.Helper()
	k, err := identity.NewKeys(w.db.Pools.Identity, identity.Options{})
	check(w.t, err)
	return k
}
