package prospects_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"outrider/internal/lab/prospects"
	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
)

// What the simulator writes is read by the reader that real mail is read by; they share nothing, so each checks the other.
func TestWhatPeopleSendIsUnderstood(t *testing.T) {
	t.Parallel()
	w := setup(t, 11, prospects.Rates{Interested: 0.2, NotNow: 0.15, NotInterested: 0.15, Stop: 0.15, Mailto: 0.1, Away: 0.3, UnknownLate: 0.1, FullLate: 0.1, Alias: 0.2, Private: 0.4, Proxied: 0.3})
	for i := range 150 {
		to := fmt.Sprintf("p%d.q@company%d.example", i, i/2)
		for n := range 3 {
			w.at(start.AddDate(0, 0, n).Add(time.Duration(i)*time.Minute), func() { _ = w.send(to, n+1) })
		}
	}
	w.run(start.AddDate(0, 1, 0))
	lines := map[string]prospects.Line{} // kind and Message-ID
	for _, l := range w.lines() {
		lines[l.Kind+" "+l.MessageID] = l
	}
	count := map[string]int{}
	for _, raw := range w.inbox() {
		m := inbound.Read(raw)
		v := inbound.Classify(m, inbound.Context{Mailbox: sender, OurSubject: "A question", Received: m.Date})
		about := m.Original.MessageID
		if len(m.Keys.References) > 0 {
			about = m.Keys.References[0]
		}
		what := ""
		switch v.Kind {
		case inbound.OutOfOffice:
			what = prospects.AutoReplied
			if l := lines[what+" "+about]; !v.Until.Equal(l.Until) {
				t.Errorf("back on %s, read as %s: %q", l.Until, v.Until, m.Text)
			}
		case inbound.DeliveryReport:
			what = prospects.Delayed
			if m.Reports[0].Failed() {
				what = prospects.Bounced
			}
			if kinds := lines[what+" "+about]; kinds.Detail != m.Reports[0].Status {
				t.Errorf("%+v is %+v", kinds, m.Reports)
			}
		case inbound.Reply:
			what = prospects.Replied
			if about == "" { // the mailto
				if len(m.Keys.Tags) != 1 || v.Class != inbound.Unsubscribe {
					t.Errorf("%+v %+v", m.Keys, v)
				}
				count["mailto"]++
				continue
			}
			wanted := map[string]inbound.Class{"interested": inbound.Interested, "not_now": inbound.NotNow, "not_interested": inbound.NotInterested, "stop": inbound.Unsubscribe}
			// Rules can't tell all that people write; they must not tell wrong, nor miss who wants no more mail.
			if l := lines[what+" "+about]; wanted[l.Detail] != v.Class && (v.Class != inbound.Other || l.Detail == "stop") {
				t.Errorf("%s is read as %s: %q", l.Detail, v.Class, m.Text)
			}
		}
		if _, ok := lines[what+" "+about]; !ok {
			t.Errorf("%s of %q is in no line: %q", v.Kind, about, m.Subject)
		}
		count[what]++
	}
	for _, kind := range []string{prospects.AutoReplied, prospects.Bounced, prospects.Delayed, prospects.Replied} {
		if count[kind] != len(of(w.lines(), kind)) || count[kind] < 5 {
			t.Errorf("%d %s, %d in the journal", count[kind], kind, len(of(w.lines(), kind)))
		}
	}
	w.site.mu.Lock()
	defer w.site.mu.Unlock()
	var proxied int
	for _, r := range w.site.seen {
		if i := slices.Index([]byte(r[6:]), ' '); r[:6] == "GET /o" && linktoken.Classify(r[7+i:]) == linktoken.Proxy {
			proxied++
		}
	}
	if n := len(of(w.lines(), prospects.MachineOpened)); proxied != n {
		t.Errorf("%d images were fetched by what is taken for a proxy, %d by proxies", proxied, n)
	}
	t.Logf("%v", count)
}
