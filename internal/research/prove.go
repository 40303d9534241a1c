package research

import (
	"net/url"
	"slices"
	"strings"

	"outrider/internal/pii"
)

// Candidates returns the sites of addresses that a search engine has found, each once, in their order, and how many addresses are at hosts of which nothing is read: networks
// that forbid it, hosts that nobody can have registered, such as addresses, and public mail providers.
func Candidates(addresses []string) (sites []string, refused int) {
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			refused++
			continue
		}
		site := siteOf(u.Hostname())
		if site == "" || RefusesHost(u.Hostname()) || pii.IsFreeMail(site) {
			refused++
			continue
		}
		if !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
	}
	return sites, refused
}

// SiteOfURL returns what was registered of an address of a web site, with or without its scheme; "" where it is none.
func SiteOfURL(address string) string {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	sites, _ := Candidates([]string{strings.TrimSpace(address)})
	if len(sites) == 0 {
		return ""
	}
	return sites[0]
}

// NamesOfOwner returns what a site's first page says its owner is called. Where its own entry for machines has names, they are all; else it is what stands alone in the title,
// or between the marks that part a title.
func (s Site) NamesOfOwner(domain string) (names []string) {
	if s.Outcome != Read {
		return nil
	}
	first := slices.IndexFunc(s.Pages, func(p Page) bool { return p.Outcome == Read && !p.Feed })
	if first < 0 {
		return nil
	}
	e := &extractor{domain: domain, site: siteOf(domain)}
	e.learnNames(&s.Pages[first])
	if len(e.names) > 0 {
		return e.names
	}
	for _, part := range strings.FieldsFunc(strings.NewReplacer(" - ", "\x00", " – ", "\x00", " — ", "\x00", ": ", "\x00").Replace(s.Pages[first].Document.Title), func(r rune) bool { return r == 0 || r == '|' || r == '·' || r == '•' || r == '»' }) {
		if part = CleanLine(part); part != "" {
			names = append(names, part)
		}
	}
	return names
}
