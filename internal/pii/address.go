package pii

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// ErrAddress is the reason why something can't be an e-mail address that we write to.
var ErrAddress = errors.New("not an e-mail address")

// NormalizeAddress turns what a person typed into the form that is compared, hashed and mailed: surrounding blanks gone,
// lower case, the domain in ASCII (IDNA2008). The local part's case is given up although RFC 5321 keeps it: no provider
// in use tells Ann from ann. Dots and +tags stay, as only some providers ignore them and the address must work as written.
//
// Refused with an ErrAddress that says why: display names, quoted or non-ASCII local parts, address literals,
// domains without a dot, and what exceeds the lengths of RFC 5321 (64 bytes before the @, 254 in all).
func NormalizeAddress(typed string) (string, error) {
	s := strings.TrimFunc(typed, blank)
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
	case strings.ContainsAny(s, "<>"):
		return "", fmt.Errorf("%w: give the address alone, without a name or angle brackets", ErrAddress)
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

// blank also covers what spreadsheets leave around a cell: no-break and zero-width blanks, byte order marks.
func blank(r rune) bool {
	return r <= ' ' || r == 0x7f || r == 0xa0 || r == 0xfeff || (r >= 0x2000 && r <= 0x200f) || r == 0x202f || r == 0x2060 || r == 0x3000
}

// Domain returns what stands after the @ of a normalised address.
func Domain(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// IsFreeMail tells that a domain gives mailboxes to anyone, so that it says nothing about the person's company.
// domain is normalised. The list holds the providers seen most in business contact lists, not all there are.
func IsFreeMail(domain string) bool {
	switch domain {
	case "gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "outlook.de", "outlook.es", "outlook.it", "hotmail.com",
		"hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.es", "hotmail.it", "live.com", "live.co.uk", "live.fr", "live.nl", "msn.com",
		"yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.es", "yahoo.it", "yahoo.ca", "yahoo.co.in", "yahoo.in",
		"yahoo.co.jp", "yahoo.com.br", "yahoo.com.au", "yahoo.com.mx", "ymail.com", "rocketmail.com", "aol.com",
		"icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.io", "hey.com",
		"fastmail.com", "zoho.com", "mail.com", "email.com", "gmx.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de",
		"t-online.de", "freenet.de", "posteo.de", "mailbox.org", "bluewin.ch", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net",
		"sfr.fr", "libero.it", "virgilio.it", "tiscali.it", "telefonica.net", "ziggo.nl", "kpnmail.nl", "telenet.be", "skynet.be",
		"btinternet.com", "sky.com", "virginmedia.com", "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net",
		"cox.net", "charter.net", "shaw.ca", "rogers.com", "bigpond.com", "optusnet.com.au", "uol.com.br", "bol.com.br", "terra.com.br",
		"rediffmail.com", "qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "naver.com", "daum.net", "hanmail.net",
		"mail.ru", "yandex.ru", "yandex.com", "rambler.ru", "bk.ru", "inbox.ru", "list.ru", "ukr.net", "wp.pl", "o2.pl", "onet.pl",
		"interia.pl", "seznam.cz", "centrum.cz", "abv.bg", "walla.co.il":
		return true
	}
	return false
}
