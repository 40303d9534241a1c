package api_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api"
	"outrider/internal/app/mailboxes"
	"outrider/internal/lab/oauthserver"
	"outrider/internal/mail/mailoauth"
	"outrider/projections"
)

// back follows no redirect, and comes with a cookie.
func (w *world) back(to, cookie string) (status int, location string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, to, nil)
	check(w.t, err)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	a, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	check(w.t, err)
	a.Body.Close()
	return a.StatusCode, a.Header.Get("Location")
}

func TestAMailboxIsSignedInAtItsProvider(t *testing.T) {
	t.Parallel()
	w := setup(t)
	google := oauthserver.New("client", "secret")
	there := httptest.NewServer(google)
	t.Cleanup(there.Close)
	providers := mailoauth.New(mailoauth.Options{Google: mailoauth.Client{ID: "client", Secret: "secret"}, Redirect: "https://outrider.test/v1/mailbox-sign-ins/callback", StandIn: there.URL})
	w.serve(func(cfg *api.Config) { cfg.MailOAuth = providers })
	c := w.tenant("growth")
	if listed := c.ok("GET", "/v1/mailbox-sign-ins", nil); len(listed.list("data")) != 1 {
		t.Errorf("offered are %s", listed.body)
	}
	c.refused(422, "invalid", "POST", "/v1/mailbox-sign-ins", obj{"provider": "microsoft", "address": "ann@ours.test"})
	for _, path := range []string{"https://evil.test", "//evil.test", "/x?y", "x"} {
		c.refused(422, "invalid", "POST", "/v1/mailbox-sign-ins", obj{"provider": "google", "address": "ann@ours.test", "return_to": path})
	}
	begin := func(body obj) (callback, cookie string) {
		begun := c.ok("POST", "/v1/mailbox-sign-ins", body)
		cookie, _, _ = strings.Cut(begun.header.Get("Set-Cookie"), ";")
		if s := strings.ToLower(begun.header.Get("Set-Cookie")); !strings.Contains(s, "httponly") || !strings.Contains(s, "secure") || !strings.Contains(s, "samesite=lax") {
			t.Errorf("the cookie is %s", s)
		}
		status, to := w.back(begun.text("authorize_url"), "")
		if status != 302 {
			t.Fatalf("the provider answers %d", status)
		}
		at, err := url.Parse(to)
		check(t, err)
		return w.urls[len(w.urls)-1] + at.Path + "?" + at.RawQuery, cookie
	}
	callback, cookie := begin(obj{"provider": "google", "address": " Ann@Ours.test ", "display_name": "Ann", "return_to": "/o/acme/mailboxes"})
	if status, _ := w.back(callback, ""); status != 404 {
		t.Errorf("another browser is answered %d", status)
	}
	if status, _ := w.back(strings.Replace(callback, "state=", "state=x", 1), cookie); status != 404 {
		t.Errorf("another state is answered %d", status)
	}
	status, location := w.back(callback, cookie)
	id := strings.TrimPrefix(location, "/o/acme/mailboxes?connected=")
	if status != 303 || len(id) != 36 {
		t.Fatalf("got %d to %s", status, location)
	}
	if status, _ := w.back(callback, cookie); status != 404 {
		t.Errorf("once more: %d", status)
	}
	made := c.shown(id)
	if made.text("address") != "ann@ours.test" || made.text("signs_in_by") != "provider" || made.json["smtp"].(map[string]any)["host"] != "smtp.gmail.com" {
		t.Errorf("made %s", made.body)
	}
	is := c.connection(id)
	if is.SMTP.Secret != is.IMAP.Secret || strings.Contains(string(made.body), is.SMTP.Secret) {
		t.Errorf("signed in by %s and %s", is.SMTP.Secret, is.IMAP.Secret)
	}
	tokens := mailoauth.NewTokens(mailoauth.TokensConfig{Vault: w.cfg.Vault, Providers: providers})
	secrets := mailboxes.WithTokens(w.cfg.Vault, tokens)
	login, err := mailboxes.AccountOf(t.Context(), secrets, c.org, mailboxes.MailServer{Host: is.SMTP.Host, Port: is.SMTP.Port, Security: is.SMTP.Security, Username: "ann@ours.test", Secret: is.SMTP.Secret})
	if err != nil || !login.Bearer || !google.Good(login.Password) {
		t.Errorf("signs in by a token that counts: %v, %v", google.Good(login.Password), err)
	}
	if !mailboxes.SignsInByToken(c.row(id)) {
		t.Error("its row says otherwise")
	}

	callback, cookie = begin(obj{"provider": "google", "address": "ann@ours.test", "mailbox_id": id, "return_to": "/o/acme/mailboxes"})
	if status, location := w.back(callback, cookie); status != 303 || !strings.HasSuffix(location, "connected="+id) {
		t.Errorf("signed in again: %d to %s", status, location)
	}
	c.connectedOtherwise(id, is.SMTP.Secret)
	callback, cookie = begin(obj{"provider": "google", "address": "ann@ours.test", "return_to": "/o/acme/mailboxes"})
	if _, location := w.back(callback, cookie); !strings.HasSuffix(location, "mail_problem=already_exists") {
		t.Errorf("connected twice: %s", location)
	}
	callback, cookie = begin(obj{"provider": "google", "address": "bob@ours.test", "return_to": "/o/acme/mailboxes"})
	if _, location := w.back(strings.Replace(callback, "code=", "error=access_denied&x=", 1), cookie); !strings.HasSuffix(location, "mail_problem=denied") {
		t.Errorf("denied: %s", location)
	}
}

// row is a mailbox as it is read, once it is connected.
func (c *client) row(id string) (row *projections.Mailbox) {
	c.t.Helper()
	c.see("the mailbox", func(tx pgx.Tx) (bool, error) {
		var err error
		row, err = projections.GetMailbox(c.t.Context(), tx, c.org, uuid.MustParse(id))
		if errors.Is(err, pgx.ErrNoRows) {
			return false, nil
		}
		return err == nil && row.Connection != nil, err
	})
	return row
}

func (c *client) shown(id string) answer {
	c.t.Helper()
	c.row(id)
	return c.ok("GET", "/v1/mailboxes/"+id, nil)
}

// connectedOtherwise waits until a mailbox has another secret.
func (c *client) connectedOtherwise(id, was string) {
	c.t.Helper()
	c.see("another sign-in", func(pgx.Tx) (bool, error) { return c.connection(id).SMTP.Secret != was, nil })
}
