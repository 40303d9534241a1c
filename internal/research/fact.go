package research

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// How a fact was found, as events call it.
const (
	ByJSONLD = "json_ld"
	ByRule   = "rule"
	ByModel  = "model"
)

// Fact is one thing that a page says of the company whose page it is.
type Fact struct {
	Predicate  string
	Object     string
	Quote      string // word for word in the page as it is kept
	URL        string
	Hash       string // of the page
	FetchedAt  time.Time
	Method     string
	Confidence int
	Lasts      time.Duration // how long it may be said without being looked at again
}

// Facts is what was found on a site.
type Facts struct {
	Facts       []Fact
	Unsupported int // whose quote doesn't stand in the page
	Contrary    int // of which pages say different things
	Old         int // that were said too long ago
}

// How long facts of a kind hold.
const (
	day      = 24 * time.Hour
	year     = 365 * day
	newsAge  = year // of what has happened
	stateAge = 2 * year
)

func lasts(predicate string) time.Duration {
	switch predicate {
	case "hiring":
		return 45 * day
	case "founded", "location":
		return year
	}
	return 180 * day
}

// mostFacts are kept of one site.
const mostFacts = 40

// Find finds facts on the pages of a site. names are what the company is called, as far as that is known.
func Find(site Site, domain string, names []string, now time.Time) (out Facts) {
	e := &extractor{domain: domain, site: siteOf(domain), names: names, now: now}
	for i := range site.Pages {
		if p := &site.Pages[i]; p.Outcome == Read && !p.Feed {
			e.learnNames(p)
		}
	}
	for i := range site.Pages {
		p := &site.Pages[i]
		if p.Outcome != Read {
			continue
		}
		e.page = p
		e.readData()
		e.readText()
	}
	return Settle(e.out, site, e.old)
}

// Settle keeps of what was found the facts whose quotes stand in their page, each once, and none of those of which pages say different things.
func Settle(found []Fact, site Site, old int) (out Facts) {
	out.Old = old
	kept := map[string]*Page{}
	for i := range site.Pages {
		if site.Pages[i].Outcome == Read {
			kept[site.Pages[i].URL] = &site.Pages[i]
		}
	}
	said := map[string]map[string]bool{} // by predicates that have one object
	seen := map[string]bool{}
	for _, f := range found {
		p := kept[f.URL]
		if p == nil || f.Quote == "" || f.Object == "" || !strings.Contains(p.Kept, f.Quote) {
			out.Unsupported++
			continue
		}
		f.Hash, f.FetchedAt, f.Lasts = p.Hash, p.FetchedAt, lasts(f.Predicate)
		if hasOneObject(f.Predicate) {
			if said[f.Predicate] == nil {
				said[f.Predicate] = map[string]bool{}
			}
			said[f.Predicate][sameObject(f.Object)] = true
		}
		key := f.Predicate + "\x00" + sameObject(f.Object)
		if seen[key] || len(out.Facts) == mostFacts {
			continue
		}
		seen[key] = true
		out.Facts = append(out.Facts, f)
	}
	out.Facts = slices.DeleteFunc(out.Facts, func(f Fact) bool {
		contrary := len(said[f.Predicate]) > 1
		if contrary {
			out.Contrary++
		}
		return contrary
	})
	return out
}

// Merge adds what something else has found to what was found by rules; it is held against the pages likewise.
func Merge(by Facts, more []Fact, site Site) Facts {
	out := Settle(append(slices.Clone(by.Facts), more...), site, by.Old)
	out.Unsupported, out.Contrary = out.Unsupported+by.Unsupported, out.Contrary+by.Contrary
	return out
}

// hasOneObject reports whether a company has one of a kind: two pages that say different ones can't both be right.
func hasOneObject(predicate string) bool {
	return predicate == "founded" || predicate == "employees" || predicate == "location"
}

// sameObject writes an object so that what says the same is equal.
func sameObject(s string) string {
	s = strings.ToLower(s)
	for _, article := range []string{"a ", "an ", "the "} {
		s = strings.TrimPrefix(s, article)
	}
	return strings.NewReplacer(",", "", ".", "", " ", "").Replace(s)
}

// extractor finds facts by what pages give for machines, and by rules on their words.
type extractor struct {
	domain, site string
	names        []string
	now          time.Time
	page         *Page
	out          []Fact
	old          int
}

func (e *extractor) add(predicate, object, quote, method string, confidence int) {
	e.out = append(e.out, Fact{Predicate: predicate, Object: object, Quote: quote, URL: e.page.URL, Method: method, Confidence: confidence})
}

// isOwn reports whether an address belongs to the company's site; what is no address may.
func (e *extractor) isOwn(link string) bool {
	if link == "" {
		return true
	}
	base, err := url.Parse(e.page.URL)
	if err != nil {
		return false
	}
	u, err := base.Parse(link)
	return err == nil && siteOf(u.Hostname()) == e.site
}

// isStale reports whether the page is too old for what changes with time.
func (e *extractor) isStale(after time.Duration) bool {
	return !e.page.Document.Date.IsZero() && e.now.Sub(e.page.Document.Date) > after
}

func (e *extractor) isName(s string) bool {
	return slices.ContainsFunc(e.names, func(n string) bool { return strings.EqualFold(n, s) })
}

func (e *extractor) addName(s string) {
	if s = CleanLine(s); len(s) >= 2 && len(s) <= 80 && !e.isName(s) {
		e.names = append(e.names, s)
	}
}
