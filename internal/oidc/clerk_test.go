package oidc_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"outrider/internal/oidc"
)

// What we believe of Clerk's tokens, its own library believes, and what we refuse it refuses: so our tests sign what Clerk could have signed. Nearer than a minute
// to now we differ: they give clocks 5 seconds, we give them 60.
func TestClerksLibraryJudgesAsWeDo(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs("../../e2e/oidc")
	check(t, err)
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@clerk", "backend")); err != nil {
		t.Skip("@clerk/backend isn't installed: make test-oidc")
	}
	i, stranger := issuer(t), issuer(t)
	p := provider(t, i, "kind=clerk,authorized-party=https://app.example.com|https://two.example.com", oidc.Options{})
	public, err := x509.MarshalPKIXPublicKey(i.PublicOf("rsa"))
	check(t, err)
	key := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	session := func(changed m) jwt.MapClaims { // as Clerk's are
		c := i.Claims(m{"aud": nil, "email": nil, "email_verified": nil, "given_name": nil, "family_name": nil, "sid": "sess_1", "v": 2, "sts": "active", "o": m{"id": "org_1", "rol": "admin", "slg": "acme"}})
		for name, v := range changed {
			if c[name] = v; v == nil {
				delete(c, name)
			}
		}
		return c
	}
	confused := jwt.NewWithClaims(jwt.SigningMethodHS256, session(nil))
	confused.Header["kid"] = "rsa"
	hmac, err := confused.SignedString(key)
	check(t, err)
	unsigned := jwt.NewWithClaims(jwt.SigningMethodNone, session(nil))
	unsigned.Header["kid"] = "rsa"
	none, err := unsigned.SignedString(jwt.UnsafeAllowNoneSignatureType)
	check(t, err)
	good := i.Sign("rsa", session(nil), nil)
	parts, ahead := strings.Split(good, "."), time.Now().Add(2*time.Minute).Unix()
	cases := []struct {
		name, token string
		good        bool
	}{
		{"version 2, with an organisation", good, true},
		{"version 2, with none", i.Sign("rsa", session(m{"o": nil}), nil), true},
		{"version 1", i.Sign("rsa", session(m{"v": nil, "o": nil, "sts": nil, "org_id": "org_1", "org_role": "org:admin", "org_slug": "acme"}), nil), true},
		{"of the other party", i.Sign("rsa", session(m{"azp": "https://two.example.com"}), nil), true},
		{"with an audience that nobody asked for", i.Sign("rsa", session(m{"aud": "another"}), nil), true},
		{"expired", i.Sign("rsa", session(m{"exp": time.Now().Add(-2 * time.Minute).Unix()}), nil), false},
		{"not yet valid", i.Sign("rsa", session(m{"nbf": ahead}), nil), false},
		{"issued later", i.Sign("rsa", session(m{"iat": ahead}), nil), false},
		{"of a foreign party", i.Sign("rsa", session(m{"azp": "https://evil.example.com"}), nil), false},
		{"of no party", i.Sign("rsa", session(m{"azp": nil}), nil), false},
		{"of nobody", i.Sign("rsa", session(m{"sub": nil}), nil), false},
		{"unsigned", none, false},
		{"signed with the public key", hmac, false},
		{"signed by another issuer", stranger.Sign("rsa", session(nil), nil), false},
		{"with another's payload", parts[0] + "." + strings.Split(stranger.Sign("rsa", session(m{"sub": "admin"}), nil), ".")[1] + "." + parts[2], false},
	}
	cmd := exec.CommandContext(t.Context(), "node", "clerk.mjs")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "KEY="+string(key), "PARTIES=https://app.example.com https://two.example.com")
	var in, errs bytes.Buffer
	for _, c := range cases {
		in.WriteString(c.token + "\n")
	}
	cmd.Stdin, cmd.Stderr = &in, &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("clerk.mjs: %v\n%s", err, &errs)
	}
	theirs := json.NewDecoder(bytes.NewReader(out))
	for _, c := range cases {
		var verdict struct{ Subject, Refused string }
		check(t, theirs.Decode(&verdict))
		ours, err := p.Verify(t.Context(), c.token)
		if (err == nil) != c.good || (verdict.Refused == "") != c.good || c.good && (ours.Subject != "user_1" || verdict.Subject != "user_1") {
			t.Errorf("%s: we say %q, %v, Clerk's library %q, %q; want believed: %v", c.name, ours.Subject, err, verdict.Subject, verdict.Refused, c.good)
		}
	}
}
