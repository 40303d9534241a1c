package identity_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/identity"
)

// safe keeps secrets in memory.
type safe struct {
	mu  sync.Mutex
	all map[string][]byte
}

func (s *safe) PutSecret(_ context.Context, _ uuid.UUID, name string, secret []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[name] = secret
	return nil
}

func (s *safe) Secret(_ context.Context, _ uuid.UUID, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[name], nil
}

const issuer = "https://outrider.example.com"

// people are somebody who is a member of an organisation, and what they sign in by.
type people struct {
	*fixture
	*identity.People
	*identity.Sessions
	keys *identity.SigningKeys
	safe *safe
	ann  uuid.UUID
}

func setupPeople(t *testing.T) *people {
	t.Helper()
	f := &people{fixture: setup(t), safe: &safe{all: map[string][]byte{}}, ann: uuid.New()}
	f.People = identity.NewPeople(f.pool, f.clock.Now)
	f.Sessions, f.keys = f.otherProcess(t)
	hash, err := f.HashPassword(t.Context(), "correct horse battery")
	check(t, err)
	check(t, f.Add(t.Context(), identity.Person{ID: f.ann, Email: "ann@example.com"}, hash))
	check(t, f.SetMembership(t.Context(), f.org, f.ann, identity.RoleAdmin, 5))
	return f
}

