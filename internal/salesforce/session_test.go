package salesforce_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/integrations"
	"outrider/internal/lab/crmlike"
	"outrider/internal/lab/salesforcelike"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/pii"
	"outrider/internal/salesforce"
)

// memory is a vault.
type memory struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (m *memory) PutSecret(_ context.Context, _ uuid.UUID, name string, secret []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[name] = secret
	return nil
}

func (m *memory) Secret(_ context.Context, _ uuid.UUID, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.kept[name]; ok {
		return s, nil
	}
	return nil, pii.ErrNotFound
}

func (m *memory) DeleteSecrets(_ context.Context, _ uuid.UUID, prefix string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.kept {
		if strings.HasPrefix(name, prefix) {
			delete(m.kept, name)
		}
	}
	return nil
}

func (m *memory) UpdateSecret(_ context.Context, _ uuid.UUID, name string, change func([]byte) ([]byte, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	was, ok := m.kept[name]
	if !ok {
		return pii.ErrNotFound
	}
	is, err := change(was)
	if err == nil {
		m.kept[name] = is
	}
	return err
}

// signIn signs in as a browser does, and returns what a connection is used with.
func signIn(t *testing.T, there *salesforcelike.Server) (creds integrations.Credentials, client func() *salesforce.Client) {
	t.Helper()
	server := httptest.NewServer(there)
	t.Cleanup(server.Close)
	registry := integrations.NewRegistry("https://ours.test/callback", server.Client(), salesforce.Provider(mailoauth.Client{ID: "client", Secret: "secret"}, server.URL))
	vault := &memory{kept: map[string][]byte{}}
	creds = integrations.Credentials{Vault: vault, Tokens: registry.Tokens(vault)}
	to, attempt, ok := registry.Begin(salesforce.Name, "state", "", "")
	if !ok || !strings.Contains(to, "code_challenge_method=S256") {
		t.Fatalf("it goes to %s", to)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := browser.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	back, err := url.Parse(r.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := registry.Finish(t.Context(), salesforce.Name, back.Query().Get("code"), "another verifier", ""); err == nil {
		t.Error("a code is worth something without its verifier")
	}
	if r, err = browser.Get(to); err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	back, _ = url.Parse(r.Header.Get("Location"))
	tokens, err := registry.Finish(t.Context(), salesforce.Name, back.Query().Get("code"), attempt.Verifier, "")
	if err != nil {
		t.Fatal(err)
	}
	tokens.Minted = time.Now().Add(-time.Hour) // it was a while ago
	org, connection := uuid.New(), uuid.New()
	if err := creds.KeepTokens(t.Context(), org, connection, tokens); err != nil {
		t.Fatal(err)
	}
	return creds, func() *salesforce.Client {
		creds.Reread(org, connection) // as each turn does
		instance, err := creds.Instance(t.Context(), org, connection)
		if err != nil || instance != server.URL {
			t.Fatalf("the instance is %q, %v", instance, err)
		}
		return salesforce.New(instance, integrations.Caller{HTTP: server.Client(), First: time.Millisecond, Sleep: func(context.Context, time.Duration) error { return nil },
			Access: func(ctx context.Context) (string, error) { return creds.Access(ctx, org, connection) },
			Refuse: func(ctx context.Context) bool { return creds.Refuse(ctx, org, connection) }})
	}
}

func TestASessionThatEndedIsRefreshedOnce(t *testing.T) {
	t.Parallel()
	for name, rotate := range map[string]bool{"the refresh token lasts": false, "refresh tokens rotate": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			there := salesforcelike.New(salesforcelike.Options{Client: "client", Secret: "secret", Rotate: rotate})
			_, client := signIn(t, there)
			there.Put("ann@example.com", nil)
			ask := func() error {
				found, err := client().ByAddress(t.Context(), []string{"ann@example.com"}, nil)
				if err == nil && len(found) != 1 {
					t.Errorf("it found %v", found)
				}
				return err
			}
			if err := ask(); err != nil {
				t.Fatal(err)
			}
			there.EndSessions()
			if err := ask(); err != nil {
				t.Fatalf("after the session has ended: %v", err)
			}
			// an account that refuses what it has just given is left alone
			there.Behave(func(b *crmlike.Misbehave) { b.Expired = 1000 })
			_, before := there.Writes()
			var needs *integrations.NeedsYou
			if err := ask(); !errors.As(err, &needs) || needs.Reason != integrations.Ended {
				t.Errorf("it says %v", err)
			}
			if _, after := there.Writes(); after-before > 1 {
				t.Errorf("%d requests", after-before)
			}
			there.Behave(func(b *crmlike.Misbehave) { b.Expired = 0 })
			if err := ask(); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestARevokedPermissionNeedsSomebody(t *testing.T) {
	t.Parallel()
	there := salesforcelike.New(salesforcelike.Options{Client: "client", Secret: "secret"})
	_, client := signIn(t, there)
	there.Revoke()
	var needs *integrations.NeedsYou
	if _, err := client().Schema(t.Context()); !errors.As(err, &needs) || needs.Reason != integrations.Ended {
		t.Errorf("it says %v", err)
	}
}
