package pii_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"outrider/internal/pii"
)

func TestNormalizeAddress(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"ann@example.com":                          "ann@example.com",
		"  Ann@Example.COM\t\r\n":                  "ann@example.com",
		"\ufeff\u00a0ann@example.com\u200b":        "ann@example.com",
		"a.n.n+news@example.com":                   "a.n.n+news@example.com",
		"o'brien_x-1/2@example.org":                "o'brien_x-1/2@example.org",
		"ann@BÜCHER.example.com":                   "ann@xn--bcher-kva.example.com",
		"ann@xn--bcher-kva.example.com":            "ann@xn--bcher-kva.example.com",
		"ann@a.b.c.test":                           "ann@a.b.c.test",
		"Ann <ann@example.com>":                    "ann@example.com",
		"<ann@example.com>":                        "ann@example.com",
		`"Lee, @nn" <ann@example.com>`:             "ann@example.com",
		"'Ann' <ann@example.com>;":                 "ann@example.com",
		"<mailto:ann@example.com>":                 "ann@example.com",
		"MailTo:ann@example.com?subject=x@y":       "ann@example.com",
		"“ann@example.com”.":                       "ann@example.com",
		"'ann@example.com":                         "ann@example.com",
		"ann@example.com., ;":                      "ann@example.com",
		"an\u200bn@exam\u00adple.com\ufe0f":        "ann@example.com",
		"\u202aann@example.com\u202c":              "ann@example.com",
		"\u2003ann@example\uff0ecom\u3000":         "ann@example.com",
		strings.Repeat("a", 64) + "@x.test":        strings.Repeat("a", 64) + "@x.test",
		"ann@" + strings.Repeat("b", 63) + ".test": "ann@" + strings.Repeat("b", 63) + ".test",
	} {
		got, err := pii.NormalizeAddress(typed)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", typed, got, err, want)
		}
		if again, err := pii.NormalizeAddress(got); err != nil || again != got {
			t.Errorf("%q: normalised again: %q, %v", typed, again, err)
		}
	}
}

func TestNormalizeAddressRefuses(t *testing.T) {
	t.Parallel()
	for typed, reason := range map[string]string{
		"":                                  "it is empty",
		" \t ":                              "it is empty",
		"ann":                               "has no @",
		"@example.com":                      "before the @",
		"ann@":                              "after the @",
		`"ann smith"@example.com`:           "quoted local parts",
		"änn@example.com":                   "outside ASCII",
		"ann@[127.0.0.1]":                   "IP address",
		"ann@127.0.0.1":                     "not a domain name",
		"ann@localhost":                     "complete domain name",
		"ann@.example.com":                  "not a",
		"ann@example..com":                  "not a",
		"ann@-x.example.com":                "not a domain name",
		"ann@exa mple.com":                  "not a domain name",
		"ann@exa_mple.com":                  "not a domain name",
		"ann@example.c":                     "not a domain name",
		"ann@@example.com":                  "malformed",
		"a nn@example.com":                  "malformed",
		".ann@example.com":                  "malformed",
		"ann.@example.com":                  "malformed",
		"a..nn@example.com":                 "malformed",
		"a(x)nn@example.com":                "malformed",
		"a,b@example.com":                   "malformed",
		"a\x00b@example.com":                "malformed",
		"ann@example.com, bob@example.com":  "more than one",
		"ann@example.com; bob@example.com;": "more than one",
		"ann@example.com bob@example.com":   "more than one",
		"Ann <ann@example.com>, Bob <bob@example.com>":  "more than one",
		"ann@example.com <bob@example.com>":             "more than one",
		"<ann@example.com>x":                            "alone",
		"ann@example.com<script>":                       "alone",
		"Ann (ann@example.com)":                         "not a domain name",
		"[ann@example.com]":                             "not a domain name",
		"ann@example,com":                               "not a domain name",
		"NULL":                                          "no @",
		"mailto:":                                       "no @",
		strings.Repeat("a", 65) + "@x.test":             "more than 64",
		"ann@" + strings.Repeat("b", 64) + ".test":      "not a domain name",
		"ann@" + strings.Repeat("bcdefg.", 36) + "test": "not a domain name",
		strings.Repeat("a", 64) + "@" + strings.Repeat("bcdefg.", 27) + "test": "longer than 254",
	} {
		got, err := pii.NormalizeAddress(typed)
		if !errors.Is(err, pii.ErrAddress) || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: got %q, %v, want a refusal with %q", typed, got, err, reason)
		}
	}
}

func FuzzNormalizeAddressIsStable(f *testing.F) {
	for _, s := range []string{"Ann@Example.com", "ann@BÜCHER.example.com", "a@ß.test", "a@xn--zca.test", "a@\u200d.test", "0@\xbd.0A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		once, err := pii.NormalizeAddress(typed)
		if err != nil {
			return
		}
		if again, err := pii.NormalizeAddress(" " + strings.ToUpper(once) + " "); err != nil || again != once {
			t.Errorf("%q gave %q, which gives %q, %v", typed, once, again, err)
		}
	})
}

func TestFreeMail(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{"a@gmail.com": true, "a@example.com": false, "a@notgmail.com": false} {
		if got := pii.IsFreeMail(pii.Domain(address)); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

func TestTheListOfFreeMailHoldsDomainsAsTheyAreCompared(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("freemail.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for domain := range strings.Lines(string(list)) {
		if domain = strings.TrimSpace(domain); domain == "" || domain[0] == '#' {
			continue
		}
		n++
		if address, err := pii.NormalizeAddress("a@" + domain); err != nil || pii.Domain(address) != domain || !pii.IsFreeMail(domain) {
			t.Errorf("%q: normalised to %q, %v", domain, address, err)
		}
	}
	if n < 10_000 {
		t.Errorf("the list has %d domains", n)
	}
	for _, domain := range []string{"outlook.com", "hotmail.co.uk", "yahoo.com.br", "icloud.com", "proton.me", "hey.com", "mailbox.org", "gmx.de", "gmx.fr", "t-online.de", "orange.fr", "libero.it", "qq.com", "mail.ru", "wp.pl", "walla.co.il"} {
		if !pii.IsFreeMail(domain) {
			t.Errorf("%s is missing", domain)
		}
	}
	for _, domain := range []string{"", "com", "siemens.com", "facebook.com", "bbc.co.uk", "# added here"} {
		if pii.IsFreeMail(domain) {
			t.Errorf("%q is no free mail", domain)
		}
	}
}
