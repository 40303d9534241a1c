package linkcheck_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"outrider/internal/dial"
	"outrider/internal/linkcheck"
)

func TestLinksAreAsked(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/elsewhere":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/no-head":
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		case "/private":
			w.WriteHeader(http.StatusUnauthorized)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}
	}))
	t.Cleanup(server.Close)
	loopback := linkcheck.Checker{Dialer: dial.Dialer{Reach: dial.Loopback}}
	for path, want := range map[string]bool{"/": true, "/there": true, "/elsewhere": true, "/no-head": true, "/private": true, "/gone": false, "/round": false, "/broken": false, "/file": false} {
		if got := loopback.Check(context.Background(), []string{server.URL + path})[0]; got.Answers() != want || got.Answers() == (got.Why != "") {
			t.Errorf("%s: %+v", path, got)
		}
	}
	before := asked.Load()
	got := linkcheck.Checker{}.Check(context.Background(), []string{server.URL, "http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::1]:80/", "nonsense"})
	for _, r := range got {
		if r.Answers() || strings.Contains(r.Why, "169") || strings.Contains(r.Why, "refused") {
			t.Errorf("%+v", r)
		}
	}
	if asked.Load() != before {
		t.Error("a server on this machine was asked")
	}
}
