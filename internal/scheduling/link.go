package scheduling

import (
	"errors"
	"net/url"
	"strings"
)

// ErrLink says that a page isn't one of the service's.
var ErrLink = errors.New("must be https, and a booking page of the service")

// CheckPage checks the address of a booking page. Pages of Cal.com may be on a host of one's own, those of Calendly not.
func CheckPage(service, page string) error {
	u, err := url.Parse(page)
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || strings.Trim(u.Path, "/") == "" || len(page) > 500 || strings.ContainsAny(page, " \t\r\n\"<>"):
		return ErrLink
	case service == Calendly && u.Hostname() != "calendly.com" && !strings.HasSuffix(u.Hostname(), ".calendly.com"):
		return ErrLink
	}
	return nil
}

// LinkFor is a page with what comes back with its bookings: the token says whose they are.
func LinkFor(service, page, token string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	q := u.Query()
	switch service {
	case Calendly:
		q.Set(calendlySource, ourSource)
		q.Set(calendlyToken, token)
	case Calcom:
		q.Set("metadata["+calcomToken+"]", token)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
