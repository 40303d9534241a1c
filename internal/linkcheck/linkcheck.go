// Package linkcheck asks whether links in texts answer. Whoever wrote a text names the host, so only public web servers are asked, a few at a
// time, and nothing of what they say but the status is told.
package linkcheck

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"outrider/internal/dial"
)

// Bounds of one check.
const (
	MaxLinks     = 20
	atOnce       = 8
	mostRedirect = 5
	perLink      = 6 * time.Second
)

// Result is what became of a link.
type Result struct {
	URL    string
	Answer int    // status; 0 = none
	Why    string // why there is none, for people
}

// Answers reports whether it leads somewhere. A page that wants to know who asks is there.
func (r Result) Answers() bool {
	return r.Answer > 0 && r.Answer != http.StatusNotFound && r.Answer != http.StatusGone && r.Answer < 500
}

// Checker asks. The zero value asks public web servers.
type Checker struct {
	Dialer dial.Dialer
}

var errRedirects = errors.New("it leads from one page to the next")

// Check asks each of the first links, all together.
func (c Checker) Check(ctx context.Context, links []string) []Result {
	if len(c.Dialer.Ports) == 0 && c.Dialer.Reach == dial.Public {
		c.Dialer.Ports = []int{80, 443}
	}
	client := &http.Client{Timeout: perLink, Transport: &http.Transport{DialContext: c.Dialer.DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) >= mostRedirect {
				return errRedirects
			}
			if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
				return fmt.Errorf("it leads to %s", r.URL.Scheme)
			}
			return nil
		}}
	out := make([]Result, min(len(links), MaxLinks))
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range out {
		slots <- struct{}{}
		all.Go(func() {
			out[i] = ask(ctx, client, links[i])
			<-slots
		})
	}
	all.Wait()
	return out
}

// ask asks for the head of a page, and where a server knows no such thing for the page, of which nothing is read.
func ask(ctx context.Context, client *http.Client, link string) Result {
	out := Result{URL: link}
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		r, err := http.NewRequestWithContext(ctx, method, link, http.NoBody)
		if err != nil || r.URL.Host == "" {
			out.Why = "it is no address of a page"
			return out
		}
		r.Header.Set("User-Agent", "Mozilla/5.0 (compatible; Outrider link check)")
		a, err := client.Do(r)
		if err != nil {
			out.Answer, out.Why = 0, reason(ctx, err)
			return out
		}
		_ = a.Body.Close()
		if out.Answer = a.StatusCode; out.Answers() && out.Answer < http.StatusBadRequest {
			return out
		}
	}
	if !out.Answers() {
		out.Why = fmt.Sprintf("the server says %d", out.Answer)
	}
	return out
}

// reason tells nothing of our network.
func reason(ctx context.Context, err error) string {
	var wrong *url.Error
	switch {
	case errors.Is(err, errRedirects):
		return errRedirects.Error()
	case ctx.Err() != nil, errors.As(err, &wrong) && wrong.Timeout():
		return "it doesn't answer in time"
	}
	return dial.Unreachable
}
