package oidc_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"outrider/internal/identity"
	"outrider/internal/oidc"
)

const sharedSecret = "a secret of more than 32 bytes, of the operator"

func secretToken(t *testing.T, secret string, changed m) string {
	t.Helper()
	c := jwt.MapClaims{"iss": "https://issuer.example.com", "aud": "outrider", "sub": "user-1", "org_id": "01990000-0000-7000-8000-000000000001", "role": "member", "scope": "leads:read leads:write", "exp": time.Now().Add(time.Minute).Unix()}
	for k, v := range changed {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(secret))
	check(t, err)
	return text
}

func TestTokensOfTheOperator(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	secret, err := oidc.NewSecret([]byte(sharedSecret), "https://issuer.example.com", "outrider", nil)
	check(t, err)
	c, err := secret.Verify(t.Context(), secretToken(t, sharedSecret, nil))
	if err != nil || !c.Own || c.Subject != "user-1" || c.Role != "member" || len(c.Scopes) != 2 || c.Organization == "" {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := secret.Verify(t.Context(), secretToken(t, sharedSecret, m{"scope": []string{}})); err != nil || c.Scopes == nil || len(c.Scopes) != 0 {
		t.Errorf("no scope is nothing: %+v, %v", c, err)
	}
	public, err := x509.MarshalPKIXPublicKey(i.PublicOf("rsa"))
	check(t, err)
	hs512, err := jwt.NewWithClaims(jwt.SigningMethodHS512, i.Claims(m{"iss": "https://issuer.example.com", "aud": "outrider"})).SignedString([]byte(sharedSecret))
	check(t, err)
	for name, token := range map[string]string{
		"another secret":       secretToken(t, sharedSecret+"!", nil),
		"a public key":         secretToken(t, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), nil),
		"no secret":            secretToken(t, "", nil),
		"HS512":                hs512,
		"RS256":                i.Sign("rsa", i.Claims(m{"iss": "https://issuer.example.com", "aud": "outrider"}), nil),
		"another issuer":       secretToken(t, sharedSecret, m{"iss": "https://evil.example.com"}),
		"no issuer":            secretToken(t, sharedSecret, m{"iss": nil}),
		"another audience":     secretToken(t, sharedSecret, m{"aud": "api"}),
		"no audience":          secretToken(t, sharedSecret, m{"aud": nil}),
		"expired":              secretToken(t, sharedSecret, m{"exp": time.Now().Add(-2 * time.Minute).Unix()}),
		"without an end":       secretToken(t, sharedSecret, m{"exp": nil}),
		"not yet valid":        secretToken(t, sharedSecret, m{"nbf": time.Now().Add(2 * time.Minute).Unix()}),
		"nobody":               secretToken(t, sharedSecret, m{"sub": nil}),
		"huge":                 secretToken(t, sharedSecret, m{"more": strings.Repeat("x", 10_000)}),
		"an unsigned one":      strings.Join(strings.Split(secretToken(t, sharedSecret, nil), ".")[:2], ".") + ".",
		"alg none, and signed": "eyJhbGciOiJub25lIn0." + strings.SplitN(secretToken(t, sharedSecret, nil), ".", 2)[1],
	} {
		if c, err := secret.Verify(t.Context(), token); !errors.Is(err, identity.ErrUnauthenticated) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

// Whoever checks a token knows one kind of keys: the algorithm that a token names leads to it, never around it.
func TestAlgorithmsAreNeverMixed(t *testing.T) {
	t.Parallel()
	i := issuer(t)
	p := provider(t, i, "audience=api", oidc.Options{})
	secret, err := oidc.NewSecret([]byte(sharedSecret), i.URL, "api", nil) // even with the provider's issuer
	check(t, err)
	all, err := oidc.NewProviders([]*oidc.Provider{p}, secret)
	check(t, err)
	without, err := oidc.NewProviders([]*oidc.Provider{p}, nil)
	check(t, err)
	hs := secretToken(t, sharedSecret, m{"iss": i.URL, "aud": "api"})
	if all.Of(hs) != oidc.Verifier(secret) || all.Of(i.Sign("rsa", i.Claims(nil), nil)) != oidc.Verifier(p) {
		t.Error("a token is checked by the wrong one")
	}
	for name, token := range map[string]string{"HS256 without a secret": hs, "another issuer's": i.Sign("rsa", i.Claims(m{"iss": "https://x.example.com"}), nil), "no token": "a.b.c", "huge": i.Sign("rsa", i.Claims(m{"more": strings.Repeat("x", 10_000)}), nil)} {
		if without.Of(token) != nil {
			t.Errorf("%s is checked by somebody", name)
		}
	}
	if (*oidc.Providers)(nil).Of(hs) != nil {
		t.Error("without providers somebody checks a token")
	}
}

func TestSecretsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", strings.Repeat("x", 31), "-----BEGIN PUBLIC KEY-----\n" + strings.Repeat("x", 100)} {
		if _, err := oidc.NewSecret([]byte(secret), "iss", "aud", nil); err == nil {
			t.Errorf("%q is taken", secret)
		}
	}
	file := filepath.Join(t.TempDir(), "secret")
	check(t, os.WriteFile(file, []byte(strings.Repeat("x", 31)+"\n"), 0o600))
	if _, err := oidc.ReadSecret(file, "iss", "aud"); err == nil {
		t.Error("a line's end counts")
	}
	check(t, os.WriteFile(file, []byte(strings.Repeat("x", 32)+"\n"), 0o600))
	if _, err := oidc.ReadSecret(file, "iss", "aud"); err != nil {
		t.Error(err)
	}
}
