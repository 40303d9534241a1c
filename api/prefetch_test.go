package api_test

import (
	"net/http"
	"testing"
	"time"

	"outrider/events"
)

// prefetch asks for a link or the pixel as a browser does that nobody asked to.
func (l letter) prefetch(path, header, value string) int {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, l.url()+path, nil)
	check(l.t, err)
	req.Header.Set("User-Agent", browser)
	req.Header.Set(header, value)
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	check(l.t, err)
	check(l.t, resp.Body.Close())
	return resp.StatusCode
}

func TestWhatABrowserFetchesUnaskedIsNobodysHit(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	for i, x := range [][2]string{{"Sec-Purpose", "prefetch"}, {"Purpose", "prefetch"}, {"X-Moz", "prefetch"}} { // three links, which would make a scanner of a person
		if status := l.prefetch(l.click(i), x[0], x[1]); status != http.StatusFound {
			t.Errorf("%s: got %d", x[0], status)
		}
	}
	if status := l.prefetch(l.pixel(), "Sec-Purpose", "prefetch;prerender"); status != http.StatusOK {
		t.Errorf("got %d", status)
	}
	for _, h := range l.hits(4) {
		if h.Class != events.ClassScanner {
			t.Errorf("link %d is a %s's", h.Link, h.Class)
		}
	}
	c.seen(302, "GET", l.click(0), browser)
	hits := l.hits(5)
	if m := l.row(); hits[4].Class != events.ClassHuman || m.Clicks != 1 || m.Opens != 0 {
		t.Errorf("got %+v", m)
	}
}

func TestWhatStandsBehindALinkIsNoPartOfIt(t *testing.T) {
	t.Parallel()
	c := letters(t)
	c.hours()
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	for _, tail := range []string{".", "!", ")", "%E3%80%82", "%3E", "_", ").", "?utm_source=x"} {
		if to := c.seen(302, "GET", l.click(0)+tail, browser).header.Get("Location"); to != "https://example.com/a?x=1&y=2" {
			t.Errorf("%s: leads to %q", tail, to)
		}
		c.seen(200, "GET", l.leave()+tail, browser)
		c.seen(200, "GET", l.book()+tail, browser)
	}
	for _, tail := range []string{"/", "/x", ")./or/that"} {
		for path, want := range map[string]int{l.click(0): 302, l.leave(): 200, l.book(): 200} {
			if status := l.prefetch(path+tail, "Accept", "*/*"); status != want {
				t.Errorf("%s%s: got %d", path, tail, status)
			}
		}
	}
	c.seen(404, "GET", l.leave()[:len(l.leave())-2], browser)
	c.seen(200, "POST", l.leave()+".", browser, "List-Unsubscribe", "One-Click")
	if why := l.stopped(); why != events.StopUnsubscribed {
		t.Errorf("stopped for %s", why)
	}
}
