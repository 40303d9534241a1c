package pii

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// ErrDomain is the reason why something can't be a domain whose addresses we know apart from everybody's.
var ErrDomain = errors.New("not a domain")

// NormalizeDomain turns what people write for a domain (acme.com, *.acme.com, @acme.com, https://www.acme.com/path, in any
// case, IDNA or with a full stop at its end) into the form in which it stands in addresses. Refused with an ErrDomain that says
// why: addresses, what is no complete name, and public suffixes such as co.uk, under which everybody registers.
func NormalizeDomain(typed string) (string, error) {
	s := cleanDomain(typed)
	switch {
	case s == "":
		return "", fmt.Errorf("%w: it is empty", ErrDomain)
	case strings.ContainsRune(s, '@'):
		return "", fmt.Errorf("%w: it is an address; its domain is what stands after the @", ErrDomain)
	case strings.ContainsAny(s, "*%"):
		return "", fmt.Errorf("%w: a * may only stand for everything before the domain, as in *.example.com", ErrDomain)
	}
	if ascii, err := idna.Lookup.ToASCII(strings.ToLower(s)); err == nil && isRegistry(ascii) { // one label is no complete name, so it would be called that
		return "", errRegistry(s)
	}
	domain, err := normalizeDomain(s)
	if err != nil {
		return "", fmt.Errorf("%w: %s", ErrDomain, strings.TrimPrefix(err.Error(), ErrAddress.Error()+": "))
	}
	if rest, ok := strings.CutPrefix(domain, "www."); ok && strings.Contains(rest, ".") && !isRegistry(rest) {
		domain = rest
	}
	return domain, nil
}

func errRegistry(domain string) error {
	return fmt.Errorf("%w: %q is a public suffix, under which everybody can register; name a domain below it", ErrDomain, domain)
}

// cleanDomain leaves of a text the name of its host.
func cleanDomain(typed string) string {
	s := trimAround(strings.Map(dropInvisible, typed))
	if inner, ok := strings.CutPrefix(s, "<"); ok {
		s = trimAround(strings.TrimSuffix(inner, ">"))
	}
	if scheme, rest, ok := strings.Cut(s, "://"); ok && scheme != "" {
		s = rest
		if u, err := url.Parse("x://" + rest); err == nil && u.Host != "" {
			s = u.Hostname()
		}
	} else if len(s) > len(mailto) && strings.EqualFold(s[:len(mailto)], mailto) {
		s = s[len(mailto):]
	}
	s = strings.TrimPrefix(s, "//")
	if end := strings.IndexAny(s, "/?#\\"); end >= 0 {
		s = s[:end]
	}
	if host, port, ok := strings.Cut(s, ":"); ok && port != "" && strings.Trim(port, "0123456789") == "" {
		s = host
	}
	for again := true; again; {
		before := s
		for _, anything := range []string{"*", "%"} { // before a domain
			if rest, ok := strings.CutPrefix(s, anything); ok && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "@")) {
				s = rest
			}
		}
		s = strings.TrimLeft(s, ".@")
		s = trimAround(s)
		again = s != before
	}
	return s
}

// isRegistry says of a domain that it is one of those under which a registry lets everybody register: com, co.uk.
func isRegistry(domain string) bool {
	for _, name := range []string{domain, "x." + domain} { // in Kawasaki the city has kawasaki.jp, all else lies below *.kawasaki.jp
		if suffix, icann := publicsuffix.PublicSuffix(name); icann && suffix == name {
			return true
		}
	}
	return false
}

// SharesSubdomains says of a domain that those below it are others': hosts' such as github.io.
func SharesSubdomains(domain string) bool {
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return suffix == domain
}

// ParentDomains gives the domains above one that somebody can own, the nearest first: of a.b.example.co.uk those are
// b.example.co.uk and example.co.uk. domain is normalised.
func ParentDomains(domain string) (parents []string) {
	top, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return nil
	}
	for len(domain) > len(top) {
		_, domain, _ = strings.Cut(domain, ".")
		parents = append(parents, domain)
	}
	return parents
}

// MaskAddress shows of an address enough to tell it by: a***@example.com.
func MaskAddress(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return ""
	}
	return address[:1] + "***" + address[at:]
}
