package prospects_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"outrider/internal/lab/prospects"
	"outrider/internal/mail/inbound"
)

// trouble sends one message to one person of a kind, again after ten minutes while it is refused for now, and returns the errors.
func trouble(t *testing.T, x prospects.Troubles, rates prospects.Rates) (*world, []error) {
	t.Helper()
	rates.Troubles = x
	if rates.NoImages == 0 {
		rates.NoImages = 1
	}
	w := setup(t, 7, rates)
	var said []error
	var try func(at time.Time)
	try = func(at time.Time) {
		w.at(at, func() {
			err := w.send(person, 1)
			said = append(said, err)
			if refused, ok := errors.AsType[*smtp.SMTPError](err); ok && (refused.Temporary() || refused.EnhancedCode[1] == 2) && len(said) < 6 {
				try(at.Add(10 * time.Minute))
			}
		})
	}
	try(start)
	w.run(start.AddDate(0, 0, 5))
	return w, said
}

func codesOf(said []error) (codes []string) {
	for _, err := range said {
		var refused *smtp.SMTPError
		switch {
		case err == nil:
			codes = append(codes, "taken")
		case errors.As(err, &refused):
			codes = append(codes, fmt.Sprint(refused.Code))
		default:
			codes = append(codes, "lost")
		}
	}
	return codes
}

func TestWhatIsRefusedForNowIsTakenLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of   prospects.Troubles
		code string
	}{
		"a mailbox that nobody knows":  {prospects.Troubles{Greylists: 1}, "451"},
		"a server that goes away":      {prospects.Troubles{HangsUp: 1}, "421"},
		"a full mailbox, after DATA":   {prospects.Troubles{Quota: 1}, "552"},
		"a server that takes its time": {prospects.Troubles{Slow: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, said := trouble(t, c.of, prospects.Rates{})
			codes := codesOf(said)
			if last := codes[len(codes)-1]; last != "taken" || c.code != "" && (len(codes) < 2 || codes[0] != c.code) {
				t.Errorf("got %v", codes)
			}
			if v := want(t, w, prospects.Truth{Sent: 1}); v.Deferred != len(codes)-1 {
				t.Errorf("%d refusals for now, of %v", v.Deferred, codes)
			}
		})
	}
}

func TestALostConnectionLeavesDoubt(t *testing.T) {
	t.Parallel()
	arrived := map[bool]int{}
	w := setup(t, 3, prospects.Rates{NoImages: 1, Troubles: prospects.Troubles{Loses: 0.5}})
	for i := range 24 {
		to := fmt.Sprintf("p%d@company.example", i)
		w.at(start.Add(time.Duration(i)*time.Minute), func() {
			err := w.send(to, 1)
			if _, refused := errors.AsType[*smtp.SMTPError](err); err != nil && (refused || !errors.Is(err, io.EOF)) {
				t.Logf("lost as %v", err)
			}
		})
	}
	w.run(start.AddDate(0, 0, 1))
	v := w.judge(prospects.Params{})
	vanished := of(w.lines(), prospects.Vanished)
	for _, l := range of(w.lines(), prospects.Arrived) {
		arrived[v.InDoubt[l.Person] > 0]++
	}
	if len(vanished) == 0 || arrived[true] == 0 || arrived[false] == 0 || len(v.InDoubt) != len(vanished)+arrived[true] || v.Truth.Sent != arrived[true]+arrived[false] {
		t.Errorf("%d vanished, %v arrived with and without an answer, in doubt are %v", len(vanished), arrived, v.InDoubt)
	}
}

