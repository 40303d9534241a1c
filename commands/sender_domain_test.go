package commands_test

import (
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func ourDomain() events.SenderDomainRef { return events.SenderDomainOf(org, h("ours.test")) }

func domainChecked(at time.Time, outcomes map[string]string) events.SenderDomainChecked {
	e := events.SenderDomainChecked{SenderDomainRef: ourDomain(), Name: "ours.test", CheckedAt: at}
	for _, name := range []string{events.DomainCheckSPF, events.DomainCheckDKIM, events.DomainCheckDMARC, events.DomainCheckMX} {
		if o, ok := outcomes[name]; ok {
			e.Checks = append(e.Checks, events.DomainCheck{Check: name, Outcome: o})
		}
	}
	return e
}

func TestSenderDomains(t *testing.T) {
	t.Parallel()
	with := func(more ...es.Payload) facts { return append(given(boxAdded(), boxConnected()), more...) }
	of, nobodys := ourDomain(), events.SenderDomainOf(org, h("nobodys.test"))
	other := events.SenderDomainRef{DomainID: of.DomainID, DomainHash: h("nobodys.test")}
	at := anchor.Add(time.Hour)
	asked := func(reason string) events.SenderDomainChecksRequested {
		return events.SenderDomainChecksRequested{SenderDomainRef: of, Reason: reason, RequestedAt: at}
	}
	passed := domainChecked(at, map[string]string{events.DomainCheckSPF: events.CheckPassed})
	signing := events.SenderDomainSigningSet{SenderDomainRef: of, Selector: "or1", PublicKey: "k", Secret: "s"}
	tracking := events.SenderDomainTrackingSet{SenderDomainRef: of, Host: "go.ours.test"}
	record := commands.RecordDomainChecks(passed)
	but := func(with func(*commands.RecordDomainChecks)) commands.RecordDomainChecks {
		c := record
		with(&c)
		return c
	}
	kit().Run(t, map[string]estest.Case{
		"a check is asked for":                {Given: with(), At: at, When: commands.RequestDomainChecks{SenderDomainRef: of}, Then: facts{asked(events.DomainCheckManual)}, Again: estest.OnceMore()},
		"not of a domain that no mailbox has": {Given: with(), At: at, When: commands.RequestDomainChecks{SenderDomainRef: nobodys}, Refused: "not_found"},
		"nor by an id that isn't the hash's":  {Given: with(), At: at, When: commands.RequestDomainChecks{SenderDomainRef: other}, Refused: "not_found"},
		"nor once its last mailbox is gone":   {Given: with(events.MailboxRemoved{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}), At: at, When: commands.RequestDomainChecks{SenderDomainRef: of}, Refused: "not_found"},
		"a result is recorded":                {Given: with(), At: at, When: record, Then: facts{passed}, Again: estest.OnceMore()},
		"a result needs a domain":             {Given: with(), At: at, When: but(func(c *commands.RecordDomainChecks) { c.SenderDomainRef = nobodys }), Refused: "not_found"},
		"a result has checks":                 {Given: with(), At: at, When: but(func(c *commands.RecordDomainChecks) { c.Checks = nil }), Refused: "invalid"},
		"a result has a name":                 {Given: with(), At: at, When: but(func(c *commands.RecordDomainChecks) { c.Name = "" }), Refused: "invalid"},
		"a check is one that is known": {Given: with(), At: at, When: but(func(c *commands.RecordDomainChecks) {
			c.Checks = []events.DomainCheck{{Check: "smell", Outcome: "passed"}}
		}), Refused: "invalid"},
		"a check has an outcome": {Given: with(), At: at, When: but(func(c *commands.RecordDomainChecks) {
			c.Checks = []events.DomainCheck{{Check: "spf", Outcome: "maybe"}}
		}), Refused: "invalid"},
		"what was found is bounded": {Given: with(), At: at, When: but(func(c *commands.RecordDomainChecks) {
			c.Checks = []events.DomainCheck{{Check: "spf", Outcome: "passed", Found: make([]string, 21)}}
		}), Refused: "invalid"},
		"a key is set, and its record looked for":    {Given: with(), At: at, When: commands.SetDomainSigning(signing), Then: facts{signing, asked(events.DomainCheckChanged)}, Again: estest.NothingToDo()},
		"a key needs a selector":                     {Given: with(), At: at, When: commands.SetDomainSigning{SenderDomainRef: of, Selector: "Or 1", PublicKey: "k", Secret: "s"}, Refused: "invalid"},
		"a key needs a public half":                  {Given: with(), At: at, When: commands.SetDomainSigning{SenderDomainRef: of, Selector: "or1", Secret: "s"}, Refused: "invalid"},
		"a key is a domain's":                        {Given: with(), At: at, When: commands.SetDomainSigning{SenderDomainRef: nobodys, Selector: "or1", PublicKey: "k", Secret: "s"}, Refused: "not_found"},
		"a key is taken away":                        {Given: with(signing), At: at, When: commands.RemoveDomainSigning{SenderDomainRef: of}, Then: facts{events.SenderDomainSigningRemoved{SenderDomainRef: of}, asked(events.DomainCheckChanged)}, Again: estest.NothingToDo()},
		"there is none to take away":                 {Given: with(), At: at, When: commands.RemoveDomainSigning{SenderDomainRef: of}, Noop: true},
		"of no domain none is taken away":            {Given: with(), At: at, When: commands.RemoveDomainSigning{SenderDomainRef: nobodys}, Refused: "not_found"},
		"links get a host":                           {Given: with(), At: at, When: commands.SetDomainTracking(tracking), Then: facts{tracking, asked(events.DomainCheckChanged)}, Again: estest.NothingToDo()},
		"and lose it":                                {Given: with(tracking), At: at, When: commands.SetDomainTracking{SenderDomainRef: of}, Then: facts{events.SenderDomainTrackingSet{SenderDomainRef: of}, asked(events.DomainCheckChanged)}, Again: estest.NothingToDo()},
		"a host is a name":                           {Given: with(), At: at, When: commands.SetDomainTracking{SenderDomainRef: of, Host: "go.ours.test/x"}, Refused: "invalid"},
		"a host has a dot":                           {Given: with(), At: at, When: commands.SetDomainTracking{SenderDomainRef: of, Host: "localhost"}, Refused: "invalid"},
		"a host is a domain's":                       {Given: with(), At: at, When: commands.SetDomainTracking{SenderDomainRef: nobodys, Host: "go.ours.test"}, Refused: "not_found"},
		"a domain that was never looked at stays so": {Given: with(), At: at.Add(100 * time.Hour), When: commands.AdvanceClock{}, Noop: true},
		"within a day nothing is looked at":          {Given: with(passed), At: at.Add(24*time.Hour - 1), When: commands.AdvanceClock{}, Noop: true, Due: ptr(at.Add(24 * time.Hour))},
		"after a day it is looked at again":          {Given: with(passed), At: at.Add(24 * time.Hour), When: commands.AdvanceClock{}, Then: facts{events.SenderDomainChecksRequested{SenderDomainRef: of, Reason: events.DomainCheckDaily, RequestedAt: at.Add(24 * time.Hour)}}, Again: estest.NothingToDo(), Due: ptr(at.Add(48 * time.Hour))},
		"a request without a result is made again":   {Given: with(passed, asked(events.DomainCheckManual)), At: at.Add(25 * time.Hour), When: commands.AdvanceClock{}, Then: facts{events.SenderDomainChecksRequested{SenderDomainRef: of, Reason: events.DomainCheckDaily, RequestedAt: at.Add(25 * time.Hour)}}, Again: estest.NothingToDo()},
		"a domain without mailboxes isn't looked at": {Given: with(passed, events.MailboxRemoved{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}), At: at.Add(25 * time.Hour), When: commands.AdvanceClock{}, Noop: true},
		"a suspended organisation's isn't looked at": {Given: with(passed, status("suspended")), At: at.Add(25 * time.Hour), When: commands.AdvanceClock{}, Noop: true},
	})
}

func TestADomainFailsByWhatReceiversRefuse(t *testing.T) {
	t.Parallel()
	const p, f, u = events.CheckPassed, events.CheckFailed, events.CheckUnknown
	for name, c := range map[string]struct {
		of   map[string]string
		want string
	}{
		"all pass":           {map[string]string{"spf": p, "dkim": p, "dmarc": p, "mx": p}, p},
		"DKIM isn't known":   {map[string]string{"spf": p, "dkim": u, "dmarc": p, "mx": p}, p},
		"nothing is known":   {map[string]string{"spf": u, "dkim": u, "dmarc": u, "mx": p}, u},
		"DMARC is missing":   {map[string]string{"spf": p, "dkim": p, "dmarc": f, "mx": p}, f},
		"only MX is missing": {map[string]string{"spf": p, "dkim": p, "dmarc": p, "mx": f}, p},
	} {
		if got := domainChecked(anchor, c.of).Outcome(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
