package pii

import (
	_ "embed" // the list of free mail providers
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// ErrAddress is the reason why something can't be an e-mail address that we write to.
var ErrAddress = errors.New("not an e-mail address")

// NormalizeAddress turns what a person typed, or a file has in a cell, into the form that is compared, hashed and mailed:
// without what stands around the address (cleanAddress), lower case, the domain in ASCII (IDNA2008). The local part's case
// is given up although RFC 5321 keeps it: no provider in use tells Ann from ann. Dots and +tags stay, as only some
// providers ignore them and the address must work as written.
//
// Refused with an ErrAddress that says why: several addresses, quoted or non-ASCII local parts, address literals,
// domains without a dot, and what exceeds the lengths of RFC 5321 (64 bytes before the @, 254 in all).
func NormalizeAddress(typed string) (string, error) {
	s := cleanAddress(typed)
	if s == "" {
		return "", fmt.Errorf("%w: it is empty", ErrAddress)
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", fmt.Errorf("%w: it has no @", ErrAddress)
	}
	local, domain := s[:at], s[at+1:]
	switch {
	case local == "":
		return "", fmt.Errorf("%w: nothing stands before the @", ErrAddress)
	case holdsSeveral(local):
		return "", fmt.Errorf("%w: it has more than one address", ErrAddress)
	case strings.ContainsAny(s, "<>"):
		return "", fmt.Errorf("%w: give the address alone, or one in angle brackets behind a name", ErrAddress)
	case strings.ContainsAny(local, "\"\\"):
		return "", fmt.Errorf("%w: quoted local parts are not supported", ErrAddress)
	case strings.ContainsFunc(local, func(r rune) bool { return r > 126 }):
		return "", fmt.Errorf("%w: letters outside ASCII before the @ are not supported", ErrAddress)
	case len(local) > 64:
		return "", fmt.Errorf("%w: more than 64 characters before the @", ErrAddress)
	}
	domain, err := normalizeDomain(domain)
	if err != nil {
		return "", err
	}
	address := strings.ToLower(local) + "@" + domain
	if len(address) > 254 {
		return "", fmt.Errorf("%w: longer than 254 characters", ErrAddress)
	}
	// The library's grammar has the last word on what remains: dots, blanks, comments, lists.
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" {
		return "", fmt.Errorf("%w: %q is malformed before the @", ErrAddress, local)
	}
	return address, nil
}

func normalizeDomain(domain string) (string, error) {
	if domain == "" {
		return "", fmt.Errorf("%w: nothing stands after the @", ErrAddress)
	}
	if strings.HasPrefix(domain, "[") {
		return "", fmt.Errorf("%w: an IP address stands in place of a domain", ErrAddress)
	}
	ascii, err := idna.Lookup.ToASCII(strings.ToLower(domain))
	if again, _ := idna.Lookup.ToASCII(ascii); err != nil || again != ascii || !utf8.ValidString(domain) {
		return "", fmt.Errorf("%w: %q is not a domain name", ErrAddress, domain)
	}
	dot := strings.LastIndexByte(ascii, '.')
	if dot < 1 || strings.Contains(ascii, "..") || strings.HasPrefix(ascii, ".") {
		return "", fmt.Errorf("%w: %q is not a complete domain name", ErrAddress, domain)
	}
	top := ascii[dot+1:]
	if len(top) < 2 || strings.Trim(top, "0123456789") == "" || len(ascii) > 253 {
		return "", fmt.Errorf("%w: %q is not a domain name", ErrAddress, domain)
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if len(label) > 63 {
			return "", fmt.Errorf("%w: %q is not a domain name", ErrAddress, domain)
		}
	}
	return ascii, nil
}

// Domain returns what stands after the @ of a normalised address.
func Domain(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// IsFreeMail reports whether a domain gives mailboxes to anyone, so that it says nothing about the person's company.
// domain is normalised.
func IsFreeMail(domain string) bool {
	_, ok := freeMailDomains()[domain]
	return ok
}

//go:embed freemail.txt
var freeMailList string

//nolint:gochecknoglobals // a constant that is read from a file
var freeMailDomains = sync.OnceValue(func() map[string]struct{} {
	domains := map[string]struct{}{}
	for line := range strings.Lines(freeMailList) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			domains[line] = struct{}{}
		}
	}
	return domains
})
