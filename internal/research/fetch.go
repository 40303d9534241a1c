package research

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"outrider/internal/dial"
	"outrider/internal/retry"
)

// Bounds of what is fetched.
const (
	mostHops  = 5
	perPage   = 10 * time.Second
	robotsAge = 24 * time.Hour // RFC 9309, 2.4
	mostSites = 10_000         // whose robots.txt is remembered
)

// What became of a page.
const (
	Read        = "read"
	Unchanged   = "unchanged"    // since it was read before
	ByRobots    = "robots"       // the site doesn't want it to be read
	Private     = "private"      // its name leads to an address that isn't public
	TooBig      = "too_big"      // bytes
	Elsewhere   = "elsewhere"    // it leads to a site that isn't the company's
	RefusedHost = "refused_host" // a network of which nothing is read
	NotText     = "not_text"     // a picture, a document
	BadStatus   = "status"       // the server says something else than 200
	Slow        = "slow"
	Unreachable = "unreachable"
	NoBudget    = "budget" // there was one more, and no room for it
)

// Refusal says why a page wasn't read.
type Refusal struct {
	Reason string
	Status int // of BadStatus
}

func (r *Refusal) Error() string { return "not read: " + r.Reason }

// Fetcher reads pages. It is safe for concurrent use; one site is read by one at a time.
type Fetcher struct {
	dialer  dial.Dialer
	standIn string
	pause   time.Duration
	client  *http.Client

	mu     sync.Mutex
	robots map[string]knownRobots // by origin
	sites  map[string]chan struct{}
}

type knownRobots struct {
	Robots
	until time.Time
}

// FetchConfig is how pages are reached.
type FetchConfig struct {
	Dialer  dial.Dialer
	StandIn string        // host:port on this machine that stands in for the servers of all sites, without TLS; "" = the sites themselves
	Pause   time.Duration // between two requests to a site, when it asks for none that is longer
	Timeout time.Duration // of a page; 0 = 10 s
}

// NewFetcher returns a fetcher.
func NewFetcher(c FetchConfig) *Fetcher {
	f := &Fetcher{dialer: c.Dialer, standIn: c.StandIn, pause: c.Pause, robots: map[string]knownRobots{}, sites: map[string]chan struct{}{}}
	if len(f.dialer.Ports) == 0 && f.dialer.Reach == dial.Public {
		f.dialer.Ports = []int{80, 443}
	}
	reach := f.dialer.DialContext
	if f.standIn != "" {
		loopback := dial.Dialer{Reach: dial.Loopback}
		reach = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return loopback.DialContext(ctx, network, f.standIn)
		}
	}
	if c.Timeout == 0 {
		c.Timeout = perPage
	}
	f.client = &http.Client{Timeout: c.Timeout, CheckRedirect: dial.NoRedirect,
		Transport: &http.Transport{DialContext: reach, MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 1, MaxIdleConns: 64, IdleConnTimeout: 10 * time.Second, ForceAttemptHTTP2: true}}
	return f
}

// Close lets go of connections.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// response is what came of a request, after redirects.
type response struct {
	at     *url.URL
	header http.Header
	body   []byte
}

// visit is one reading of a site.
type visit struct {
	f    *Fetcher
	site string // that was registered
	asks int    // requests for pages
	last time.Time
}

// fetch reads a page of the site, at most so many bytes of it, and goes where redirects lead as long as that is the same site.
func (v *visit) fetch(ctx context.Context, link string, most int64) (*response, error) {
	at, err := url.Parse(link)
	if err != nil {
		return nil, &Refusal{Reason: Unreachable}
	}
	for range mostHops + 1 {
		if err := v.mayRead(ctx, at); err != nil {
			return nil, err
		}
		res, to, err := v.once(ctx, at, most)
		if err != nil || to == nil {
			return res, err
		}
		at = to
	}
	return nil, &Refusal{Reason: Elsewhere}
}

// mayRead returns a *Refusal for what may not be read.
func (v *visit) mayRead(ctx context.Context, at *url.URL) error {
	switch {
	case RefusesHost(at.Hostname()):
		return &Refusal{Reason: RefusedHost}
	case at.Scheme != "http" && at.Scheme != "https", siteOf(at.Hostname()) != v.site, at.User != nil:
		return &Refusal{Reason: Elsewhere}
	}
	robots, err := v.robotsOf(ctx, at)
	if err != nil {
		return err
	}
	if !robots.Allows(at.RequestURI()) {
		return &Refusal{Reason: ByRobots}
	}
	return v.waitTurn(ctx, robots.Delay())
}

// waitTurn lets time pass since the request before.
func (v *visit) waitTurn(ctx context.Context, asked time.Duration) error {
	defer func() { v.last = time.Now() }()
	if v.last.IsZero() {
		return nil
	}
	pause := v.f.pause
	if pause > 0 { // where sites are made up nobody has to be spared
		pause = max(pause, asked)
	}
	return retry.Sleep(ctx, time.Until(v.last.Add(pause)))
}

