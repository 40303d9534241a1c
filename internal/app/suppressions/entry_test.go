package suppressions_test

import (
	"strings"
	"testing"

	"outrider/internal/app/suppressions"
)

func TestEntriesAreTakenAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, c := range []struct {
		kind, typed string
		subdomains  *bool
		want        suppressions.Entry
	}{
		{"", "Ann@ACME.com", nil, suppressions.Entry{Kind: "address", Value: "ann@acme.com"}},
		{"", "mailto:ann@acme.com?subject=x", nil, suppressions.Entry{Kind: "address", Value: "ann@acme.com"}},
		{"address", "<ann@acme.com>", &no, suppressions.Entry{Kind: "address", Value: "ann@acme.com"}},
		{"", "acme.com", nil, suppressions.Entry{Kind: "domain", Value: "acme.com", Subdomains: true}},
		{"", "acme.com", &no, suppressions.Entry{Kind: "domain", Value: "acme.com"}},
		{"domain", "*.acme.com", &yes, suppressions.Entry{Kind: "domain", Value: "acme.com", Subdomains: true}},
		{"", "@acme.com", nil, suppressions.Entry{Kind: "domain", Value: "acme.com", Subdomains: true}},
		{"", "*@acme.com", nil, suppressions.Entry{Kind: "domain", Value: "acme.com", Subdomains: true}},
		{"", "https://someone@www.acme.com/path", nil, suppressions.Entry{Kind: "domain", Value: "acme.com", Subdomains: true}},
		{"", "github.io", nil, suppressions.Entry{Kind: "domain", Value: "github.io"}},
		{"", "me.github.io", nil, suppressions.Entry{Kind: "domain", Value: "me.github.io", Subdomains: true}},
	} {
		if got, err := suppressions.Clean(c.kind, c.typed, c.subdomains); err != nil || got != c.want {
			t.Errorf("%s %q: got %+v, %v", c.kind, c.typed, got, err)
		}
	}
	for _, c := range []struct {
		kind, typed string
		subdomains  *bool
		want        string
	}{
		{"", "co.uk", nil, "public suffix"},
		{"", "*.com", nil, "public suffix"},
		{"", "ann at acme.com", nil, "not a domain name"},
		{"", "ann@", nil, "nothing stands after the @"},
		{"", "ann@acme", nil, "not a complete domain name"},
		{"address", "acme.com", nil, "it has no @"},
		{"address", "*@acme.com", nil, "so it is a domain"},
		{"address", "ann@acme.com", &yes, "no subdomains"},
		{"domain", "ann@acme.com", nil, "it is an address"},
		{"domain", "github.io", &yes, "others'"},
		{"domain", "*.acme.com", &no, "the field says without"},
		{"", "", nil, "it is empty"},
	} {
		if got, err := suppressions.Clean(c.kind, c.typed, c.subdomains); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: got %+v, %v, want an error with %q", c.kind, c.typed, got, err, c.want)
		}
	}
}
