package senderdns_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"outrider/internal/mail/senderdns"
)

// world is all of the DNS that there is; a name in down isn't answered.
type world struct {
	txt, mx, a, ptr map[string][]string
	cname           map[string]string
	down            map[string]bool
}

func (w world) answer(name string, from map[string][]string) ([]string, error) {
	name = strings.TrimSuffix(name, ".")
	if w.down[name] {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	if got := from[name]; len(got) > 0 {
		return got, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (w world) LookupTXT(_ context.Context, name string) ([]string, error) {
	return w.answer(name, w.txt)
}

func (w world) LookupMX(_ context.Context, name string) (out []*net.MX, err error) {
	hosts, err := w.answer(name, w.mx)
	for _, h := range hosts {
		out = append(out, &net.MX{Host: h, Pref: 10})
	}
	return out, err
}

func (w world) LookupIPAddr(_ context.Context, host string) (out []net.IPAddr, err error) {
	all, err := w.answer(host, w.a)
	for _, a := range all {
		out = append(out, net.IPAddr{IP: net.ParseIP(a)})
	}
	return out, err
}

func (w world) LookupAddr(_ context.Context, address string) ([]string, error) {
	return w.answer(address, w.ptr)
}

func (w world) LookupCNAME(_ context.Context, host string) (string, error) {
	if w.down[host] {
		return "", &net.DNSError{Err: "server misbehaving", Name: host, IsTemporary: true}
	}
	if to, ok := w.cname[host]; ok {
		return to + ".", nil
	}
	if len(w.a[host]) > 0 {
		return host + ".", nil
	}
	return "", &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

const sender = "203.0.114.7" // public

func goodWorld() world {
	return world{
		txt: map[string][]string{"acme.test": {"v=spf1 include:_spf.acme.test -all"}, "_spf.acme.test": {"v=spf1 ip4:203.0.114.0/24 -all"}, "_dmarc.acme.test": {"v=DMARC1; p=none; rua=mailto:ann@acme.test"}, "_spf.google.com": {"v=spf1 include:_netblocks.google.com ~all"}, "_netblocks.google.com": {"v=spf1 ip4:142.250.0.0/15 ~all"}},
		mx:  map[string][]string{"acme.test": {"mx.acme.test."}}, a: map[string][]string{"out.acme.test": {sender}, "links.example.com": {"198.51.101.9"}}, ptr: map[string][]string{sender: {"out.acme.test."}},
		cname: map[string]string{"go.acme.test": "links.example.com"}, down: map[string]bool{},
	}
}

func sampleFrom(received ...string) []byte {
	var b strings.Builder
	for _, r := range received {
		b.WriteString("Received: " + r + "\r\n")
	}
	return []byte(b.String() + "From: ann@acme.test\r\nSubject: x\r\n\r\nHello\r\n")
}

func TestEachRecordIsLookedAt(t *testing.T) {
	t.Parallel()
	const passed, failed, unknown = senderdns.Passed, senderdns.Failed, senderdns.Unknown
	seen := sampleFrom("from out.acme.test (out.acme.test [203.0.114.7]) by mx.acme.test; Mon, 2 Mar 2026 10:00:00 +0000")
	for name, c := range map[string]struct {
		change func(w *world, q *senderdns.Question)
		check  string
		want   senderdns.CheckOutcome
		says   string
	}{
		"SPF allows the address that was seen": {nil, "spf", passed, "allows 203.0.114.7"},
		"SPF allows another one": {func(w *world, _ *senderdns.Question) {
			w.txt["_spf.acme.test"] = []string{"v=spf1 ip4:203.0.115.0/24 -all"}
		}, "spf", failed, "doesn't allow"},
		"SPF isn't there":                      {func(w *world, _ *senderdns.Question) { delete(w.txt, "acme.test") }, "spf", failed, "no SPF"},
		"SPF leads nowhere":                    {func(w *world, _ *senderdns.Question) { delete(w.txt, "_spf.acme.test") }, "spf", failed, "counts as none"},
		"SPF isn't answered":                   {func(w *world, _ *senderdns.Question) { w.down["acme.test"] = true }, "spf", unknown, "didn't answer"},
		"a part of SPF isn't answered":         {func(w *world, _ *senderdns.Question) { w.down["_spf.acme.test"] = true }, "spf", unknown, "didn't answer"},
		"no address was seen, and SPF is read": {func(_ *world, q *senderdns.Question) { q.Sample = nil }, "spf", passed, "not seen yet"},
		"no address was seen, and SPF can't be read": {func(w *world, q *senderdns.Question) {
			q.Sample, w.txt["acme.test"] = nil, []string{"v=spf1 nonsense:x -all"}
		}, "spf", failed, "counts as none"},
		"a known provider that SPF leaves out": {func(_ *world, q *senderdns.Question) { q.Sample, q.SMTPHost = nil, "smtp.gmail.com" }, "spf", failed, "one of your provider's"},
		"a known provider that SPF names": {func(w *world, q *senderdns.Question) {
			q.Sample, q.SMTPHost, w.txt["acme.test"] = nil, "smtp.gmail.com", []string{"v=spf1 include:_spf.google.com ~all"}
		}, "spf", passed, "allows 142.250"},
		"who handed the message in isn't who sent it": {func(_ *world, q *senderdns.Question) {
			q.Sample = sampleFrom("from us ([198.51.101.1]) by smtp.acme.test with ESMTPSA id 1; x")
		}, "ptr", unknown, "not seen yet"},
		"a private address isn't the sender's": {func(_ *world, q *senderdns.Question) { q.Sample = sampleFrom("from a ([10.0.0.1]) by b; x") }, "ptr", unknown, "not seen yet"},
		"what was seen before holds":           {func(_ *world, q *senderdns.Question) { q.Sample, q.Known.SenderIP = nil, sender }, "ptr", passed, "has a name"},
		"the address has a name":               {nil, "ptr", passed, "has a name"},
		"the address has none":                 {func(w *world, _ *senderdns.Question) { delete(w.ptr, sender) }, "ptr", failed, "has no name"},
		"its name leads elsewhere":             {func(w *world, _ *senderdns.Question) { w.a["out.acme.test"] = []string{"203.0.114.8"} }, "ptr", failed, "doesn't lead back"},
		"its name isn't answered":              {func(w *world, _ *senderdns.Question) { w.down["out.acme.test"] = true }, "ptr", unknown, "didn't answer"},
		"DMARC":                                {nil, "dmarc", passed, "p=none"},
		"DMARC isn't there":                    {func(w *world, _ *senderdns.Question) { delete(w.txt, "_dmarc.acme.test") }, "dmarc", failed, "no DMARC"},
		"DMARC isn't answered":                 {func(w *world, _ *senderdns.Question) { w.down["_dmarc.acme.test"] = true }, "dmarc", unknown, "didn't answer"},
		"MX":                                   {nil, "mx", passed, "somewhere to go"},
		"MX isn't there":                       {func(w *world, _ *senderdns.Question) { delete(w.mx, "acme.test") }, "mx", failed, "no MX"},
		"no mail is taken":                     {func(w *world, _ *senderdns.Question) { w.mx["acme.test"] = []string{"."} }, "mx", failed, "takes no mail"},
		"MX isn't answered":                    {func(w *world, _ *senderdns.Question) { w.down["acme.test"] = true }, "mx", unknown, "didn't answer"},
		"DKIM was seen before, and its key is there": {func(w *world, q *senderdns.Question) {
			q.Sample, q.Known.Signer, q.Known.Selector, w.txt["s._domainkey.acme.test"] = nil, "acme.test", "s", []string{"v=DKIM1; p=abc"}
		}, "dkim", passed, "is published"},
		"DKIM was seen before, and its key is gone": {func(_ *world, q *senderdns.Question) {
			q.Sample, q.Known.Signer, q.Known.Selector = nil, "acme.test", "s"
		}, "dkim", failed, "is gone"},
		"DKIM was seen before, and nobody answers": {func(w *world, q *senderdns.Question) {
			q.Sample, q.Known.Signer, q.Known.Selector, w.down["s._domainkey.acme.test"] = nil, "acme.test", "s", true
		}, "dkim", unknown, "didn't answer"},
		"DKIM was never seen": {func(_ *world, q *senderdns.Question) { q.Sample = nil }, "dkim", unknown, "no signed message"},
		"our key is published": {func(w *world, q *senderdns.Question) {
			q.SigningSelector, q.SigningKey, w.txt["or1._domainkey.acme.test"] = "or1", "abc", []string{"v=DKIM1; k=rsa; p=a bc"}
		}, "signing", passed, "is published"},
		"another key is published": {func(w *world, q *senderdns.Question) {
			q.SigningSelector, q.SigningKey, w.txt["or1._domainkey.acme.test"] = "or1", "abc", []string{"v=DKIM1; k=rsa; p=xyz"}
		}, "signing", failed, "Another key"},
		"our key isn't published": {func(_ *world, q *senderdns.Question) { q.SigningSelector, q.SigningKey = "or1", "abc" }, "signing", failed, "isn't published"},
		"links lead here":         {func(_ *world, q *senderdns.Question) { q.TrackingHost = "go.acme.test" }, "tracking", passed, "lead to this host"},
		"links lead elsewhere": {func(w *world, q *senderdns.Question) {
			q.TrackingHost, w.cname["go.acme.test"] = "go.acme.test", "else.example.com"
		}, "tracking", failed, "add a CNAME"},
		"the same addresses do as well": {func(w *world, q *senderdns.Question) {
			q.TrackingHost, w.a["go2.acme.test"] = "go2.acme.test", []string{"198.51.101.9"}
		}, "tracking", passed, "lead to this host"},
		"links lead here, but nobody answers": {func(_ *world, q *senderdns.Question) {
			q.TrackingHost, q.Answers = "go.acme.test", func(context.Context, string) error { return errors.New("no certificate") }
		}, "tracking", failed, "certificate"},
		"an installation without a name has nothing to it": {func(_ *world, q *senderdns.Question) { q.TrackingHost, q.PublicHost = "go.acme.test", "127.0.0.1" }, "tracking", unknown, "no public name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := goodWorld()
			q := senderdns.Question{Domain: "acme.test", SMTPHost: "smtp.acme.test", Sample: seen, PublicHost: "links.example.com"}
			if c.change != nil {
				c.change(&w, &q)
			}
			found, _ := senderdns.Look(context.Background(), w, q)
			i := slices.IndexFunc(found, func(r senderdns.Record) bool { return r.Check == c.check })
			if i < 0 {
				t.Fatalf("no %s in %+v", c.check, found)
			}
			if r := found[i]; r.Outcome != c.want || !strings.Contains(r.Detail, c.says) {
				t.Errorf("got %s %q (found %q), want %s %q", r.Outcome, r.Detail, r.Found, c.want, c.says)
			}
		})
	}
}

func TestAGoodSignatureIsRemembered(t *testing.T) {
	t.Parallel()
	w := goodWorld()
	sample, record := signedMessage(t, "acme.test", "acme.test")
	w.txt["s._domainkey.acme.test"] = []string{record}
	found, evidence := senderdns.Look(context.Background(), w, senderdns.Question{Domain: "acme.test", Sample: sample})
	if evidence.Signer != "acme.test" || evidence.Selector != "s" {
		t.Fatalf("%+v of %+v", evidence, found)
	}
	delete(w.txt, "s._domainkey.acme.test")
	found, _ = senderdns.Look(context.Background(), w, senderdns.Question{Domain: "acme.test", Known: evidence})
	if f := senderdns.Sum(found); f.Outcome != senderdns.Failed {
		t.Errorf("without the key: %+v", f)
	}
}

func TestAddressesOfPeopleAreLeftOut(t *testing.T) {
	t.Parallel()
	found, _ := senderdns.Look(context.Background(), goodWorld(), senderdns.Question{Domain: "acme.test"})
	for _, r := range found {
		if text := strings.Join(r.Found, " ") + r.Detail + r.Expected; strings.Contains(text, "ann@") {
			t.Errorf("%s shows %s", r.Check, text)
		}
	}
}
