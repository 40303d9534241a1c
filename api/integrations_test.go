package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/integrations"
	"outrider/internal/hubspot"
	services "outrider/internal/integrations"
	"outrider/internal/lab/oauthserver"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/pii"
)

// connectorFor makes connections to a HubSpot that takes every key but "wrong", and says that it is the account of that name.
func connectorFor(vault *pii.Vault, client mailoauth.Client, standIn string) *integrations.Connector {
	registry := services.NewRegistry("https://ours.test"+"/v1/integration-sign-ins/callback", http.DefaultClient, hubspot.Provider(client, standIn))
	return &integrations.Connector{Registry: registry, Vault: vault, Credentials: services.Credentials{Vault: vault, Tokens: registry.Tokens(vault)},
		Identify: map[string]integrations.Identify{hubspot.Name: func(_ context.Context, access string) (integrations.Account, error) {
			if access == "wrong" {
				return integrations.Account{}, &services.NeedsYou{Reason: services.Ended, Detail: "the key isn't valid"}
			}
			if strings.HasPrefix(access, "key") || access == "Confidential" {
				return integrations.Account{ID: access, Name: access}, nil
			}
			return integrations.Account{ID: "portal", Name: "portal.example.com"}, nil
		}}}
}

func TestAServiceIsConnectedByAKey(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	if got := c.refused(422, "invalid", "POST", "/v1/integrations", obj{"provider": "hubspot", "key": "wrong"}); !strings.Contains(string(got.body), "the key isn't valid") {
		t.Errorf("a wrong key: %s", got.body)
	}
	c.refused(422, "invalid", "POST", "/v1/integrations", obj{"provider": "pigeons", "key": "key 1"})
	made := c.ok("POST", "/v1/integrations", obj{"provider": "hubspot", "key": "key 1"})
	id := made.text("id")
	if made.status != 201 || made.text("state") != "connected" || made.text("account") != "key 1" || made.text("kind") != "crm" {
		t.Fatalf("connected: %d %s", made.status, made.body)
	}
	c.refused(409, "already_exists", "POST", "/v1/integrations", obj{"provider": "hubspot", "key": "key 1"})
	if key, err := w.cfg.Vault.Secret(t.Context(), c.org, "connection/"+id+"/key"); err != nil || string(key) != "key 1" {
		t.Errorf("the vault has %q, %v", key, err)
	}
	if got := c.ok("POST", "/v1/integrations/"+id+"/pause", obj{"reason": "cleaning"}); got.text("state") != "paused" || got.text("detail") != "cleaning" {
		t.Errorf("paused: %s", got.body)
	}
	if got := c.ok("POST", "/v1/integrations/"+id+"/resume", nil); got.text("state") != "connected" {
		t.Errorf("resumed: %s", got.body)
	}
	_, at := c.submit(commands.InterruptConnection{ConnectionRef: events.ConnectionRef{ConnectionID: uuid.MustParse(id)}, Reason: events.ConnectionEnded, Detail: "sign in again"})
	if got := c.ok("GET", "/v1/integrations/"+id, nil, "Outrider-Position", at); got.text("state") != "needs_you" || got.text("reason") != "permission_ended" || got.text("detail") != "sign in again" {
		t.Errorf("interrupted: %s", got.body)
	}
	if got := c.refused(422, "invalid", "POST", "/v1/integrations/"+id+"/reconnect", obj{"key": "key 2"}); !strings.Contains(string(got.body), "another account") {
		t.Errorf("another account's key: %s", got.body)
	}
	if got := c.ok("POST", "/v1/integrations/"+id+"/reconnect", obj{"key": "key 1"}); got.text("state") != "connected" {
		t.Errorf("connected again: %s", got.body)
	}
	gone := c.ok("DELETE", "/v1/integrations/"+id, nil)
	c.refused(404, "not_found", "GET", "/v1/integrations/"+id, nil, "Outrider-Position", gone.header.Get("Outrider-Position"))
}

