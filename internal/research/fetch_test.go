package research_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"outrider/internal/dial"
	"outrider/internal/research"
)

func site(t *testing.T, handler http.HandlerFunc) *research.Fetcher {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	f := research.NewFetcher(research.FetchConfig{StandIn: strings.TrimPrefix(server.URL, "http://"), Timeout: time.Minute})
	t.Cleanup(f.Close)
	return f
}

func html(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(text))
	}
}

func outcome(t *testing.T, f *research.Fetcher, domain string) research.Site {
	t.Helper()
	s, err := f.ReadSite(context.Background(), domain, nil, research.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWhatARobotsFileMeansByItsAnswer: what isn't there forbids nothing, what fails forbids everything (RFC 9309, 2.3.1).
func TestWhatARobotsFileMeansByItsAnswer(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{404: research.Read, 403: research.Read, 410: research.Read, 500: research.ByRobots, 503: research.ByRobots, 429: research.ByRobots, 200: research.Read} {
		f := site(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				w.WriteHeader(status)
				return
			}
			html("<p>Hello.</p>")(w, r)
		})
		if s := outcome(t, f, "example.com"); s.Outcome != want {
			t.Errorf("robots.txt answers %d: the site is %q, want %q", status, s.Outcome, want)
		}
	}
	var asked atomic.Int64
	f := site(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt":
			asked.Add(1)
			http.Redirect(w, r, "http://elsewhere.test/rules.txt", http.StatusFound)
		case r.URL.Path == "/rules.txt":
			_, _ = w.Write([]byte("User-agent: *\nDisallow: /"))
		default:
			html("<p>Hello.</p>")(w, r)
		}
	})
	for range 2 {
		if s := outcome(t, f, "example.com"); s.Outcome != research.ByRobots {
			t.Errorf("rules that lie elsewhere are %q", s.Outcome)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("robots.txt was asked for %d times", asked.Load())
	}
}

func TestSitesAreLeftAlone(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("<p>much</p>", 200_000)
	for sentence, c := range map[string]struct {
		domain string
		serve  http.HandlerFunc
		want   string
	}{
		"LinkedIn is never read":                 {"linkedin.com", nil, research.RefusedHost},
		"nor a part of it":                       {"de.linkedin.com", nil, research.RefusedHost},
		"nor its like":                           {"www.facebook.com", nil, research.RefusedHost},
		"an address is no company's site":        {"127.0.0.1", nil, research.Unreachable},
		"what nobody can register is none":       {"co.uk", nil, research.Unreachable},
		"a redirect to another company":          {"example.com", redirect("http://elsewhere.test/"), research.Elsewhere},
		"a redirect to LinkedIn":                 {"example.com", redirect("https://www.linkedin.com/company/example"), research.RefusedHost},
		"a redirect to a file":                   {"example.com", redirect("file:///etc/passwd"), research.Elsewhere},
		"a redirect with a password":             {"example.com", redirect("http://a:b@example.com/x"), research.Elsewhere},
		"a redirect round and round":             {"example.com", redirect("http://example.com/"), research.Elsewhere},
		"a page that is too big":                 {"example.com", html(big), research.TooBig},
		"a picture":                              {"example.com", picture, research.NotText},
		"a page that isn't there":                {"example.com", http.NotFound, research.BadStatus},
		"a page of a part of the company's site": {"example.co.uk", redirect("http://www.example.co.uk/home"), research.Read},
	} {
		f := site(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/robots.txt":
				http.NotFound(w, r)
			case r.URL.Path == "/home":
				html("<p>Hello.</p>")(w, r)
			case c.serve == nil:
				t.Errorf("%s: %s was asked for", sentence, r.URL)
			default:
				c.serve(w, r)
			}
		})
		if s := outcome(t, f, c.domain); s.Outcome != c.want {
			t.Errorf("%s: %q, want %q", sentence, s.Outcome, c.want)
		}
	}
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

func picture(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write([]byte("png"))
}

type inside struct{ asked atomic.Int64 }

func (n *inside) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	n.asked.Add(1)
	return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("::ffff:10.0.0.1")}, nil
}

// TestNoPrivateAddressIsReached has names of companies lead into our own network.
func TestNoPrivateAddressIsReached(t *testing.T) {
	t.Parallel()
	names := &inside{}
	f := research.NewFetcher(research.FetchConfig{Dialer: dial.Dialer{Resolver: names}})
	t.Cleanup(f.Close)
	if s := outcome(t, f, "metadata.example.com"); s.Outcome != research.Private || len(s.Pages) != 1 || names.asked.Load() != 1 {
		t.Errorf("%+v, after %d look-ups", s, names.asked.Load())
	}
}

// TestASiteIsReadOnePageAfterTheOther has two read it at once.
func TestASiteIsReadOnePageAfterTheOther(t *testing.T) {
	t.Parallel()
	var at, most atomic.Int64
	f := site(t, func(w http.ResponseWriter, r *http.Request) {
		n := at.Add(1)
		defer at.Add(-1)
		if n > most.Load() {
			most.Store(n)
		}
		time.Sleep(time.Millisecond)
		html(`<a href="/about">About</a><a href="/jobs">Jobs</a><a href="/news">News</a>`)(w, r)
	})
	var all sync.WaitGroup
	for _, domain := range []string{"example.com", "www.example.com", "shop.example.com"} {
		all.Go(func() {
			if s := outcome(t, f, domain); s.Outcome != research.Read || len(s.Pages) != 4 {
				t.Errorf("%s: %d pages, %s", domain, len(s.Pages), s.Outcome)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d requests at once", most.Load())
	}
}

func TestPagesAreBounded(t *testing.T) {
	t.Parallel()
	f := site(t, html(`<a href="/about">About</a><a href="/about/team">Team</a><a href="/jobs">Jobs</a><a href="/jobs/2">Jobs</a><a href="https://www.linkedin.com/company/x">About us</a>`))
	s, err := f.ReadSite(context.Background(), "example.com", []string{"http://example.com/known"}, research.Limits{Pages: 3, Bytes: 1000, Time: time.Minute})
	if err != nil || s.Asked != 3 || len(s.Pages) != 4 || s.Pages[1].URL != "http://example.com/known" || s.Pages[3].Outcome != research.NoBudget {
		t.Errorf("%v %+v", err, s)
	}
}