// once makes one request. to is where it leads.
func (v *visit) once(ctx context.Context, at *url.URL, most int64) (res *response, to *url.URL, err error) {
	v.asks++
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, nil, &Refusal{Reason: Unreachable}
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (compatible; "+Product+"/1.0)")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,text/plain;q=0.5")
	a, err := v.f.client.Do(r)
	if err != nil {
		return nil, nil, refusalOf(ctx, err)
	}
	defer a.Body.Close()
	if to, err = a.Location(); err == nil && a.StatusCode >= 300 && a.StatusCode < 400 {
		to.Fragment = ""
		return nil, to, nil
	}
	switch {
	case a.StatusCode != http.StatusOK:
		return nil, nil, &Refusal{BadStatus, a.StatusCode}
	case a.ContentLength > most:
		return nil, nil, &Refusal{Reason: TooBig}
	case !isText(a.Header.Get("Content-Type")):
		return nil, nil, &Refusal{Reason: NotText}
	}
	body, err := io.ReadAll(io.LimitReader(a.Body, most+1)) // unpacked: a small file that grows counts as what it grows to
	if err != nil {
		return nil, nil, refusalOf(ctx, err)
	}
	if int64(len(body)) > most {
		return nil, nil, &Refusal{Reason: TooBig}
	}
	return &response{at, a.Header, body}, nil, nil
}

func isText(contentType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch strings.TrimSpace(kind) {
	case "", "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml", "application/rss+xml", "application/atom+xml":
		return true
	}
	return false
}

// refusalOf says what an error means; the end of ctx is no refusal.
func refusalOf(ctx context.Context, err error) error {
	var late net.Error
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("read a page: %w", ctx.Err())
	case errors.Is(err, dial.ErrForbidden):
		return &Refusal{Reason: Private}
	case errors.As(err, &late) && late.Timeout():
		return &Refusal{Reason: Slow}
	}
	return &Refusal{Reason: Unreachable}
}

// robotsOf returns the rules of a page's origin, as they were at most a day ago.
func (v *visit) robotsOf(ctx context.Context, at *url.URL) (Robots, error) {
	origin := at.Scheme + "://" + at.Host
	v.f.mu.Lock()
	known, ok := v.f.robots[origin]
	v.f.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.Robots, nil
	}
	robots, age, err := v.fetchRobots(ctx, origin+"/robots.txt")
	if err != nil {
		return robots, err
	}
	v.f.mu.Lock()
	defer v.f.mu.Unlock()
	if len(v.f.robots) >= mostSites {
		clear(v.f.robots)
	}
	v.f.robots[origin] = knownRobots{robots, time.Now().Add(age)}
	return robots, nil
}

// soonAgain is how long it is remembered that a site couldn't say what it allows.
const soonAgain = 10 * time.Minute

// fetchRobots asks for a robots.txt. What isn't there (4xx) forbids nothing; a server that fails, is busy (429) or can't be reached forbids everything. Where it leads to is
// followed to other sites too, as RFC 9309 wants it, and read as the rules of the site that was asked.
func (v *visit) fetchRobots(ctx context.Context, link string) (Robots, time.Duration, error) {
	at, err := url.Parse(link)
	if err != nil {
		return DisallowAll(), soonAgain, nil //nolint:nilerr // such a site isn't read
	}
	for range mostHops + 1 {
		if RefusesHost(at.Hostname()) || at.Scheme != "http" && at.Scheme != "https" {
			return DisallowAll(), soonAgain, nil
		}
		if err := v.waitTurn(ctx, 0); err != nil {
			return Robots{}, 0, err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
		if err != nil {
			return DisallowAll(), soonAgain, nil //nolint:nilerr // likewise
		}
		r.Header.Set("User-Agent", "Mozilla/5.0 (compatible; "+Product+"/1.0)")
		a, err := v.f.client.Do(r)
		if err != nil {
			return v.robotsUnreachable(ctx, err)
		}
		body, err := io.ReadAll(io.LimitReader(a.Body, mostRobots+1))
		_ = a.Body.Close()
		to, noWhere := a.Location()
		switch {
		case err != nil:
			return v.robotsUnreachable(ctx, err)
		case noWhere == nil && a.StatusCode >= 300 && a.StatusCode < 400:
			at = to
		case a.StatusCode >= 200 && a.StatusCode < 300:
			return ParseRobots(body, Product), robotsAge, nil
		case a.StatusCode >= 400 && a.StatusCode < 500 && a.StatusCode != http.StatusTooManyRequests:
			return Robots{}, robotsAge, nil
		default:
			return DisallowAll(), soonAgain, nil
		}
	}
	return Robots{}, robotsAge, nil // too many redirects: there is none
}

// robotsUnreachable returns the reason where nothing at all can be reached: then the page couldn't be either.
func (v *visit) robotsUnreachable(ctx context.Context, err error) (Robots, time.Duration, error) {
	refused := refusalOf(ctx, err)
	var r *Refusal
	if errors.As(refused, &r) && r.Reason == Slow {
		return DisallowAll(), soonAgain, nil
	}
	return Robots{}, 0, refused
}

// enter waits until nobody else reads a site. The result ends the reading.
func (f *Fetcher) enter(ctx context.Context, site string) (leave func(), err error) {
	for {
		f.mu.Lock()
		busy, ok := f.sites[site]
		if !ok {
			mine := make(chan struct{})
			f.sites[site] = mine
			f.mu.Unlock()
			return func() {
				f.mu.Lock()
				delete(f.sites, site)
				f.mu.Unlock()
				close(mine)
			}, nil
		}
		f.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for a site: %w", ctx.Err())
		}
	}
}
