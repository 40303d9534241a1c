package prospects_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	gomessage "github.com/emersion/go-message"

	"outrider/internal/lab/prospects"
)

const person = "sam.smith@prospect.example"

// one sends messages to one person of a kind, a day apart, and lets three weeks pass.
func one(t *testing.T, rates prospects.Rates, messages int) *world {
	t.Helper()
	w := setup(t, 7, rates)
	for i := range messages {
		w.at(start.AddDate(0, 0, i), func() {
			if err := w.send(person, i+1); err != nil {
				t.Log(err)
			}
		})
	}
	w.run(start.AddDate(0, 0, 21))
	return w
}

func want(t *testing.T, w *world, want prospects.Truth) prospects.Judgement {
	t.Helper()
	v := w.judge(prospects.Params{Poll: 5 * time.Minute})
	if v.Truth != want {
		t.Errorf("got %+v, want %+v", v.Truth, want)
	}
	if len(v.Lost)+len(v.Doubtful)+len(v.Unable) > 0 {
		t.Errorf("lost %v, doubtful %v, unable %v", v.Lost, v.Doubtful, v.Unable)
	}
	return v
}

func TestReaders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rates prospects.Rates
		want  prospects.Truth
		agent string
	}{
		"by their own program":   {prospects.Rates{Reads: 1, Clicks: 1}, prospects.Truth{Sent: 1, Opened: 1, Clicked: 1}, "Mozilla/"},
		"through Apple's proxy":  {prospects.Rates{Private: 1, Unknown: 0}, prospects.Truth{Sent: 1, MachineOpened: 1}, "Mozilla/5.0"},
		"through Google's proxy": {prospects.Rates{Proxied: 1, Reads: 1}, prospects.Truth{Sent: 1, MachineOpened: 1}, ""},
		"without images":         {prospects.Rates{NoImages: 1, Reads: 1}, prospects.Truth{Sent: 1}, ""},
		"not at all":             {prospects.Rates{Scanned: 0, NoImages: 0.5, Reads: 1e-12}, prospects.Truth{Sent: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := one(t, c.rates, 1)
			if name == "by their own program" {
				v := w.judge(prospects.Params{})
				if v.Truth.Opened != 1 || w.site.count("GET /o/") != 1 {
					t.Errorf("%+v %v", v.Truth, w.site.seen)
				}
				if n := w.site.count("GET /c/") + w.site.count("GET /m/"); v.Truth.Clicked != min(n, 1) {
					t.Errorf("%d clicks, %d in truth", n, v.Truth.Clicked)
				}
				for _, l := range of(w.lines(), prospects.Opened) {
					if d := l.At.Sub(start); d < time.Minute {
						t.Errorf("read after %s", d)
					}
				}
				return
			}
			want(t, w, c.want)
		})
	}
}

func TestApplesProxyFetchesAtDelivery(t *testing.T) {
	t.Parallel()
	w := one(t, prospects.Rates{Private: 1}, 1)
	if l := of(w.lines(), prospects.MachineOpened); len(l) != 1 || l[0].At.Sub(start) > 10*time.Minute {
		t.Error(l)
	}
	if w.site.count("GET /o/") != 1 || !strings.HasSuffix(w.site.seen[0], " Mozilla/5.0") {
		t.Error(w.site.seen)
	}
}

func TestAScannerFollowsEveryLinkWithinSecondsAndCountsForNothing(t *testing.T) {
	t.Parallel()
	w := one(t, prospects.Rates{Scanned: 1}, 1)
	want(t, w, prospects.Truth{Sent: 1, ScannerClicks: 1})
	if got := of(w.lines(), prospects.Scanned); len(got) != 4 || got[3].At.Sub(start) > 10*time.Second {
		t.Error(got)
	}
	if w.site.count("GET /trap/") != 1 || w.site.count("POST") != 0 {
		t.Error(w.site.seen)
	}
}

