package api_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"outrider/internal/linktoken"
)

func TestMailsOfNotificationsEndByTheirLink(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	token := linktoken.Token{Org: ann.org, Message: ann.person}
	link := w.url() + "/n/" + w.cfg.Signer.Sign(linktoken.Notifications, token)
	mailed := func() bool {
		t.Helper()
		mentions, _ := ann.ok("GET", "/v1/me/notifications", nil).json["mentions"].(map[string]any)
		return mentions == nil || mentions["mail"] == true
	}
	ask := func(send func() (*http.Response, error), status int) string {
		t.Helper()
		r, err := send()
		check(t, err)
		defer func() { _ = r.Body.Close() }()
		var page strings.Builder
		_, err = io.Copy(&page, r.Body)
		check(t, err)
		if r.StatusCode != status {
			t.Fatalf("got %d: %s", r.StatusCode, page.String())
		}
		return page.String()
	}
	get := func() (*http.Response, error) { return http.Get(link) }
	if page := ask(get, 200); !strings.Contains(page, `<form method="post">`) || !mailed() {
		t.Errorf("looking at it changes something, or shows %s", page)
	}
	for range 2 {
		ask(func() (*http.Response, error) {
			return http.PostForm(link, url.Values{"List-Unsubscribe": {"One-Click"}})
		}, 200)
		if mailed() {
			t.Error("mails come still")
		}
	}
	ask(func() (*http.Response, error) { return http.Get(strings.TrimSuffix(link, link[len(link)-9:])) }, 404)
	unsubscribes := w.cfg.Signer.Sign(linktoken.Unsubscribe, token)
	ask(func() (*http.Response, error) { return http.Get(w.url() + "/n/" + unsubscribes) }, 404)
}
