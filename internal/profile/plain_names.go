package profile

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"outrider/internal/evidence"
)

// plainFields are the fields that a message calls somebody by, or says of them. What doesn't read like one isn't said: a cell of a file, or a profile on the web, may hold
// instructions, links and promises of a stranger's.
func plainFields() []string {
	return []string{"first_name", "last_name", "company_name", "job_title", "city", "country"}
}

const (
	mostNameWords   = 8
	mostNameLetters = 120
)

var (
	domainInText = regexp.MustCompile(`(?i)(^|[^\pL\d@.-])[\pL\d-]+(\.[\pL\d-]+)*\.\pL{2,}\b`)
	moneyInText  = regexp.MustCompile(`[%€$£¥]|\d\s*(?i:percent|prozent|euro|dollar|usd|eur)\b`)
	phoneInText  = regexp.MustCompile(`\+?\d[\d\s()/.-]{6,}\d`)
	// companyDomain is a company that is called like its domain: Example.com Inc.
	companyDomain = regexp.MustCompile(`(?i)^[\pL\d-]+\.\pL{2,}(,? (inc|ltd|llc|gmbh|ag|se|plc|corp|b\.v|s\.a|sas|group)\.?)?$`)
)

// ReadsLikeName reports whether a value of a field can be said in a message.
func ReadsLikeName(field, value string) bool {
	switch {
	case !utf8.ValidString(value) || utf8.RuneCountInString(value) > mostNameLetters || len(strings.Fields(value)) > mostNameWords:
		return false
	case strings.ContainsFunc(value, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Co, unicode.Cs) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' && r != '\u00ad'
	}):
		return false
	case slices.ContainsFunc([]string{"://", "www.", "](", "<", ">", "{", "}", "`", "|", "@", "\\", "=", "!", ": "}, func(mark string) bool {
		return strings.Contains(strings.ToLower(value), mark) && !(mark == "!" && field == "company_name") && !(mark == ": " && field == "job_title")
	}):
		return false
	case hasDomain(value) && !(field == "company_name" && companyDomain.MatchString(value)):
		return false
	case phoneInText.MatchString(value), moneyInText.MatchString(value), len(strings.Fields(value)) > 2 && evidence.Promises(value):
		return false
	}
	return true
}

// hasDomain reports whether a text holds a domain that mail programs may make a link of: St.Gallen is none.
func hasDomain(text string) bool {
	return slices.ContainsFunc(domainInText.FindAllString(text, -1), func(found string) bool {
		suffix, known := publicsuffix.PublicSuffix(strings.ToLower(found))
		return known || slices.Contains([]string{"example", "test", "invalid", "onion"}, suffix)
	})
}