func TestUnknownAddresses(t *testing.T) {
	t.Parallel()
	t.Run("refused at RCPT", func(t *testing.T) {
		t.Parallel()
		w := one(t, prospects.Rates{Unknown: 1}, 1)
		v := want(t, w, prospects.Truth{Failed: 1, Bounced: 1})
		if !slices.Equal(v.Of["bounced"], []string{"rcpt:" + person}) {
			t.Error(v.Of)
		}
	})
	t.Run("reported later", func(t *testing.T) {
		t.Parallel()
		w := one(t, prospects.Rates{UnknownLate: 1}, 2)
		v := want(t, w, prospects.Truth{Sent: 2, Bounced: 2})
		if v.Violations.SentAfterStop != 1 {
			t.Errorf("the second message came a day after the report: %+v", v.Violations)
		}
		id, _ := message(person, 1)
		checkReport(t, w.inbox()[0], "failed", "5.1.1", id)
	})
	t.Run("full, then not", func(t *testing.T) {
		t.Parallel()
		w := one(t, prospects.Rates{Full: 1}, 4)
		v := w.judge(prospects.Params{})
		refused := of(w.lines(), prospects.Refused)
		if len(refused) == 0 || refused[0].Code != 452 || v.Truth.Sent != 4-len(refused) || v.Truth.Bounced != 0 || v.Truth.Failed != 0 {
			t.Errorf("%+v %v", v.Truth, refused)
		}
	})
	t.Run("full for good", func(t *testing.T) {
		t.Parallel()
		w := one(t, prospects.Rates{FullLate: 1}, 1)
		want(t, w, prospects.Truth{Sent: 1, Bounced: 1})
		id, _ := message(person, 1)
		got := w.inbox()
		if len(got) != 2 {
			t.Fatal(len(got))
		}
		checkReport(t, got[0], "delayed", "4.2.2", id)
		checkReport(t, got[1], "failed", "5.2.2", id)
	})
}

// checkReport reads a report as RFC 3464 and 6522 want it.
func checkReport(t *testing.T, raw []byte, action, status, original string) {
	t.Helper()
	e, err := gomessage.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := e.Header.ContentType()
	if err != nil || kind != "multipart/report" || params["report-type"] != "delivery-status" || e.Header.Get("Return-Path") != "<>" || e.Header.Get("Auto-Submitted") == "no" {
		t.Fatal(kind, params, err)
	}
	parts := e.MultipartReader()
	var kinds []string
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := p.Header.ContentType()
		kinds = append(kinds, kind)
		body, _ := io.ReadAll(p.Body)
		switch kind {
		case "message/delivery-status":
			groups := strings.SplitN(string(body), "\r\n\r\n", 2)
			if len(groups) != 2 {
				t.Fatalf("%q", body)
			}
			perMessage, err := mail.ReadMessage(strings.NewReader(groups[0] + "\r\n\r\n"))
			if err != nil || !strings.HasPrefix(perMessage.Header.Get("Reporting-MTA"), "dns; ") {
				t.Error(err, groups[0])
			}
			recipient, err := mail.ReadMessage(strings.NewReader(groups[1]))
			if err != nil || recipient.Header.Get("Action") != action || recipient.Header.Get("Status") != status || recipient.Header.Get("Final-Recipient") != "rfc822; "+person {
				t.Errorf("%v %q", err, groups[1])
			}
		case "message/rfc822", "text/rfc822-headers":
			m, err := mail.ReadMessage(strings.NewReader(string(body) + "\r\n"))
			if err != nil || m.Header.Get("Message-ID") != "<"+original+">" {
				t.Errorf("%v %q", err, body)
			}
		}
	}
	if len(kinds) != 3 || kinds[0] != "text/plain" || kinds[1] != "message/delivery-status" {
		t.Error(kinds)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, rates := range map[string]prospects.Rates{"interested": {Interested: 1}, "not_now": {NotNow: 1}, "not_interested": {NotInterested: 1}, "stop": {Stop: 1}} {
		for _, alias := range []float64{0, 1} {
			t.Run(fmt.Sprint(name, alias), func(t *testing.T) {
				t.Parallel()
				rates.Alias, rates.NoImages = alias, 1
				w := one(t, rates, 3)
				truth := prospects.Truth{Sent: 3, Replied: 1}
				if name == "stop" {
					truth.Unsubscribed = 1
				}
				want(t, w, truth)
				got := w.inbox()
				if len(got) != 1 {
					t.Fatal(len(got))
				}
				m, err := mail.ReadMessage(bytes.NewReader(got[0]))
				if err != nil {
					t.Fatal(err)
				}
				l := of(w.lines(), prospects.Replied)[0]
				h := m.Header
				from, err := h.AddressList("From")
				if err != nil || l.Detail != name || h.Get("In-Reply-To") != "<"+l.MessageID+">" || !strings.Contains(h.Get("References"), l.MessageID) ||
					!strings.HasPrefix(h.Get("Subject"), "Re: A question") || h.Get("Auto-Submitted") != "" || (from[0].Address == person) != (alias == 0) {
					t.Errorf("%v %+v", err, h)
				}
				e, err := gomessage.Read(bytes.NewReader(got[0]))
				if err != nil {
					t.Fatal(err)
				}
				if text := firstText(e); !strings.Contains(text, "this is number") {
					t.Errorf("nothing is quoted: %q", text)
				}
			})
		}
	}
}

