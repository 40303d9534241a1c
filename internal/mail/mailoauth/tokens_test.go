package mailoauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/lab/oauthserver"
	"outrider/internal/mail/mailoauth"
)

// lockedVault keeps secrets as the real one does: who changes one keeps the others out.
type lockedVault struct {
	mu      sync.Mutex
	secrets map[string][]byte
}

func (v *lockedVault) UpdateSecret(_ context.Context, _ uuid.UUID, name string, change func([]byte) ([]byte, error)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	is, err := change(v.secrets[name])
	if err == nil {
		v.secrets[name] = is
	}
	return err
}

// signedIn is a mailbox that was signed in.
type signedIn struct {
	server    *oauthserver.Server
	providers *mailoauth.Providers
	vault     *lockedVault
	now       time.Time
	ended     []string
}

const box = "mailbox/x/oauth/y"

func signIn(t *testing.T) *signedIn {
	t.Helper()
	s := &signedIn{server: oauthserver.New("client", "secret"), vault: &lockedVault{secrets: map[string][]byte{}}, now: time.Now()}
	h := httptest.NewServer(s.server)
	t.Cleanup(h.Close)
	s.providers = mailoauth.New(mailoauth.Options{Google: mailoauth.Client{ID: "client", Secret: "secret"}, Redirect: "https://ours.test/callback", StandIn: h.URL})
	s.again(t)
	return s
}

// again signs in as a browser does.
func (s *signedIn) again(t *testing.T) {
	t.Helper()
	to, a := s.providers.Named(mailoauth.Google).Begin("state", "ann@ours.test", "")
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := browser.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	back, err := url.Parse(r.Header.Get("Location"))
	if err != nil || back.Query().Get("state") != "state" {
		t.Fatalf("the browser is sent to %v, %v", back, err)
	}
	code := back.Query().Get("code")
	if _, err := s.providers.Finish(t.Context(), mailoauth.Google, code, "another", ""); !errors.Is(err, mailoauth.ErrRefused) || strings.Contains(err.Error(), "hunter22") {
		t.Errorf("another verifier: %v", err)
	}
	if r, err = browser.Get(to); err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	back, _ = url.Parse(r.Header.Get("Location"))
	got, err := s.providers.Finish(t.Context(), mailoauth.Google, back.Query().Get("code"), a.Verifier, "")
	if err != nil {
		t.Fatal(err)
	}
	s.vault.secrets[box], _ = got.Encode()
}

// process is one of those that ask for tokens.
func (s *signedIn) process() *mailoauth.Tokens {
	return mailoauth.NewTokens(mailoauth.TokensConfig{Vault: s.vault, Providers: s.providers, Now: func() time.Time { return s.now }, Ended: func(_ uuid.UUID, name string) { s.ended = append(s.ended, name) }})
}

func TestFiftySendersInTwoProcessesRefreshOnce(t *testing.T) {
	t.Parallel()
	s := signIn(t)
	s.server.Rotate, s.server.Lifetime = true, 2*time.Hour
	s.now = s.now.Add(56 * time.Minute) // some minutes before its end
	one, other := s.process(), s.process()
	var all sync.WaitGroup
	for i := range 50 {
		from := one
		if i%2 == 0 {
			from = other
		}
		all.Go(func() {
			if token, err := from.Access(t.Context(), uuid.Nil, box); err != nil || !s.server.Good(token) {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if n := s.server.Refreshes(); n != 1 {
		t.Errorf("refreshed %d times", n)
	}
	s.now = s.now.Add(2 * time.Hour)
	if token, err := one.Access(t.Context(), uuid.Nil, box); err != nil || !s.server.Good(token) {
		t.Errorf("the refresh token that came with the last refresh: %v", err)
	}
}

func TestARefreshWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	for _, rotates := range []bool{false, true} {
		s := signIn(t)
		s.server.Rotate, s.server.LoseAnswer = rotates, true
		s.now = s.now.Add(2 * time.Hour)
		p := s.process()
		if _, err := p.Access(t.Context(), uuid.Nil, box); !errors.Is(err, mailoauth.ErrRefused) {
			t.Errorf("rotates %v: the first time: %v", rotates, err)
		}
		_, err := p.Access(t.Context(), uuid.Nil, box)
		if rotates != errors.Is(err, mailoauth.ErrEnded) || !rotates && err != nil {
			t.Errorf("rotates %v: the second time: %v", rotates, err)
		}
	}
}

func TestAnEndedPermissionIsAskedForOnce(t *testing.T) {
	t.Parallel()
	s := signIn(t)
	s.server.Revoke()
	s.now = s.now.Add(2 * time.Hour)
	p, other := s.process(), s.process()
	for range 20 {
		for _, from := range []*mailoauth.Tokens{p, other} {
			if _, err := from.Access(t.Context(), uuid.Nil, box); !errors.Is(err, mailoauth.ErrEnded) {
				t.Fatal(err)
			}
		}
	}
	if n := s.server.Refreshes(); n != 1 || len(s.ended) != 1 {
		t.Errorf("asked %d times, told %v", n, s.ended)
	}
	s.again(t)
	s.now = time.Now()
	if token, err := s.process().Access(t.Context(), uuid.Nil, box); err != nil || !s.server.Good(token) {
		t.Errorf("signed in again: %v", err)
	}
}

func TestATokenThatAServerRefusesIsReplacedOnce(t *testing.T) {
	t.Parallel()
	s := signIn(t)
	p := s.process()
	if _, err := p.Access(t.Context(), uuid.Nil, box); err != nil {
		t.Fatal(err)
	}
	if p.Refuse(t.Context(), uuid.Nil, box) {
		t.Error("a token of this minute is no better the next time")
	}
	first, err := p.Access(t.Context(), uuid.Nil, box)
	if err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(2 * time.Minute)
	if !p.Refuse(t.Context(), uuid.Nil, box) {
		t.Error("another one may help")
	}
	if next, err := p.Access(t.Context(), uuid.Nil, box); err != nil || next == first {
		t.Errorf("got %v, the same: %v", err, next == first)
	}
	if p.Refuse(t.Context(), uuid.Nil, box) {
		t.Error("and then none helps")
	}
	var kept mailoauth.Stored
	if err := json.Unmarshal(s.vault.secrets[box], &kept); err != nil || kept.Refresh == "" {
		t.Errorf("kept is %v, %v", kept.Refresh == "", err)
	}
}

func TestThreeRefusalsThatLookAlike(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.": "switched off",
		"535 5.7.3 Authentication unsuccessful":                                                          "another account",
		"535 5.7.8 Username and Password not accepted":                                                   "isn't taken any more",
		"0  User is authenticated but not connected.":                                                    "another account",
		"0  [AUTHENTICATIONFAILED] Invalid credentials (Failure)":                                        "isn't taken any more",
		"421 4.7.0 Try again later":                                                                      "",
	} {
		parts := strings.SplitN(text, " ", 3)
		code := 0
		for _, c := range parts[0] {
			code = code*10 + int(c-'0')
		}
		if got := mailoauth.Explain(code, parts[1], parts[2]); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
}
