package oidc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"outrider/internal/identity"
	"outrider/internal/oidc"
	"outrider/internal/oidc/oidctest"
)

type m = map[string]any

// provider trusts an issuer, as the operator's options say.
func provider(t *testing.T, i *oidctest.Issuer, options string, o oidc.Options) *oidc.Provider {
	t.Helper()
	cfg, err := oidc.ParseConfig("test=" + i.URL + ",private=yes," + options)
	if err != nil {
		t.Fatal(err)
	}
	p, err := oidc.NewProvider(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func issuer(t *testing.T) *oidctest.Issuer {
	t.Helper()
	i := oidctest.New(t)
	i.Add("rsa", "RS256", nil)
	i.Add("ec", "ES256", nil)
	i.Add("ed", "EdDSA", nil)
	return i
}

func TestGoodTokensAreBelieved(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	p := provider(t, i, "audience=api|other", oidc.Options{})
	for name, token := range map[string]string{
		"RS256":                  i.Sign("rsa", i.Claims(nil), nil),
		"ES256":                  i.Sign("ec", i.Claims(nil), nil),
		"EdDSA":                  i.Sign("ed", i.Claims(nil), nil),
		"several audiences":      i.Sign("rsa", i.Claims(m{"aud": []string{"userinfo", "api"}}), nil),
		"expired within leeway":  i.Sign("rsa", i.Claims(m{"exp": time.Now().Add(-50 * time.Second).Unix()}), nil),
		"valid within leeway":    i.Sign("rsa", i.Claims(m{"nbf": time.Now().Add(50 * time.Second).Unix(), "iat": nil}), nil),
		"an access token's type": i.Sign("rsa", i.Claims(nil), m{"typ": "at+jwt"}),
		"without a type":         i.Sign("rsa", i.Claims(nil), m{"typ": nil}),
	} {
		c, err := p.Verify(t.Context(), token)
		if err != nil || c.Subject != "user_1" || c.Email != "ann@example.com" || c.FirstName != "Ann" || c.Issuer != i.URL || c.Provider != "test" {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

// Each of these would let somebody in whom nobody has vouched for.
func TestBadTokensAreRefused(t *testing.T) {
	t.Parallel()
	i, stranger := issuer(t), issuer(t)
	public, err := x509.MarshalPKIXPublicKey(i.PublicOf("rsa"))
	check(t, err)
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	hmac := func(secret []byte) string {
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, i.Claims(nil))
		token.Header["kid"] = "rsa"
		text, err := token.SignedString(secret)
		check(t, err)
		return text
	}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodNone, i.Claims(nil))
	unsigned.Header["kid"] = "rsa"
	none, err := unsigned.SignedString(jwt.UnsafeAllowNoneSignatureType)
	check(t, err)
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	ownJWK, err := jwkset.NewJWKFromKey(&own.PublicKey, jwkset.JWKOptions{})
	check(t, err)
	good := i.Sign("rsa", i.Claims(nil), nil)
	parts := strings.Split(good, ".")
	ago, ahead := time.Now().Add(-2*time.Minute).Unix(), time.Now().Add(2*time.Minute).Unix()
	p := provider(t, i, "audience=api", oidc.Options{})
	for name, token := range map[string]string{
		"alg none":                     none,
		"HS256 with the public key":    hmac(pemKey),
		"HS256 with the key's DER":     hmac(public),
		"no signature":                 parts[0] + "." + parts[1] + ".",
		"another's payload":            parts[0] + "." + strings.Split(stranger.Sign("rsa", i.Claims(m{"sub": "admin"}), nil), ".")[1] + "." + parts[2],
		"the key of another issuer":    stranger.Sign("rsa", i.Claims(nil), nil),
		"RS256 named for an EC key":    oidctest.SignWith(t, own, "ec", i.Claims(nil), nil),
		"a wrong issuer":               i.Sign("rsa", i.Claims(m{"iss": "https://evil.example.com/"}), nil),
		"an issuer without its slash":  i.Sign("rsa", i.Claims(m{"iss": strings.TrimSuffix(i.URL, "/")}), nil),
		"no issuer":                    i.Sign("rsa", i.Claims(m{"iss": nil}), nil),
		"a wrong audience":             i.Sign("rsa", i.Claims(m{"aud": "another"}), nil),
		"no audience":                  i.Sign("rsa", i.Claims(m{"aud": nil}), nil),
		"expired":                      i.Sign("rsa", i.Claims(m{"exp": ago}), nil),
		"without an end":               i.Sign("rsa", i.Claims(m{"exp": nil}), nil),
		"not yet valid":                i.Sign("rsa", i.Claims(m{"nbf": ahead}), nil),
		"issued tomorrow":              i.Sign("rsa", i.Claims(m{"iat": ahead}), nil),
		"nobody":                       i.Sign("rsa", i.Claims(m{"sub": nil}), nil),
		"a subject that is no text":    i.Sign("rsa", i.Claims(m{"sub": 7}), nil),
		"a long subject":               i.Sign("rsa", i.Claims(m{"sub": strings.Repeat("x", 300)}), nil),
		"no kid":                       i.Sign("rsa", i.Claims(nil), m{"kid": nil}),
		"a kid that is no text":        i.Sign("rsa", i.Claims(nil), m{"kid": 7}),
		"an unknown kid":               oidctest.SignWith(t, own, "unknown", i.Claims(nil), nil),
		"jwk: a key in the token":      oidctest.SignWith(t, own, "mine", i.Claims(nil), m{"jwk": ownJWK.Marshal()}),
		"crit: what we don't know":     i.Sign("rsa", i.Claims(nil), m{"crit": []string{"exp"}, "exp": 1}),
		"a logout token":               i.Sign("rsa", i.Claims(nil), m{"typ": "logout+jwt"}),
		"bound to a key (DPoP)":        i.Sign("rsa", i.Claims(m{"cnf": m{"jkt": "x"}}), nil),
		"huge":                         i.Sign("rsa", i.Claims(m{"more": strings.Repeat("x", 10_000)}), nil),
		"two parts":                    parts[0] + "." + parts[1],
		"nothing":                      "",
		"dots":                         "..",
		"signature with bits to spare": good + "=",
	} {
		if c, err := p.Verify(t.Context(), token); !errors.Is(err, identity.ErrUnauthenticated) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	if _, err := p.Verify(t.Context(), good); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// A token doesn't say where its key is.
func TestNothingIsFetchedForHeaders(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(trap.Close)
	i, stranger := issuer(t), issuer(t)
	p := provider(t, i, "audience=api", oidc.Options{})
	for _, header := range []string{"jku", "x5u"} {
		if _, err := p.Verify(t.Context(), stranger.Sign("rsa", i.Claims(nil), m{header: trap.URL})); !errors.Is(err, identity.ErrUnauthenticated) {
			t.Errorf("%s: %v", header, err)
		}
		if _, err := p.Verify(t.Context(), i.Sign("rsa", i.Claims(nil), m{header: trap.URL})); err != nil {
			t.Errorf("%s beside a good key: %v", header, err)
		}
	}
	if n := asked.Load() + stranger.Fetches.Load(); n != 0 {
		t.Errorf("tokens made us fetch %d times from where they said", n)
	}
}

func TestAuthorizedParties(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	p := provider(t, i, "kind=clerk,authorized-party=https://app.example.com|https://two.example.com", oidc.Options{})
	for party, ok := range map[any]bool{"https://app.example.com": true, "https://two.example.com": true, "https://evil.example.com": false, "": false, nil: false, "https://app.example.com|https://two.example.com": false} {
		if _, err := p.Verify(t.Context(), i.Sign("rsa", i.Claims(m{"azp": party, "aud": nil}), nil)); (err == nil) != ok {
			t.Errorf("azp %v: %v", party, err)
		}
	}
}

func TestOrganisationsOfEachKind(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	for name, c := range map[string]struct {
		options string
		claims  m
		want    string
	}{
		"Clerk, version 2":          {"kind=clerk,authorized-party=https://app.example.com", m{"v": 2, "o": m{"id": "org_2", "rol": "admin", "slg": "x"}}, "org_2"},
		"Clerk, version 1":          {"kind=clerk,authorized-party=https://app.example.com", m{"org_id": "org_1", "org_role": "org:admin"}, "org_1"},
		"Clerk, none":               {"kind=clerk,authorized-party=https://app.example.com", m{"v": 2}, ""},
		"Auth0":                     {"kind=auth0,audience=api", m{"org_id": "org_a", "org_name": "acme"}, "org_a"},
		"another provider":          {"audience=api", m{"org_id": "org_x"}, ""},
		"another, by its own claim": {"audience=api,organization-claim=hd", m{"hd": "example.com"}, "example.com"},
		"what is no text":           {"kind=auth0,audience=api", m{"org_id": 7}, ""},
	} {
		got, err := provider(t, i, c.options, oidc.Options{}).Verify(t.Context(), i.Sign("rsa", i.Claims(c.claims), nil))
		if err != nil || got.Organization != c.want {
			t.Errorf("%s: %q, %v", name, got.Organization, err)
		}
	}
	p := provider(t, i, "kind=clerk,authorized-party=https://app.example.com", oidc.Options{})
	if _, err := p.Verify(t.Context(), i.Sign("rsa", i.Claims(m{"sts": "pending"}), nil)); !errors.Is(err, identity.ErrUnauthenticated) {
		t.Errorf("a sign-in at Clerk that isn't finished: %v", err)
	}
}

func TestOnlyVerifiedAddressesCount(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	p := provider(t, i, "audience=api", oidc.Options{})
	for _, c := range []struct {
		verified any
		want     string
	}{{true, "ann@example.com"}, {"true", "ann@example.com"}, {false, ""}, {"false", ""}, {nil, ""}, {1, ""}} {
		got, err := p.Verify(t.Context(), i.Sign("rsa", i.Claims(m{"email_verified": c.verified}), nil))
		if err != nil || got.Email != c.want {
			t.Errorf("email_verified %v: %q, %v", c.verified, got.Email, err)
		}
	}
}

// Strangers can't make us ask the provider: keys that nobody has cost one request a while, together.
func TestAStormOfUnknownKeys(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	p := provider(t, i, "audience=api", oidc.Options{RefetchEvery: time.Hour})
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	failed := make(chan error, 20)
	for n := range cap(failed) {
		go func() {
			for k := range 10 {
				_, err := p.Verify(t.Context(), oidctest.SignWith(t, key, fmt.Sprint("unknown ", n, k), i.Claims(nil), nil))
				if !errors.Is(err, identity.ErrUnauthenticated) {
					failed <- fmt.Errorf("token %d %d: %w", n, k, err)
					return
				}
			}
			failed <- nil
		}()
	}
	for range cap(failed) {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if n := i.Fetches.Load(); n != 1 {
		t.Errorf("200 tokens with unknown keys cost %d fetches, want 1", n)
	}
	if _, err := p.Verify(t.Context(), i.Sign("rsa", i.Claims(nil), nil)); err != nil {
		t.Errorf("meanwhile somebody with a good token: %v", err)
	}
}

func TestKeysRotateWithoutARestart(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	p := provider(t, i, "audience=api", oidc.Options{RefetchEvery: time.Millisecond})
	old := i.Sign("rsa", i.Claims(nil), nil)
	_, err := p.Verify(t.Context(), old)
	check(t, err)
	i.Withdraw()
	i.Add("new", "RS256", nil)
	fresh := i.Sign("new", i.Claims(nil), nil)
	for late := time.Now().Add(time.Minute); ; { // until a fetch is allowed again
		if _, err = p.Verify(t.Context(), fresh); err == nil {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("the new key isn't seen: %v", err)
		}
	}
	if _, err := p.Verify(t.Context(), old); !errors.Is(err, identity.ErrUnauthenticated) {
		t.Errorf("a token of a key that was withdrawn: %v", err)
	}
}

func TestAProviderThatIsAway(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	i.Away.Store(true)
	p := provider(t, i, "audience=api", oidc.Options{RefetchEvery: time.Millisecond})
	good := i.Sign("rsa", i.Claims(nil), nil)
	if _, err := p.Verify(t.Context(), good); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("before anything is known of it: %v", err)
	}
	i.Away.Store(false)
	for late := time.Now().Add(time.Minute); ; {
		_, err := p.Verify(t.Context(), good)
		if err == nil {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("it is back: %v", err)
		}
	}
	i.Away.Store(true)
	if _, err := p.Verify(t.Context(), oidctest.SignWith(t, must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), "unknown", i.Claims(nil), nil)); !errors.Is(err, identity.ErrUnauthenticated) {
		t.Errorf("an unknown key while it is away: %v", err)
	}
	if _, err := p.Verify(t.Context(), good); err != nil {
		t.Errorf("what is known of it goes on: %v", err)
	}
}

// What a provider publishes besides isn't trusted, and one broken key doesn't spoil the others.
func TestWhatKeysAreTaken(t *testing.T) {
	t.Parallel()
	i := oidctest.New(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	check(t, err)
	i.Publish("small", "RS256", small, nil)
	i.Add("enc", "RS256", func(k *jwkset.JWKMarshal) { k.USE = jwkset.UseEnc })
	i.Add("rs512", "RS256", func(k *jwkset.JWKMarshal) { k.ALG = "RS512" })
	i.Add("broken", "RS256", func(k *jwkset.JWKMarshal) { k.N = "!" })
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	check(t, err)
	i.Publish("p384", "", p384, nil)
	i.Add("silent", "ES256", func(k *jwkset.JWKMarshal) { k.ALG, k.USE = "", "" })
	i.Add("good", "RS256", func(k *jwkset.JWKMarshal) { k.X5C = []string{"no certificate"} })
	p := provider(t, i, "audience=api", oidc.Options{})
	for id, ok := range map[string]bool{"small": false, "enc": false, "rs512": false, "broken": false, "silent": true, "good": true} {
		if _, err := p.Verify(t.Context(), i.Sign(id, i.Claims(nil), nil)); (err == nil) != ok {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"long": `{"keys":[` + strings.Repeat(" ", 2<<20) + `]}`, "no JSON": "<html>", "no keys": `{"keys":[]}`} {
		i := issuer(t)
		i.AnswerKeys([]byte(answer))
		if _, err := provider(t, i, "audience=api", oidc.Options{}).Verify(t.Context(), i.Sign("rsa", i.Claims(nil), nil)); !errors.Is(err, oidc.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A provider that isn't said to be private is reached at public addresses only.
func TestAPrivateAddressIsNotReached(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	cfg, err := oidc.ParseConfig("test=" + i.URL + ",private=yes,audience=api")
	check(t, err)
	cfg.Private = false
	p, err := oidc.NewProvider(cfg, oidc.Options{})
	check(t, err)
	if _, err := p.Verify(t.Context(), i.Sign("rsa", i.Claims(nil), nil)); !errors.Is(err, oidc.ErrUnavailable) || i.Fetches.Load() != 0 {
		t.Errorf("%v after %d fetches", err, i.Fetches.Load())
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