func firstText(e *gomessage.Entity) string {
	if r := e.MultipartReader(); r != nil {
		p, err := r.NextPart()
		if err != nil {
			return ""
		}
		e = p
	}
	b, _ := io.ReadAll(e.Body)
	return string(b)
}

func TestSomebodyAwayAnswersAutomaticallyOncePerWeekAndNamesTheDay(t *testing.T) {
	t.Parallel()
	w := one(t, prospects.Rates{Away: 1, Interested: 0, Reads: 1e-12}, 3)
	v := want(t, w, prospects.Truth{Sent: 3, AutoReplied: 1})
	l := of(w.lines(), prospects.AutoReplied)[0]
	m, err := mail.ReadMessage(bytes.NewReader(w.inbox()[0]))
	if err != nil {
		t.Fatal(err)
	}
	e, err := gomessage.Read(bytes.NewReader(w.inbox()[0]))
	if err != nil {
		t.Fatal(err)
	}
	text := firstText(e)
	auto := m.Header.Get("Auto-Submitted")
	if auto == "" || auto == "no" || m.Header.Get("Return-Path") != "<>" {
		t.Errorf("%+v", m.Header)
	}
	named := false
	for _, layout := range []string{"January 2, 2006", "2 January 2006", "2006-01-02"} {
		named = named || strings.Contains(text, l.Until.Format(layout))
	}
	if !named {
		t.Errorf("%s is not in %q", l.Until, text)
	}
	if v.Violations.SentAfterStop == 0 {
		t.Error("messages to somebody who is away were not noticed")
	}
}

func TestUnsubscribing(t *testing.T) {
	t.Parallel()
	for how, rates := range map[string]prospects.Rates{"one_click": {OneClick: 1}, "page": {Page: 1}, "mailto": {Mailto: 1}} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			rates.NoImages = 1
			w := one(t, rates, 3)
			want(t, w, prospects.Truth{Sent: 3, Unsubscribed: 1})
			l := of(w.lines(), prospects.Unsubscribed)[0]
			key := strings.TrimSuffix(l.MessageID, "@acme.test")
			posts, mails := w.site.count("POST /u/"+key+" "), len(w.inbox())
			if l.Detail != how || posts != map[bool]int{true: 0, false: 1}[how == "mailto"] || mails != 1-posts {
				t.Error(l, posts, mails)
			}
			if how == "mailto" && !bytes.Contains(w.inbox()[0], []byte("Delivered-To: jane+u-"+key+"@acme.test")) {
				t.Errorf("%s", w.inbox()[0])
			}
		})
	}
}

func TestBookingAMeeting(t *testing.T) {
	t.Parallel()
	w := one(t, prospects.Rates{Books: 1, NoImages: 1}, 3)
	want(t, w, prospects.Truth{Sent: 3, Meetings: 1, Clicked: 1})
	l := of(w.lines(), prospects.Booked)[0]
	got := w.site.booked[strings.TrimSuffix(l.MessageID, "@acme.test")]
	if fmt.Sprint(got) != "map[address:["+person+"] name:[Sam Smith] slot:[9:00] token:[t]]" {
		t.Error(got)
	}
}

func TestAHitThatIsRefusedForAWhileIsTriedAgainAndCountsOnce(t *testing.T) {
	t.Parallel()
	w := setup(t, 7, prospects.Rates{Private: 1})
	w.site.down = 2
	w.at(start, func() {
		if err := w.send(person, 1); err != nil {
			t.Error(err)
		}
	})
	w.run(start.AddDate(0, 0, 1))
	want(t, w, prospects.Truth{Sent: 1, MachineOpened: 1})
	if w.site.count("GET /o/") != 3 {
		t.Error(w.site.seen)
	}
}

func TestASecondCopyIsNotedAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t, 7, prospects.Rates{Private: 1, UnknownLate: 1})
	for i := range 3 {
		w.at(start.Add(time.Duration(i)*time.Hour), func() {
			if err := w.send(person, 1); err != nil {
				t.Error(err)
			}
		})
	}
	w.run(start.AddDate(0, 0, 21))
	v := want(t, w, prospects.Truth{Sent: 1, Bounced: 1})
	if v.Violations.SentTwice != 2 || len(w.inbox()) != 1 {
		t.Errorf("%+v, %d reports", v.Violations, len(w.inbox()))
	}
}

func TestNobodyOutsideIsEverDialled(t *testing.T) {
	t.Parallel()
	w := setup(t, 7, prospects.Rates{Scanned: 1, Interested: 1})
	w.at(start, func() {
		_, text := message(person, 1)
		text = strings.ReplaceAll(text, "go.acme.test", "192.0.2.1")
		text = strings.ReplaceAll(text, "From: Jane Doe <jane@acme.test>", "From: Jane Doe <jane@acme.test>\r\nReply-To: <jane@elsewhere.example>")
		if err := w.sendText(person, text); err != nil {
			t.Error(err)
		}
	})
	w.run(start.AddDate(0, 0, 21))
	v := w.judge(prospects.Params{})
	if (v.Truth != prospects.Truth{Sent: 1}) || len(v.Doubtful) != 1 || !strings.Contains(v.Doubtful[0].Detail, "no way to its domain") {
		t.Errorf("%+v %v", v.Truth, v.Doubtful)
	}
}

func TestTheSameSeedGivesTheSamePeople(t *testing.T) {
	t.Parallel()
	play := func(seed uint64) string {
		w := setup(t, seed, prospects.Rates{})
		for i := range 40 {
			to := fmt.Sprintf("p%d@company%d.example", i, i/4)
			for n := range 2 {
				w.at(start.AddDate(0, 0, 3*n).Add(time.Duration(i)*time.Minute), func() { _ = w.send(to, n+1) })
			}
		}
		w.run(start.AddDate(0, 0, 21))
		var out []string
		for _, l := range w.lines() {
			l.Real = time.Time{}
			out = append(out, fmt.Sprint(l))
		}
		slices.Sort(out) // what happens at one instant has no order
		return strings.Join(out, "\n")
	}
	a, b, c := play(1), play(1), play(2)
	if a != b {
		t.Errorf("two runs differ:\n%s\n\n%s", a, b)
	}
	if a == c {
		t.Error("another seed gives the same")
	}
	if n := strings.Count(a, "\n"); n < 60 {
		t.Errorf("only %d lines", n)
	}
}

func TestPeopleAreAsTheRatesSay(t *testing.T) {
	t.Parallel()
	const n = 20000
	rates := prospects.DefaultRates()
	got := map[string]int{}
	for i := range n {
		p := prospects.NewPerson(3, rates, fmt.Sprintf("p%d@c%d.example", i, i))
		got["takes "+p.Takes]++
		got["images "+p.Images]++
		got["outcome "+p.Outcome]++
		if p.Away > 0 {
			got["away"]++
		}
		if p.Scanned {
			got["scanned"]++
		}
	}
	for what, rate := range map[string]float64{"takes unknown": rates.Unknown, "takes full": rates.Full, "images apple": rates.Private, "outcome books": rates.Books,
		"outcome interested": rates.Interested, "away": rates.Away, "scanned": rates.Scanned} {
		if share := float64(got[what]) / n; share < rate*0.75 || share > rate*1.25 {
			t.Errorf("%s: %.4f instead of %.4f", what, share, rate)
		}
	}
}

// A subject that asks something is answered by the curious, who would have answered nothing else.
func TestTheCuriousAnswerAQuestion(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]int{prospects.Question + "your pipeline": 1, "Your pipeline": 0} {
		w := setup(t, 7, prospects.Rates{Curious: 1})
		w.at(start, func() {
			_, text := message(person, 1)
			if err := w.sendText(person, strings.Replace(text, "A question, number 1", subject, 1)); err != nil {
				t.Error(err)
			}
		})
		w.at(start.AddDate(0, 0, 2), func() {
			if err := w.send(person, 2); err != nil {
				t.Error(err)
			}
		})
		w.run(start.AddDate(0, 0, 21))
		if v := w.judge(prospects.Params{}); v.Truth.Replied != want || v.Truth.Sent != 2 {
			t.Errorf("%q: %+v", subject, v.Truth)
		}
	}
}
