package pii_test

import (
	"slices"
	"strings"
	"testing"

	"outrider/internal/pii"
)

func TestDomainsAreTakenAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"acme.com":                          "acme.com",
		" ACME.com. ":                       "acme.com",
		"*.acme.com":                        "acme.com",
		".acme.com":                         "acme.com",
		"@acme.com":                         "acme.com",
		"*@acme.com":                        "acme.com",
		"%@acme.com":                        "acme.com",
		"*@*.acme.com":                      "acme.com",
		"<@acme.com>":                       "acme.com",
		"mailto:@acme.com":                  "acme.com",
		"https://www.acme.com/path?a=b#c":   "acme.com",
		"HTTPS://user:pw@WWW.Acme.com:8443": "acme.com",
		"//acme.com/x":                      "acme.com",
		"www.acme.com":                      "acme.com",
		"acme.com:443":                      "acme.com",
		"acme.com/imprint":                  "acme.com",
		"eu.corp.acme.com":                  "eu.corp.acme.com",
		"www.co.uk":                         "www.co.uk",
		"bücher.example":                    "xn--bcher-kva.example",
		"BÜCHER.example":                    "xn--bcher-kva.example",
		"xn--bcher-kva.example":             "xn--bcher-kva.example",
		"acme。com":                          "acme.com",
		"\u200bacme.com\u00a0":              "acme.com",
		"\"acme.com\",":                     "acme.com",
		"github.io":                         "github.io",
	} {
		got, err := pii.NormalizeDomain(typed)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", typed, got, err, want)
		}
	}
	for typed, want := range map[string]string{
		"":                "empty",
		"*":               "*",
		"com":             "public suffix",
		"*.com":           "public suffix",
		"COM.":            "public suffix",
		"co.uk":           "public suffix",
		"*.co.uk":         "public suffix",
		"https://co.uk/":  "public suffix",
		"xn--p1ai":        "public suffix",
		"рф":              "public suffix",
		"москва":          "public suffix",
		"kawasaki.jp":     "public suffix",
		"acme":            "not a complete domain name",
		"ann@acme.com":    "an address",
		"a*.acme.com":     "a * may only",
		"acme.*":          "a * may only",
		"acme corp.com":   "not a domain name",
		"10.0.0.1":        "not a domain name",
		"https://[::1]/x": "not a domain name",
		"a..com":          "not a",
		"-acme-.com":      "not a domain name",
	} {
		if got, err := pii.NormalizeDomain(typed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, %v, want an error with %q", typed, got, err, want)
		}
	}
}

func TestParentDomainsEndAtWhatIsRegistered(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string][]string{
		"acme.com":                nil,
		"eu.acme.com":             {"acme.com"},
		"a.b.acme.co.uk":          {"b.acme.co.uk", "acme.co.uk"},
		"acme.co.uk":              nil,
		"a.shop.github.io":        {"shop.github.io"},
		"shop.github.io":          nil,
		"eu.corp.example.test":    {"corp.example.test", "example.test"},
		"x.xn--80adxhks.xn--p1ai": {"xn--80adxhks.xn--p1ai"},
		"co.uk":                   nil,
	} {
		if got := pii.ParentDomains(domain); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", domain, got, want)
		}
	}
	if !pii.SharesSubdomains("github.io") || pii.SharesSubdomains("acme.com") || pii.SharesSubdomains("a.github.io") {
		t.Error("those below a host's domain are others', those below a company's aren't")
	}
	for address, want := range map[string]string{"jo.lee@acme.com": "j***@acme.com", "j@acme.com": "j***@acme.com", "@acme.com": "", "acme.com": ""} {
		if got := pii.MaskAddress(address); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

func FuzzNormalizeDomain(f *testing.F) {
	for _, typed := range []string{"*.acme.com", "https://www.acme.com:443/a?b", "*@BÜCHER.example.", "mailto:@co.uk", "www.www.com"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		domain, err := pii.NormalizeDomain(typed)
		if err != nil {
			return
		}
		if again, err := pii.NormalizeDomain(domain); err != nil || again != domain && "www."+again != domain {
			t.Errorf("%q gave %q, which gives %q, %v", typed, domain, again, err)
		}
		if address, err := pii.NormalizeAddress("x@" + domain); err != nil || pii.Domain(address) != domain {
			t.Errorf("%q gave %q, at which an address becomes %q, %v", typed, domain, address, err)
		}
		if parents := pii.ParentDomains(domain); len(parents) > 127 {
			t.Errorf("%q has %d domains above it", domain, len(parents))
		}
	})
}
