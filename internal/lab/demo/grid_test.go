package demo

import (
	"strings"
	"testing"

	"outrider/internal/lab/sendgridserver"
)

func TestSomeMailboxesSendThroughAProvider(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 0, 2: 1, 3: 1, 4: 1, 12: 3} {
		if got := gridOf(n, nil); got != want {
			t.Errorf("of %d mailboxes %d do, want %d", n, got, want)
		}
	}
	none, all := 0, 9
	if gridOf(4, &none) != 0 || gridOf(4, &all) != 3 {
		t.Error("what is asked for is done, but for one mailbox")
	}
	grid := 0
	for i, s := range gridSenders(Senders(4), 1) {
		if s.Grid != strings.HasSuffix(s.Address, "@"+gridDomain) {
			t.Errorf("%+v", s)
		}
		if s.Grid {
			grid++
		}
		if s.Grid && i < 3 {
			t.Errorf("%s isn't one of the last", s.Address)
		}
	}
	if grid != 1 {
		t.Errorf("%d do", grid)
	}
}

// TestAReportIsToldAndAMailIsNot reads what comes back to a message's own return path.
func TestAReportIsToldAndAMailIsNot(t *testing.T) {
	t.Parallel()
	const id = "6e0b6d3e-8d3b-4a4e-9c4f-1d8f3f1d8f3f"
	d := gridDelivery{of: sendgridserver.Message{From: "jane.doe@" + gridDomain}, id: id}
	if got := d.returnPath(); got != "jane.doe+sg-6e0b6d3e8d3b4a4e9c4f1d8f3f1d8f3f@"+gridDomain {
		t.Errorf("reports go to %s", got)
	}
	for name, c := range map[string]struct{ mail, event, status, words string }{
		"a report for programs": {"From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\r\n<p@x.example>: said: 550 5.1.1 User unknown\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n", "bounce", "5.1.1", "550 5.1.1 User unknown"},
		"one of a delay":        {"From: MAILER-DAEMON@x.example\r\nSubject: Delayed Mail (still being retried)\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\r\nAction: delayed\r\nStatus: 4.4.1\r\nDiagnostic-Code: smtp; 421 4.4.1 Connection timed out\r\n", "deferred", "", "421 4.4.1 Connection timed out"},
		"one in words":          {"From: System Administrator <postmaster@x.example>\r\nSubject: Undeliverable: Hello\r\n\r\ndid not reach\r\n    <mx.x.example #5.1.1 smtp;550 5.1.1 User unknown>\r\n", "bounce", "", "550 5.1.1 User unknown"},
		"one of spam":           {"From: feedback@fbl.x.example\r\nContent-Type: multipart/report; report-type=feedback-report;\r\n\r\nFeedback-Type: abuse\r\n", "spamreport", "", ""},
		"an absence":            {"From: Ann <ann@x.example>\r\nSubject: Out of office: Hello\r\n\r\nI'm away.\r\n", "", "", ""},
	} {
		kind, words, status := readReturned([]byte(c.mail))
		if kind != c.event || words != c.words || status != c.status {
			t.Errorf("%s: %q, %q, %q", name, kind, words, status)
		}
	}
}
