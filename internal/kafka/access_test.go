package kafka

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAccessSaysWhatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		access Access
		want   string // "" = it is fine
	}{
		"an open network":          {Access{}, ""},
		"TLS":                      {Access{TLS: true}, ""},
		"SCRAM":                    {Access{SASL: "SCRAM-SHA-512", User: "u", Password: "p"}, ""},
		"plain by TLS":             {Access{TLS: true, SASL: "plain", User: "u", PasswordFile: "f"}, ""},
		"plain in the open":        {Access{SASL: "plain", User: "u", Password: "p"}, "without --kafka-tls"},
		"plain where nobody is":    {Access{SASL: "plain", User: "u", Password: "p", Insecure: true}, ""},
		"a token in the open":      {Access{SASL: "oauthbearer", TokenFile: "f"}, "without --kafka-tls"},
		"no token":                 {Access{TLS: true, SASL: "oauthbearer"}, "needs one of"},
		"two tokens":               {Access{TLS: true, SASL: "oauthbearer", TokenFile: "f", TokenURL: "u"}, "needs one of"},
		"no password":              {Access{SASL: "scram-sha-256", User: "u"}, "needs --kafka-user and a password"},
		"two passwords":            {Access{SASL: "scram-sha-256", User: "u", Password: "p", PasswordFile: "f"}, "exclude each other"},
		"a user without a way":     {Access{User: "u", Password: "p"}, "not how"},
		"a way that there isn't":   {Access{SASL: "gssapi"}, "there is no"},
		"half a certificate":       {Access{TLS: true, Cert: "c"}, "belong together"},
		"an authority without TLS": {Access{CA: "c"}, "need --kafka-tls"},
	} {
		err := c.access.Validate()
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if _, again := (Log{Seeds: []string{"127.0.0.1:1"}, Access: c.access}).Open(); c.want != "" && again == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestTokensAreAskedForAtEachSignIn(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		user, password, _ := r.BasicAuth()
		if err := r.ParseForm(); err != nil || user != "client" || password != "secret" || r.Form.Get("grant_type") != "client_credentials" || r.Form.Get("scope") != "kafka" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"by-url","token_type":"bearer","expires_in":60}`))
	}))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "token")
	for _, text := range []string{"first\n", "second\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, a := range []Access{{TokenFile: path}, {TokenCommand: []string{"cat", path}}} {
			if got, err := a.token(t.Context()); err != nil || got != strings.TrimSpace(text) {
				t.Errorf("got %q, %v, want %q", got, err, text)
			}
		}
		if got, err := (Access{TokenURL: server.URL, User: "client", Password: "secret", TokenScopes: []string{"kafka"}}).token(t.Context()); err != nil || got != "by-url" {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want 2", asked)
	}
	for name, a := range map[string]Access{"no file": {TokenFile: path + "x"}, "a program that fails": {TokenCommand: []string{"false"}}, "nothing printed": {TokenCommand: []string{"true"}}, "another secret": {TokenURL: server.URL, User: "client", Password: "no"}} {
		if got, err := a.token(t.Context()); err == nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestOnlyTheRoleCommandsWritesEvents(t *testing.T) {
	t.Parallel()
	rights, err := ListRights()
	if err != nil {
		t.Fatal(err)
	}
	writers := 0
	for _, r := range rights {
		if r.Kind == "topic" && r.Name == "events" && r.Operation == "write" {
			if writers++; r.Role != "commands" {
				t.Errorf("%s may write to events", r.Role)
			}
		}
		if _, err := (Log{Generation: 1}).aclOf(r, r.Role); err != nil {
			t.Error(err)
		}
		if r.Prefix && r.Name == "" {
			t.Errorf("%s may %s every %s", r.Role, r.Operation, r.Kind)
		}
	}
	if writers != 1 {
		t.Errorf("%d roles write to events", writers)
	}
}
