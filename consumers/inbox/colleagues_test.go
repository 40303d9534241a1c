package inbox

import (
	"testing"

	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
)

func TestAColleagueIsOfTheSameOrganisation(t *testing.T) {
	t.Parallel()
	org := es.NewID()
	jane := mailboxes.Mailbox{Org: org, Address: "jane@sender.test"}
	others := []mailboxes.Mailbox{jane, {Org: org, Address: "joe@second.test"}, {Org: org, Address: "sales.acme@gmail.com"}, {Org: es.NewID(), Address: "eve@stranger.test"}}
	m := &Monitor{addresses: addressesOf(others)}
	for name, c := range map[string]struct {
		from, lead string
		want       bool
	}{
		"at the mailbox's domain":                {"Max@Sender.test", "bob@example.com", true},
		"at another mailbox's domain":            {"max@second.test", "bob@example.com", true},
		"a mailbox where anybody can have one":   {"sales.acme@gmail.com", "bob@example.com", true},
		"anybody there":                          {"bob.miller@gmail.com", "bob@example.com", false},
		"another organisation":                   {"eve@stranger.test", "bob@example.com", false},
		"the lead":                               {"bob@sender.test", "bob@sender.test", false},
		"whoever is at a domain that a lead has": {"max@sender.test", "bob@sender.test", false},
		"nobody":                                 {"", "bob@example.com", false},
	} {
		if got := m.isColleague(jane, c.from, c.lead); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !(&Monitor{}).isColleague(jane, "max@sender.test", "bob@example.com") {
		t.Error("before the first round only the mailbox is known")
	}
}