func TestAServiceIsSignedInAt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	there := oauthserver.New("client", "secret")
	standIn := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.URL.Path = map[string]string{"/oauth/authorize": "/authorize", "/oauth/" + hubspot.Version + "/token": "/token"}[r.URL.Path]
		there.ServeHTTP(rw, r)
	}))
	t.Cleanup(standIn.Close)
	w.serve(func(cfg *api.Config) {
		cfg.Integrations = connectorFor(cfg.Vault, mailoauth.Client{ID: "client", Secret: "secret"}, standIn.URL)
	})
	c := w.tenant("growth")
	if got := c.ok("GET", "/v1/integration-providers", nil).list("data"); len(got) != 1 || got[0].(map[string]any)["sign_in"] != true {
		t.Errorf("offered are %v", got)
	}
	c.refused(422, "invalid", "POST", "/v1/integration-sign-ins", obj{"provider": "hubspot", "return_to": "//evil.test"})
	begin := func(body obj) (callback, cookie string) {
		begun := c.ok("POST", "/v1/integration-sign-ins", body)
		cookie, _, _ = strings.Cut(begun.header.Get("Set-Cookie"), ";")
		if s := strings.ToLower(begun.header.Get("Set-Cookie")); !strings.Contains(s, "httponly") || !strings.Contains(s, "secure") || !strings.Contains(s, "samesite=lax") {
			t.Errorf("the cookie is %s", s)
		}
		if !strings.Contains(begun.text("authorize_url"), "code_challenge_method=S256") || !strings.Contains(begun.text("authorize_url"), "crm.objects.contacts.write") {
			t.Errorf("it goes to %s", begun.text("authorize_url"))
		}
		status, to := w.back(begun.text("authorize_url"), "")
		at, err := url.Parse(to)
		check(t, err)
		if status != 302 {
			t.Fatalf("the service answers %d", status)
		}
		return w.urls[len(w.urls)-1] + at.Path + "?" + at.RawQuery, cookie
	}
	callback, cookie := begin(obj{"provider": "hubspot", "return_to": "/o/acme/settings/integrations"})
	if status, _ := w.back(callback, ""); status != 404 {
		t.Errorf("another browser is answered %d", status)
	}
	status, location := w.back(callback, cookie)
	id := strings.TrimPrefix(location, "/o/acme/settings/integrations?connected=")
	if status != 303 || len(id) != 36 {
		t.Fatalf("got %d to %s", status, location)
	}
	if status, _ := w.back(callback, cookie); status != 404 {
		t.Errorf("once more: %d", status)
	}
	c.until("/v1/integrations/"+id, func(a answer) bool { return a.text("account") == "portal.example.com" })
	access, err := services.Credentials{Vault: w.cfg.Vault, Tokens: connectorFor(w.cfg.Vault, mailoauth.Client{ID: "client", Secret: "secret"}, standIn.URL).Credentials.Tokens}.Access(t.Context(), c.org, uuid.MustParse(id))
	if err != nil || !there.Good(access) {
		t.Errorf("used with a token that counts: %v, %v", there.Good(access), err)
	}
	callback, cookie = begin(obj{"provider": "hubspot", "return_to": "/x"})
	if _, location := w.back(callback, cookie); location != "/x?integration_problem=already_exists" {
		t.Errorf("connected twice: %s", location)
	}
	_, at := c.submit(commands.InterruptConnection{ConnectionRef: events.ConnectionRef{ConnectionID: uuid.MustParse(id)}, Reason: events.ConnectionEnded})
	c.ok("GET", "/v1/integrations/"+id, nil, "Outrider-Position", at)
	callback, cookie = begin(obj{"provider": "hubspot", "integration_id": id, "return_to": "/x"})
	if status, location := w.back(strings.Replace(callback, "code=", "error=access_denied&code=", 1), cookie); location != "/x?integration_problem=denied" {
		t.Errorf("denied: %d to %s", status, location)
	}
	callback, cookie = begin(obj{"provider": "hubspot", "integration_id": id, "return_to": "/x"})
	if _, location := w.back(callback, cookie); location != "/x?connected="+id {
		t.Errorf("signed in again: %s", location)
	}
	c.until("/v1/integrations/"+id, func(a answer) bool { return a.text("state") == "connected" })
}

// Where all services are simulated, a browser on this machine can't come back by the public address.
func TestABrowserOnThisMachineComesBackToWhereItIs(t *testing.T) {
	t.Parallel()
	for _, locally := range []bool{true, false} {
		w := setup(t)
		there := oauthserver.New("client", "secret")
		standIn := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			r.URL.Path = "/" + strings.TrimPrefix(r.URL.Path[strings.LastIndex(r.URL.Path, "/"):], "/")
			there.ServeHTTP(rw, r)
		}))
		t.Cleanup(standIn.Close)
		w.serve(func(cfg *api.Config) {
			cfg.SignInsReturnLocally = locally
			cfg.Integrations = connectorFor(cfg.Vault, mailoauth.Client{ID: "client", Secret: "secret"}, standIn.URL)
			cfg.MailOAuth = mailoauth.New(mailoauth.Options{Google: mailoauth.Client{ID: "client", Secret: "secret"}, Redirect: "https://ours.test/v1/mailbox-sign-ins/callback", StandIn: standIn.URL})
		})
		c := w.tenant("growth")
		here := w.urls[len(w.urls)-1]
		for path, body := range map[string]obj{"/v1/integration-sign-ins": {"provider": "hubspot", "return_to": "/x"}, "/v1/mailbox-sign-ins": {"provider": "google", "address": "ann@gmail.com", "return_to": "/x"}} {
			begun := c.ok("POST", path, body)
			_, to := w.back(begun.text("authorize_url"), "")
			want := map[bool]string{true: here, false: "https://ours.test"}[locally] + path + "/callback?"
			if !strings.HasPrefix(to, want) {
				t.Errorf("locally %v: the browser comes back to %s, want %s", locally, to, want)
			}
			if !locally {
				continue
			}
			cookie, _, _ := strings.Cut(begun.header.Get("Set-Cookie"), ";")
			if status, end := w.back(to, cookie); status != 303 || !strings.HasPrefix(end, "/x?connected=") { // the code is traded with the address that it was given for
				t.Errorf("%s ends with %d at %s", path, status, end)
			}
		}
	}
}
