package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"outrider/api"
	"outrider/internal/identity"
)

type startedParts []api.Phase

func (p startedParts) Phases() []api.Phase { return p }

func TestAProcessThatStartsShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	began := time.Now().Add(-time.Minute)
	parts := startedParts{{Name: "kafka", Began: began, Ended: began.Add(1500 * time.Millisecond)}, {Name: "postgres", Began: began}, {Name: "tables"}}
	s, err := api.NewStartingServer(fstest.MapFS{"index.html": {Data: []byte("<p>__NONCE__")}, "assets/a-1.js": {Data: []byte("run()")}}, parts)
	check(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	ended := make(chan error, 1)
	go func() { ended <- s.Listen(l) }()
	ask := func(method, path string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+l.Addr().String()+path, strings.NewReader(`{"token":"x"}`))
		check(t, err)
		res, err := http.DefaultClient.Do(req)
		check(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		check(t, err)
		return res, string(body)
	}
	for path, want := range map[string]string{"/": "<p>", "/start": "<p>", "/o/acme/leads": "<p>", "/assets/a-1.js": "run()", "/healthz": "ok"} {
		if res, body := ask("GET", path); res.StatusCode != http.StatusOK || !strings.HasPrefix(body, want) {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	var ready struct {
		Ready  bool
		Phase  string
		Phases []struct {
			Name, State string
			MS          int64
		}
	}
	res, body := ask("GET", "/readyz")
	check(t, json.Unmarshal([]byte(body), &ready))
	if res.StatusCode != http.StatusServiceUnavailable || ready.Ready || ready.Phase != "postgres" || len(ready.Phases) != 3 {
		t.Fatalf("readyz: %d %s", res.StatusCode, body)
	}
	if p := ready.Phases; p[0].State != "ready" || p[0].MS != 1500 || p[1].State != "starting" || p[1].MS < 60_000 || p[2].State != "waiting" || p[2].MS != 0 {
		t.Errorf("phases: %s", body)
	}
	for path, method := range map[string]string{"/v1/me": "GET", "/v1/session/claim": "POST", "/openapi.yaml": "GET"} {
		res, body := ask(method, path)
		var problem struct{ Code, Phase string }
		check(t, json.Unmarshal([]byte(body), &problem))
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Content-Type") != "application/problem+json" || res.Header.Get("Retry-After") != "1" || problem.Code != "starting" || problem.Phase != "postgres" {
			t.Errorf("%s: %d %v %s", path, res.StatusCode, res.Header, body)
		}
	}
	late, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	check(t, s.Shutdown(late))
	check(t, <-ended)
}

func TestALinkThatIsAwaitedSignsInWhenItIsIssued(t *testing.T) {
	t.Parallel()
	w := build(t)
	token := identity.NewLinkToken()
	w.cfg.SignIn.Awaited = identity.AwaitLink(identity.LinkID(token), time.Hour)
	w.serve(nil)
	claim := func(token string) answer { return w.nobody().do("POST", "/v1/session/claim", obj{"token": token}) }
	for range 100 { // more often than an address may try others
		if a := claim(token); a.status != 503 || a.text("code") != "starting" || a.text("phase") != "organization" || a.header.Get("Retry-After") == "" {
			t.Fatalf("before it is issued: %d %s", a.status, a.body)
		}
	}
	if a := claim(identity.NewLinkToken()); a.status != 410 {
		t.Errorf("another link: %d %s", a.status, a.body)
	}
	ann := w.signUp("ann@example.com")
	check(t, w.cfg.SignIn.Links.IssueAs(t.Context(), token, identity.LinkFirstRun, ann.person.String(), identity.FirstRun{Org: ann.org}, time.Minute))
	if a := claim(token); a.status != 200 || w.signedIn(a).person != ann.person {
		t.Errorf("when it is issued: %d %s", a.status, a.body)
	}
	if a := claim(token); a.status != 410 {
		t.Errorf("a second time: %d %s", a.status, a.body)
	}
}

func TestALinkThatIsNeverIssuedIsNotAwaitedForEver(t *testing.T) {
	t.Parallel()
	token := identity.NewLinkToken()
	a := identity.AwaitLink(identity.LinkID(token), time.Hour)
	if !a.Awaits(token) || a.Awaits(identity.NewLinkToken()) || a.Awaits("nonsense") {
		t.Error("it awaits another one")
	}
	if a.End(); a.Awaits(token) {
		t.Error("it awaits what ended")
	}
	if identity.AwaitLink(identity.LinkID(token), -time.Second).Awaits(token) || identity.AwaitLink(identity.LinkID("nonsense"), time.Hour).Awaits("nonsense") {
		t.Error("it awaits what can't come")
	}
}