func (f *people) otherProcess(t *testing.T) (*identity.Sessions, *identity.SigningKeys) {
	t.Helper()
	keys := identity.NewSigningKeys(f.pool, f.safe, f.clock.Now)
	s, err := identity.NewSessions(f.pool, keys, issuer, identity.Options{Now: f.clock.Now})
	check(t, err)
	return s, keys
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (f *people) begin(t *testing.T) identity.Grant {
	t.Helper()
	g, err := f.Begin(t.Context(), f.ann, f.org, identity.Device{Address: "127.0.0.1", UserAgent: "test"})
	check(t, err)
	return g
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	verify := func(email, password string) error {
		_, err := f.Verify(t.Context(), email, password)
		return err
	}
	check(t, verify("ann@example.com", "correct horse battery"))
	for _, wrong := range [][2]string{{"ann@example.com", "correct horse"}, {"bob@example.com", "nobody's"}, {"ann@example.com", ""}} {
		if err := verify(wrong[0], wrong[1]); !errors.Is(err, identity.ErrUnauthenticated) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	weak, err := argon2id.CreateHash("old but long enough", &argon2id.Params{Memory: 8 << 10, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	check(t, err)
	check(t, f.SetPassword(t.Context(), f.ann, weak))
	check(t, verify("ann@example.com", "old but long enough"))
	var now string
	check(t, f.pool.QueryRow(t.Context(), `select password from identity.people`).Scan(&now))
	if now == weak || !strings.HasPrefix(now, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the hash is %s", now)
	}
	check(t, verify("ann@example.com", "old but long enough"))
	if err := f.Add(t.Context(), identity.Person{ID: uuid.New(), Email: "ann@example.com"}, weak); !errors.Is(err, identity.ErrEmailTaken) {
		t.Errorf("a second person with the address: %v", err)
	}
	for _, bad := range []string{"short", strings.Repeat("x", 201), "ann@example.com"} {
		if err := identity.CheckPassword(bad, "ann@example.com"); !errors.Is(err, identity.ErrPassword) {
			t.Errorf("%q may be a password", bad)
		}
	}
}

// Of many who show the same refresh token one renews the session; the others end it.
func TestARefreshTokenRaces(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	g := f.begin(t)
	other, _ := f.otherProcess(t)
	var won, replayed, refused int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			s := f.Sessions
			if i%2 == 0 {
				s = other
			}
			_, err := s.Refresh(t.Context(), g.Refresh, identity.Device{})
			mu.Lock()
			defer mu.Unlock()
			switch r := (*identity.ReplayedError)(nil); {
			case err == nil:
				won++
			case errors.As(err, &r):
				replayed++
			case errors.Is(err, identity.ErrUnauthenticated):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won != 1 || replayed != 1 || refused != 18 {
		t.Errorf("%d renewed it, %d ended it, %d were refused", won, replayed, refused)
	}
	f.clock.Advance(time.Second)
	if _, err := other.Authenticate(t.Context(), g.Token); !errors.Is(err, identity.ErrRevoked) {
		t.Errorf("the session goes on: %v", err)
	}
}

func TestASessionFollowsItsMember(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	other, _ := f.otherProcess(t)
	g := f.begin(t)
	may := func(s *identity.Sessions, scope identity.Scope) (bool, error) {
		t.Helper()
		who, err := s.Authenticate(t.Context(), g.Token)
		return who.Has(scope), err
	}
	if ok, err := may(other, identity.CampaignsSend); err != nil || !ok {
		t.Fatalf("an admin: %v, %v", ok, err)
	}
	check(t, f.SetMembership(t.Context(), f.org, f.ann, identity.RoleMember, 6))
	check(t, f.SetMembership(t.Context(), f.org, f.ann, identity.RoleOwner, 4)) // came late
	if ok, err := may(f.Sessions, identity.CampaignsSend); err != nil || ok {
		t.Errorf("a member now, at once: %v, %v", ok, err)
	}
	f.clock.Advance(time.Second)
	if ok, err := may(other, identity.CampaignsSend); err != nil || ok {
		t.Errorf("a member now, a second later elsewhere: %v, %v", ok, err)
	}
	check(t, f.SetAccess(t.Context(), f.org, identity.AccessRead, 7))
	f.clock.Advance(time.Second)
	if who, err := other.Authenticate(t.Context(), g.Token); err != nil || !who.ReadOnly {
		t.Errorf("a suspended organisation: %+v, %v", who, err)
	}
	check(t, f.SetMembership(t.Context(), f.org, f.ann, "", 8))
	f.clock.Advance(time.Second)
	for _, s := range []*identity.Sessions{f.Sessions, other} {
		if _, err := s.Authenticate(t.Context(), g.Token); !errors.Is(err, identity.ErrRevoked) {
			t.Errorf("a removed member: %v", err)
		}
	}
	if _, err := f.Refresh(t.Context(), g.Refresh, identity.Device{}); !errors.Is(err, identity.ErrUnauthenticated) {
		t.Errorf("a removed member renews: %v", err)
	}
	if _, err := f.Begin(t.Context(), f.ann, f.org, identity.Device{}); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("a removed member signs in: %v", err)
	}
}

func TestSessionsAreForgottenAfterNinetyDays(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	const day = 24 * time.Hour
	signedOut, forgotten := f.begin(t), f.begin(t) // the other one is never used again
	renewed := f.begin(t)
	check(t, f.End(t.Context(), signedOut.Person, signedOut.Session))
	first := renewed.Refresh
	renew := func() {
		t.Helper()
		g, err := f.Refresh(t.Context(), renewed.Refresh, identity.Device{})
		check(t, err)
		renewed = g
	}
	renew()
	at := 0
	for _, then := range []struct {
		day      int
		sessions []uuid.UUID
		tokens   bool // the first one of who renews is kept
	}{
		{29, []uuid.UUID{signedOut.Session, forgotten.Session, renewed.Session}, true},
		{58, []uuid.UUID{signedOut.Session, forgotten.Session, renewed.Session}, true},
		{87, []uuid.UUID{signedOut.Session, forgotten.Session, renewed.Session}, true},
		{91, []uuid.UUID{forgotten.Session, renewed.Session}, false}, // 90 after its end, and after it was used up
		{119, []uuid.UUID{forgotten.Session, renewed.Session}, false},
		{121, []uuid.UUID{renewed.Session}, false}, // 30 to its end, and 90 more
	} {
		f.clock.Advance(time.Duration(then.day-at) * day)
		at = then.day
		renew()
		if _, err := f.Clean(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows, err := f.pool.Query(t.Context(), `select id from identity.sessions`)
		check(t, err)
		left, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		check(t, err)
		if !slices.Equal(sortedIDs(left), sortedIDs(then.sessions)) {
			t.Errorf("after %d days there are %v, not %v", then.day, left, then.sessions)
		}
		var tokens int
		check(t, f.pool.QueryRow(t.Context(), `select count(*) from identity.refresh_tokens where hash = sha256($1::bytea)`, []byte(first[len(first)-26:])).Scan(&tokens))
		if (tokens == 1) != then.tokens {
			t.Errorf("after %d days %d are left of the first token", then.day, tokens)
		}
	}
}

func sortedIDs(ids []uuid.UUID) []string {
	var out []string
	for _, id := range ids {
		out = append(out, id.String())
	}
	slices.Sort(out)
	return out
}

// A month later another key signs, everywhere and without a restart; for a day the one before counts still.
func TestSigningKeysRotate(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	other, otherKeys := f.otherProcess(t)
	kid := func(g identity.Grant) string {
		token, _, err := jwt.NewParser().ParseUnverified(g.Token, jwt.MapClaims{})
		check(t, err)
		return token.Header["kid"].(string)
	}
	first := f.begin(t)
	f.clock.Advance(30*24*time.Hour + time.Second)
	published(t, otherKeys) // which makes the next one
	if g := f.begin(t); kid(g) != kid(first) {
		t.Error("a key signs that nobody had a chance to read")
	}
	f.clock.Advance(signsAfter)
	next := f.begin(t)
	if kid(next) == kid(first) {
		t.Fatal("the same key signs for ever")
	}
	for _, s := range []*identity.Sessions{f.Sessions, other} {
		if _, err := s.Authenticate(t.Context(), next.Token); err != nil {
			t.Errorf("the new key: %v", err)
		}
	}
	if got := len(published(t, otherKeys)); got != 2 {
		t.Errorf("%d keys are published", got)
	}
	f.clock.Advance(25 * time.Hour)
	if got := len(published(t, otherKeys)); got != 1 {
		t.Errorf("a day later %d keys are published", got)
	}
}

const signsAfter = 6 * time.Minute

func published(t *testing.T, k *identity.SigningKeys) []identity.JWK {
	t.Helper()
	keys, err := k.Published(t.Context())
	check(t, err)
	return keys
}

func TestBadAccessTokens(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	g := f.begin(t)
	key := published(t, f.keys)[0]
	private := ed25519.NewKeyFromSeed(f.safe.all["signing key "+key.ID])
	_, foreign, err := ed25519.GenerateKey(nil)
	check(t, err)
	now := f.clock.Now()
	sign := func(method jwt.SigningMethod, signer any, change func(h map[string]any, c jwt.MapClaims)) string {
		c := jwt.MapClaims{"iss": issuer, "aud": "outrider", "sub": f.ann.String(), "sid": g.Session.String(), "org_id": f.org.String(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}
		token := jwt.NewWithClaims(method, c)
		token.Header["kid"] = key.ID
		change(token.Header, c)
		text, err := token.SignedString(signer)
		check(t, err)
		return text
	}
	ours := func(change func(h map[string]any, c jwt.MapClaims)) string {
		return sign(jwt.SigningMethodEdDSA, private, change)
	}
	same := func(map[string]any, jwt.MapClaims) {}
	if _, err := f.Sessions.Authenticate(t.Context(), ours(same)); err != nil {
		t.Fatalf("a good one: %v", err)
	}
	for name, text := range map[string]string{
		"no algorithm":             sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, same),
		"HMAC with the public key": sign(jwt.SigningMethodHS256, []byte(private.Public().(ed25519.PublicKey)), same),
		"another's key":            sign(jwt.SigningMethodEdDSA, foreign, same),
		"another issuer":           ours(func(_ map[string]any, c jwt.MapClaims) { c["iss"] = "https://evil.example.com" }),
		"no issuer":                ours(func(_ map[string]any, c jwt.MapClaims) { delete(c, "iss") }),
		"another audience":         ours(func(_ map[string]any, c jwt.MapClaims) { c["aud"] = "other" }),
		"no audience":              ours(func(_ map[string]any, c jwt.MapClaims) { delete(c, "aud") }),
		"expired":                  ours(func(_ map[string]any, c jwt.MapClaims) { c["exp"] = now.Add(-time.Minute).Unix() }),
		"without end":              ours(func(_ map[string]any, c jwt.MapClaims) { delete(c, "exp") }),
		"not yet valid":            ours(func(_ map[string]any, c jwt.MapClaims) { c["nbf"] = now.Add(time.Minute).Unix() }),
		"issued in the future":     ours(func(_ map[string]any, c jwt.MapClaims) { c["iat"] = now.Add(time.Minute).Unix() }),
		"another person":           ours(func(_ map[string]any, c jwt.MapClaims) { c["sub"] = uuid.NewString() }),
		"another organisation":     ours(func(_ map[string]any, c jwt.MapClaims) { c["org_id"] = uuid.NewString() }),
		"no organisation":          ours(func(_ map[string]any, c jwt.MapClaims) { delete(c, "org_id") }),
		"another session":          ours(func(_ map[string]any, c jwt.MapClaims) { c["sid"] = uuid.NewString() }),
		"an unknown key":           ours(func(h map[string]any, _ jwt.MapClaims) { h["kid"] = "unknown" }),
		"no key id":                ours(func(h map[string]any, _ jwt.MapClaims) { delete(h, "kid") }),
		"a key of its own": sign(jwt.SigningMethodEdDSA, foreign, func(h map[string]any, _ jwt.MapClaims) {
			h["jku"], h["kid"] = "https://evil.example.com/jwks.json", "evil"
		}),
		"a huge one":                     ours(func(_ map[string]any, c jwt.MapClaims) { c["x"] = strings.Repeat("x", 1<<20) }),
		"garbage":                        "a.b.c",
		"nothing":                        "",
		"the good one with another tail": ours(same)[:20] + "x" + ours(same)[21:],
	} {
		if who, err := f.Sessions.Authenticate(t.Context(), text); !errors.Is(err, identity.ErrUnauthenticated) {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}

func TestAMailedLinkIsGoodOnce(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	links := identity.NewMailedLinks(f.pool, f.clock.Now)
	issue := func(kind identity.LinkKind) string {
		text, err := links.Issue(t.Context(), kind, "about", map[string]int{"n": 1}, time.Hour)
		check(t, err)
		return text
	}
	find := func(kind identity.LinkKind, text string) error {
		_, err := links.Find(t.Context(), kind, text)
		return err
	}
	first := issue(identity.LinkReset)
	second := issue(identity.LinkReset)
	decoy := issue(identity.LinkDecoy)
	l, err := links.Find(t.Context(), identity.LinkReset, second)
	check(t, err)
	if string(l.Data) != `{"n": 1}` || l.About != "about" {
		t.Errorf("it is about %s %s", l.About, l.Data)
	}
	for name, err := range map[string]error{"replaced": find(identity.LinkReset, first), "another kind": find(identity.LinkSignUp, second), "a decoy": find(identity.LinkReset, decoy),
		"another secret": find(identity.LinkReset, second[:len(second)-26]+strings.Repeat("a", 26)), "garbage": find(identity.LinkReset, "x")} {
		if !errors.Is(err, identity.ErrLink) {
			t.Errorf("%s: %v", name, err)
		}
	}
	check(t, links.Use(t.Context(), l.ID))
	if err := links.Use(t.Context(), l.ID); !errors.Is(err, identity.ErrLink) {
		t.Errorf("used twice: %v", err)
	}
	old := issue(identity.LinkReset)
	f.clock.Advance(time.Hour)
	if err := find(identity.LinkReset, old); !errors.Is(err, identity.ErrLink) {
		t.Errorf("too old: %v", err)
	}
}

func TestThrottleSlowsAndNeverShutsOut(t *testing.T) {
	t.Parallel()
	f := setupPeople(t)
	throttle := identity.NewThrottle(f.pool, f.clock.Now)
	wait := func(email, address string) time.Duration {
		t.Helper()
		err := throttle.Check(t.Context(), email, address)
		var slow *identity.ThrottledError
		if errors.As(err, &slow) {
			return slow.Retry
		}
		check(t, err)
		return 0
	}
	for n := range 100 { // from everywhere
		check(t, throttle.Failed(t.Context(), "ann@example.com", fmt.Sprintf("192.0.2.%d", n)))
	}
	if got := wait("ann@example.com", "198.51.100.1"); got == 0 || got > 7*time.Second {
		t.Errorf("from anywhere one waits %s", got)
	}
	for range 20 {
		check(t, throttle.Failed(t.Context(), "bob@example.com", "192.0.2.1"))
	}
	if got := wait("bob@example.com", "192.0.2.1"); got < time.Minute || got > 16*time.Minute {
		t.Errorf("who guesses from one place waits %s", got)
	}
	if got := wait("eve@example.com", "203.0.113.1"); got != 0 {
		t.Errorf("a stranger waits %s", got)
	}
	check(t, throttle.Succeeded(t.Context(), "ann@example.com", "198.51.100.1"))
	if got := wait("ann@example.com", "198.51.100.1"); got != 0 {
		t.Errorf("after a success one waits %s", got)
	}
}