func TestASteepRiseIsRefusedForGood(t *testing.T) {
	t.Parallel()
	w := setup(t, 7, prospects.Rates{NoImages: 1, Troubles: prospects.Troubles{Strict: 1}})
	for day := range 2 {
		for i := range 20 {
			to := fmt.Sprintf("p%d.%d@company%d.example", day, i, i%2)
			w.at(start.AddDate(0, 0, day).Add(time.Duration(i)*time.Minute), func() { _ = w.send(to, 1) })
		}
	}
	w.run(start.AddDate(0, 0, 2))
	v := w.judge(prospects.Params{})
	if v.Truth.Sent != 36 || v.Truth.Failed != 4 || v.Truth.Bounced != 4 { // the second day is no steeper than the first
		t.Errorf("got %+v", v.Truth)
	}
}

func TestWhatProgramsDoWithAMessage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of    prospects.Troubles
		rates prospects.Rates
		truth prospects.Truth
		read  []inbound.MailKind
	}{
		"a complaint":                  {of: prospects.Troubles{Complains: 1}, truth: prospects.Truth{Sent: 1, Complaints: 1}, read: []inbound.MailKind{inbound.Complaint}},
		"a complaint that comes twice": {of: prospects.Troubles{Complains: 1, SentTwice: 1}, truth: prospects.Truth{Sent: 1, Complaints: 1}, read: []inbound.MailKind{inbound.Complaint, inbound.Complaint}},
		"somebody who has left":        {of: prospects.Troubles{Gone: 1}, truth: prospects.Truth{Sent: 1, AutoReplied: 1}, read: []inbound.MailKind{inbound.Automatic}},
		"a queue":                      {of: prospects.Troubles{Queues: 1}, truth: prospects.Truth{Sent: 1}, read: []inbound.MailKind{inbound.DeliveryReport, inbound.DeliveryReport}},
		"a queue, in words":            {of: prospects.Troubles{Queues: 1, InWords: 1}, truth: prospects.Truth{Sent: 1}, read: []inbound.MailKind{inbound.DeliveryReport, inbound.DeliveryReport}},
		"a second copy":                {of: prospects.Troubles{Twice: 1}, truth: prospects.Truth{Sent: 1}},
		"a slow filter":                {of: prospects.Troubles{Crawls: 1}, truth: prospects.Truth{Sent: 1, ScannerClicks: 1}},
		"a report in words":            {of: prospects.Troubles{InWords: 1}, rates: prospects.Rates{UnknownLate: 1}, truth: prospects.Truth{Sent: 1, Bounced: 1}, read: []inbound.MailKind{inbound.DeliveryReport}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := trouble(t, c.of, c.rates)
			want(t, w, c.truth)
			var read []inbound.MailKind
			for _, raw := range w.inbox() {
				m := inbound.Read(raw)
				v := inbound.Classify(m, inbound.Context{Mailbox: sender, Lead: person, OurSubject: "A question", Quoted: true, Received: m.Date})
				read = append(read, v.Kind)
				if v.Kind == inbound.DeliveryReport && (v.Failure != nil) != (c.truth.Bounced > 0) {
					t.Errorf("it fails with %+v: %s", v.Failure, raw)
				}
				if v.Kind == inbound.Automatic && v.ForGood != inbound.LeftCompany {
					t.Errorf("read as %+v: %s", v, raw)
				}
			}
			if fmt.Sprint(read) != fmt.Sprint(c.read) {
				t.Errorf("read as %v, want %v", read, c.read)
			}
		})
	}
}

// Who people are doesn't depend on what goes wrong.
func TestTroublesChangeNobody(t *testing.T) {
	t.Parallel()
	usual, all := prospects.DefaultRates(), prospects.DefaultRates()
	all.Troubles = prospects.AllRates().Troubles
	all.Complains = 0
	for i := range 500 {
		address := fmt.Sprintf("p%d@company%d.example", i, i/4)
		a, b := prospects.NewPerson(1, usual, address), prospects.NewPerson(1, all, address)
		b.Trouble = prospects.Trouble{}
		if b.Takes == "quota" {
			b.Takes = a.Takes
		}
		if a.Alias != "" && b.Alias != "" {
			b.Alias = a.Alias
		}
		if a != b {
			t.Fatalf("%+v is %+v", a, b)
		}
	}
}
