package identity_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"outrider/internal/identity"
	"outrider/internal/postgres/postgrestest"
)

// somewhere is an address that keys are used from.
var somewhere = netip.MustParseAddr("192.0.2.7")

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) Advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

type fixture struct {
	*identity.APIKeys
	pool  *pgxpool.Pool
	clock *clock
	org   uuid.UUID
}

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{pool: postgrestest.New(t).Pools.Identity, org: uuid.New(),
		clock: &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	f.APIKeys = f.process(t)
	return f
}

// process is the keys as another process sees them.
func (f *fixture) process(t *testing.T) *identity.APIKeys {
	t.Helper()
	k, err := identity.NewKeys(f.pool, identity.Options{Now: f.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (f *fixture) issue(t *testing.T, i identity.Issue) (identity.Info, string) {
	t.Helper()
	if i.Scopes == nil {
		i.Scopes = []identity.Scope{identity.LeadsRead, identity.CampaignsSend}
	}
	info, token, err := f.Issue(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	return info, token
}

func TestIssueAndAuthenticate(t *testing.T) {
	t.Parallel()
	f := setup(t)
	info, token := f.issue(t, identity.Issue{Org: f.org, Name: "ci"})
	if !regexp.MustCompile(`^ork_[a-z2-7]{26}_[a-z2-7]{26}$`).MatchString(token) || !strings.HasPrefix(token, info.Prefix+"_") {
		t.Fatalf("got token %q with prefix %q", token, info.Prefix)
	}
	for range 2 { // the second time from memory
		p, err := f.Authenticate(t.Context(), token, somewhere)
		if err != nil || p.Org != f.org || p.KeyID != info.ID || p.Platform || !p.Has(identity.CampaignsSend) || p.Has(identity.LeadsErase) {
			t.Fatalf("got %+v, %v", p, err)
		}
	}
	var stored string
	if err := f.pool.QueryRow(t.Context(), `select k::text from identity.api_keys k`).Scan(&stored); err != nil || strings.Contains(stored, token[len(token)-26:]) {
		t.Fatalf("the row holds the secret, or %v", err)
	}
}

func TestWrongTokens(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, token := f.issue(t, identity.Issue{Org: f.org})
	_, other := f.issue(t, identity.Issue{Org: f.org})
	last := "a"
	if strings.HasSuffix(token, last) {
		last = "b"
	}
	for name, text := range map[string]string{
		"empty":               "",
		"no prefix":           token[4:],
		"another prefix":      "orx" + token[3:],
		"as a platform key":   "orp" + token[3:],
		"last letter changed": token[:len(token)-1] + last,
		"cut":                 token[:len(token)-1],
		"longer":              token + "a",
		"upper case":          strings.ToUpper(token),
		"upper-case id":       token[:4] + strings.ToUpper(token[4:30]) + token[30:],
		"another's secret":    token[:31] + other[31:],
		"unknown id":          "ork_" + strings.Repeat("a", 26) + token[30:],
		"not base32":          "ork_" + strings.Repeat("1", 26) + token[30:],
	} {
		for _, k := range []*identity.APIKeys{f.APIKeys, f.process(t)} {
			if p, err := k.Authenticate(t.Context(), text, somewhere); !errors.Is(err, identity.ErrUnauthenticated) {
				t.Errorf("%s: got %+v, %v, want ErrUnauthenticated", name, p, err)
			}
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, token := f.issue(t, identity.Issue{Org: f.org, Expires: f.clock.Now().Add(2 * time.Second)})
	if _, err := f.Authenticate(t.Context(), token, somewhere); err != nil {
		t.Fatal(err)
	}
	f.clock.Advance(2 * time.Second) // still in memory
	if _, err := f.Authenticate(t.Context(), token, somewhere); !errors.Is(err, identity.ErrExpired) {
		t.Fatalf("got %v, want ErrExpired", err)
	}
	wrong := token[:31] + strings.Repeat("a", 26)
	if _, err := f.Authenticate(t.Context(), wrong, somewhere); errors.Is(err, identity.ErrExpired) || !errors.Is(err, identity.ErrUnauthenticated) {
		t.Fatalf("with a wrong secret: got %v, want nothing about the key", err)
	}
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	elsewhere := f.process(t)
	info, token := f.issue(t, identity.Issue{Org: f.org})
	for _, k := range []*identity.APIKeys{f.APIKeys, elsewhere} {
		if _, err := k.Authenticate(t.Context(), token, somewhere); err != nil {
			t.Fatal(err)
		}
	}
	for _, stranger := range []uuid.UUID{uuid.New(), uuid.Nil} {
		if err := f.Revoke(t.Context(), stranger, info.ID); !errors.Is(err, identity.ErrNotFound) {
			t.Fatalf("another organisation revokes: got %v, want ErrNotFound", err)
		}
	}
	for range 2 {
		if err := f.Revoke(t.Context(), f.org, info.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Authenticate(t.Context(), token, somewhere); !errors.Is(err, identity.ErrRevoked) {
		t.Fatalf("this process: got %v, want ErrRevoked", err)
	}
	f.clock.Advance(time.Second)
	if _, err := elsewhere.Authenticate(t.Context(), token, somewhere); !errors.Is(err, identity.ErrRevoked) {
		t.Fatalf("another process after 1 s: got %v, want ErrRevoked", err)
	}
	f.clock.Advance(time.Second)
	if err := f.Revoke(t.Context(), f.org, info.ID); err != nil {
		t.Fatal(err)
	}
	list, err := f.List(t.Context(), f.org)
	if err != nil || len(list) != 1 || list[0].Revoked == nil || !list[0].Revoked.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Fatalf("got %+v, %v, want the time of the first revocation", list, err)
	}
}

// Keys of a deleted organisation are worth nothing, those of a suspended one read, everywhere within a second.
func TestKeysFollowTheirOrganisation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	elsewhere := f.process(t)
	_, token := f.issue(t, identity.Issue{Org: f.org})
	_, stranger := f.issue(t, identity.Issue{Org: uuid.New()})
	for _, c := range []struct {
		access   identity.OrganisationAccess
		oseq     int64
		readOnly bool
		err      error
	}{
		{identity.AccessRead, 5, true, nil},
		{identity.AccessFull, 4, true, nil}, // came late
		{identity.AccessFull, 6, false, nil},
		{identity.AccessNone, 9, false, identity.ErrClosed},
		{identity.AccessFull, 8, false, identity.ErrClosed},
	} {
		for _, k := range []*identity.APIKeys{f.APIKeys, elsewhere} { // in memory
			_, _ = k.Authenticate(t.Context(), token, somewhere)
		}
		if err := f.SetAccess(t.Context(), f.org, c.access, c.oseq); err != nil {
			t.Fatal(err)
		}
		for i, k := range []*identity.APIKeys{f.APIKeys, elsewhere} {
			f.clock.Advance(time.Duration(i) * time.Second)
			p, err := k.Authenticate(t.Context(), token, somewhere)
			if !errors.Is(err, c.err) || p.ReadOnly != c.readOnly {
				t.Errorf("%s by event %d, process %d: %+v, %v", c.access, c.oseq, i, p, err)
			}
			if p, err := k.Authenticate(t.Context(), stranger, somewhere); err != nil || p.ReadOnly {
				t.Errorf("another organisation's key: %+v, %v", p, err)
			}
		}
	}
}

func TestRevocationAndUseAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for range 50 {
		info, token := f.issue(t, identity.Issue{Org: f.org})
		var g errgroup.Group
		for range 3 {
			g.Go(func() error {
				if _, err := f.Authenticate(t.Context(), token, somewhere); err != nil && !errors.Is(err, identity.ErrRevoked) {
					return err
				}
				return nil
			})
		}
		g.Go(func() error { return f.Revoke(t.Context(), f.org, info.ID) })
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Authenticate(t.Context(), token, somewhere); !errors.Is(err, identity.ErrRevoked) {
			t.Fatalf("got %v after the revocation returned", err)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, i := range map[string]identity.Issue{
		"none":                    {Org: f.org},
		"unknown":                 {Org: f.org, Scopes: []identity.Scope{"leads:eat"}},
		"twice":                   {Org: f.org, Scopes: []identity.Scope{identity.LeadsRead, identity.LeadsRead}},
		"platform's":              {Org: f.org, Scopes: []identity.Scope{identity.PlatformAdmin}},
		"organisation's platform": {Scopes: []identity.Scope{identity.LeadsRead}},
	} {
		if _, token, err := f.Issue(t.Context(), i); !errors.Is(err, identity.ErrScope) || token != "" {
			t.Errorf("%s: got %q, %v, want ErrScope", name, token, err)
		}
	}
	if _, _, err := f.Issue(t.Context(), identity.Issue{Org: f.org, Scopes: identity.OrganizationScopes()}); err != nil {
		t.Errorf("all: %v", err)
	}
	id := uuid.New()
	f.issue(t, identity.Issue{ID: id, Org: f.org})
	if _, _, err := f.Issue(t.Context(), identity.Issue{ID: id, Org: f.org, Scopes: identity.OrganizationScopes()}); !errors.Is(err, identity.ErrExists) {
		t.Errorf("the same id: got %v, want ErrExists", err)
	}
}

func TestListKeepsOrganisationsApart(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, org := range []uuid.UUID{f.org, f.org, uuid.New()} {
		f.issue(t, identity.Issue{Org: org, Name: "key"})
		f.clock.Advance(time.Second)
	}
	f.issue(t, identity.Issue{Name: "platform", Scopes: identity.PlatformScopes()})
	for org, want := range map[uuid.UUID]int{f.org: 2, uuid.Nil: 1, uuid.New(): 0} {
		list, err := f.List(t.Context(), org)
		if err != nil || len(list) != want {
			t.Errorf("got %d keys, %v, want %d", len(list), err, want)
		}
		for i, k := range list {
			if k.Org != org || i > 0 && k.Created.Before(list[i-1].Created) {
				t.Errorf("key %d is %+v", i, k)
			}
		}
	}
}

func TestLastUse(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, stop := context.WithCancel(t.Context())
	info, token := f.issue(t, identity.Issue{Org: f.org})
	if _, err := f.Authenticate(ctx, token, somewhere); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- f.Run(ctx, func(err error) { t.Error(err) }) }()
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	lastUsed := func() *time.Time {
		list, err := f.List(t.Context(), f.org)
		if err != nil || len(list) != 1 || list[0].ID != info.ID {
			t.Fatalf("got %+v, %v", list, err)
		}
		return list[0].LastUsed
	}
	if got := lastUsed(); got == nil || !got.Equal(f.clock.Now()) {
		t.Fatalf("at the end of Run: got %v, want %v", got, f.clock.Now())
	}
	// A failed flush keeps what it has.
	f.clock.Advance(time.Hour)
	if _, err := f.Authenticate(t.Context(), token, somewhere); err != nil {
		t.Fatal(err)
	}
	if err := f.Flush(ctx); err == nil {
		t.Fatal("flushed with a context that has ended")
	}
	if err := f.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := lastUsed(); got == nil || !got.Equal(f.clock.Now()) {
		t.Fatalf("got %v, want %v", got, f.clock.Now())
	}
}

func TestPlatformKey(t *testing.T) {
	t.Parallel()
	f := setup(t)
	path := filepath.Join(t.TempDir(), "platform.key")
	tokens := make([]string, 5)
	var g errgroup.Group
	for i := range tokens {
		k := f.process(t)
		g.Go(func() (err error) {
			tokens[i], err = k.EnsurePlatformKey(t.Context(), path)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		if token != tokens[0] || !strings.HasPrefix(token, "orp_") {
			t.Fatalf("got %q", tokens)
		}
	}
	p, err := f.Authenticate(t.Context(), tokens[0], somewhere)
	if err != nil || !p.Platform || p.Org != uuid.Nil || !p.Has(identity.PlatformAdmin) {
		t.Fatalf("got %+v, %v", p, err)
	}
	after := setup(t) // an empty database, the same file
	if again, err := after.EnsurePlatformKey(t.Context(), path); err != nil || again != tokens[0] {
		t.Fatalf("after a reset: got %q, %v, want %q", again, err, tokens[0])
	}
	if err := f.Revoke(t.Context(), uuid.Nil, p.KeyID); err != nil {
		t.Fatal(err)
	}
	fresh, err := f.EnsurePlatformKey(t.Context(), path)
	if err != nil || fresh == tokens[0] {
		t.Fatalf("after a revocation: got %q, %v, want another", fresh, err)
	}
	if again, err := f.EnsurePlatformKey(t.Context(), path); err != nil || again != fresh {
		t.Fatalf("got %q, %v, want %q", again, err, fresh)
	}
	if err := os.WriteFile(path, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.EnsurePlatformKey(t.Context(), path); err == nil {
		t.Fatal("took a file that holds something else")
	}
}
