package research

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Limits bound the reading of one site.
type Limits struct {
	Pages int           // requests for pages, robots.txt apart
	Bytes int64         // of a page
	Time  time.Duration // of all
}

// DefaultLimits are those where nothing else is said.
func DefaultLimits() Limits { return Limits{Pages: 6, Bytes: 1 << 20, Time: time.Minute} }

// Page is what became of a page that was asked for.
type Page struct {
	URL       string
	Outcome   string
	Status    int // where the outcome is BadStatus
	FetchedAt time.Time
	Kept      string // of one that was read
	Hash      string // of Kept
	Document  *Document
	Feed      bool
}

// Site is what was read of a company's site.
type Site struct {
	Outcome string // Read, or why not even the first page was
	Pages   []Page
	Asked   int // requests for pages
}

// ReadSite reads the site of a domain: its first page, then those that were of use before, those that promise most, and its feed. An error is the end of ctx.
func (f *Fetcher) ReadSite(ctx context.Context, domain string, also []string, l Limits) (Site, error) {
	site := siteOf(domain)
	switch {
	case RefusesHost(domain):
		return Site{Outcome: RefusedHost}, nil
	case site == "":
		return Site{Outcome: Unreachable}, nil
	}
	leave, err := f.enter(ctx, site)
	if err != nil {
		return Site{}, err
	}
	defer leave()
	limited, cancel := context.WithTimeout(ctx, l.Time)
	defer cancel()
	r := &siteReader{visit: visit{f: f, site: site}, limits: l, also: also, seen: map[string]bool{}}
	err = r.read(limited, domain)
	if err != nil && ctx.Err() == nil { // only its own time is over
		err = nil
	}
	r.out.Asked = r.visit.asks
	if r.out.Outcome == "" {
		r.out.Outcome = Slow
	}
	return r.out, err
}

type siteReader struct {
	visit
	limits Limits
	also   []string
	seen   map[string]bool
	queue  []Link
	out    Site
}

func (r *siteReader) read(ctx context.Context, domain string) error {
	first, err := r.readFirst(ctx, domain)
	if err != nil || first == nil {
		return err
	}
	r.collect(first)
	for len(r.queue) > 0 {
		next := r.queue[0]
		r.queue = r.queue[1:]
		if r.asks >= r.limits.Pages {
			r.out.Pages = append(r.out.Pages, Page{URL: next.URL, Outcome: NoBudget, FetchedAt: time.Now().UTC()})
			return nil
		}
		if _, err := r.readPage(ctx, next.URL); err != nil {
			return err
		}
	}
	return nil
}

// readFirst tries where a site may begin. nil: nowhere.
func (r *siteReader) readFirst(ctx context.Context, domain string) (*Page, error) {
	starts := []string{"https://" + domain + "/", "https://www." + domain + "/", "http://" + domain + "/"}
	if r.f.standIn != "" {
		starts = []string{"http://" + domain + "/"}
	}
	for _, at := range starts {
		p, err := r.readPage(ctx, at)
		if err != nil {
			return nil, err
		}
		if r.out.Outcome = p.Outcome; p.Outcome == Read {
			return p, nil
		}
		if p.Outcome != Unreachable {
			return nil, nil
		}
	}
	return nil, nil
}

// readPage notes what became of a page; an error is the end of ctx.
func (r *siteReader) readPage(ctx context.Context, link string) (*Page, error) {
	r.seen[link] = true
	page := Page{URL: link, Outcome: Read}
	res, err := r.fetch(ctx, link, r.limits.Bytes)
	page.FetchedAt = time.Now().UTC().Truncate(time.Microsecond)
	var refused *Refusal
	switch {
	case errors.As(err, &refused):
		page.Outcome, page.Status = refused.Reason, refused.Status
	case err != nil:
		page.Outcome = Slow
		r.out.Pages = append(r.out.Pages, page)
		return nil, err
	default:
		page.URL = res.at.String()
		r.seen[page.URL] = true
		page.take(res)
	}
	r.out.Pages = append(r.out.Pages, page)
	return &r.out.Pages[len(r.out.Pages)-1], nil
}

// take reads what came.
func (p *Page) take(res *response) {
	text := Decode(res.body, res.header.Get("Content-Type"))
	if looksLikeFeed(text) {
		p.Document, p.Feed = readFeed(text, res.at), true
	} else {
		p.Document = ReadHTML(text, res.at)
	}
	if p.Document == nil {
		p.Outcome = NotText
		return
	}
	if t, err := http.ParseTime(res.header.Get("Last-Modified")); err == nil && p.Document.Date.IsZero() {
		p.Document.Date = t
	}
	p.Kept = p.Document.Kept()
	p.Hash = HashOf(p.Kept)
}

// collect puts a page's links and feeds in the order in which they are read.
func (r *siteReader) collect(p *Page) {
	for _, link := range r.also {
		r.enqueue(Link{URL: link})
	}
	links := slices.Clone(p.Document.Links)
	slices.SortStableFunc(links, func(a, b Link) int { return worthOf(b) - worthOf(a) })
	if len(p.Document.Feeds) > 0 {
		r.enqueue(Link{URL: p.Document.Feeds[0]})
	}
	for _, l := range links {
		if worthOf(l) > 0 {
			r.enqueue(l)
		}
	}
}

func (r *siteReader) enqueue(l Link) {
	u, err := url.Parse(l.URL)
	if err != nil || r.seen[l.URL] || len(r.queue) >= 2*r.limits.Pages {
		return
	}
	if siteOf(u.Hostname()) != r.site && !RefusesHost(u.Hostname()) { // what is refused is shown as such
		return
	}
	r.seen[l.URL] = true
	r.queue = append(r.queue, l)
}

var worthy = []*regexp.Regexp{ //nolint:gochecknoglobals // a constant table, the least worthy first
	regexp.MustCompile(`(?i)\b(imprint|impressum|legal-?notice|contact|kontakt|customers|kunden|references|referenzen)\b`),
	regexp.MustCompile(`(?i)\b(products?|produkte|services|leistungen|solutions|technology|engineering)\b`),
	regexp.MustCompile(`(?i)\b(news|press|presse|blog|aktuelles|newsroom)\b`),
	regexp.MustCompile(`(?i)\b(jobs?|careers?|karriere|stellen|vacanc(y|ies)|hiring|work-with-us|join-us)\b`),
	regexp.MustCompile(`(?i)\b(about|about-us|company|ueber-uns|über-uns|unternehmen|team|who-we-are|a-propos|sobre)\b`),
}

// worthOf says how much a link promises; 0 = nothing.
func worthOf(l Link) int {
	u, err := url.Parse(l.URL)
	if err != nil {
		return 0
	}
	for i := len(worthy) - 1; i >= 0; i-- {
		if worthy[i].MatchString(strings.ReplaceAll(u.Path, "/", " / ")) || len(l.Text) < 60 && worthy[i].MatchString(l.Text) {
			return i + 1
		}
	}
	return 0
}
