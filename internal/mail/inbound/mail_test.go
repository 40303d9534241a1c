package inbound_test

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"outrider/internal/mail/inbound"
)

// raw joins lines as they are sent.
func raw(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n") }

func TestAMessageIsReadWithItsKeys(t *testing.T) {
	t.Parallel()
	m := inbound.Read(raw(
		"Return-Path: <li@example.com>",
		"Delivered-To: zoe+tagc@sender.test",
		"From: =?iso-8859-1?Q?J=FCrgen?= <li@example.com>",
		"To: \"Zoe\" <zoe+taga@sender.test>, x@example.org",
		"Cc: undisclosed <<zoe+tagb@sender.test>",
		"Subject: =?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte("Re: Grüße"))+"?=",
		"Message-ID: <m1@example.com>",
		"In-Reply-To: Your message of Monday <token2@sender.test>",
		"References: <token0@sender.test> <token1@sender.test>",
		"\t<token2@sender.test>",
		"Date: Mon, 2 Mar 2026 10:00:00 +0100",
		"Content-Type: text/plain; charset=iso-8859-1",
		"Content-Transfer-Encoding: quoted-printable",
		"", "Sch=F6n, danke",
	))
	if want := []string{"token2@sender.test", "token1@sender.test", "token0@sender.test"}; !slices.Equal(m.Keys.References, want) {
		t.Errorf("references: %q", m.Keys.References)
	}
	if want := []string{"taga", "tagb", "tagc"}; !slices.Equal(m.Keys.Tags, want) {
		t.Errorf("tags: %q", m.Keys.Tags)
	}
	if m.From.Name != "Jürgen" || m.From.Address != "li@example.com" || m.Subject != "Re: Grüße" || m.MessageID != "m1@example.com" || m.ReturnPath != "li@example.com" {
		t.Errorf("got %+v", m)
	}
	if m.Text != "Schön, danke" || !m.Date.Equal(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("got %q, %v", m.Text, m.Date)
	}
}

func TestTheTextIsFoundInAnyForm(t *testing.T) {
	t.Parallel()
	mixed := []string{"Content-Type: multipart/mixed; boundary=a", "", "preamble", "--a", "Content-Type: multipart/alternative; boundary=\"b\"", ""}
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"no content type":           {[]string{"From: a@example.com", "", "hello"}, "hello"},
		"a charset without a name":  {[]string{"Content-Type: text/plain; charset=x-unknown", "", "hello \xff"}, "hello \uFFFD"},
		"Japanese":                  {[]string{"Content-Type: text/plain; charset=iso-2022-jp", "", "\x1b$B$3$s$K$A$O\x1b(B"}, "こんにちは"},
		"Windows":                   {[]string{"Content-Type: text/plain; charset=windows-1252", "", "it\x92s"}, "it’s"},
		"base64 that is cut":        {[]string{"Content-Type: text/plain", "Content-Transfer-Encoding: base64", "", "aGVsbG8gd29ybGQhIQ"}, "hello world!!"},
		"an unknown encoding":       {[]string{"Content-Transfer-Encoding: x-magic", "", "hello"}, "hello"},
		"HTML only":                 {[]string{"Content-Type: text/html", "", "<style>x{}</style><p>Hi&nbsp;<b>you</b>,</p><div>yes<br>no</div><!-- c --><blockquote>old</blockquote>"}, "Hi you,\n\nyes\nno"},
		"an alternative":            {append(mixed, "--b", "Content-Type: text/plain", "", "plain", "--b", "Content-Type: text/html", "", "<p>html", "--b--", "--a--"), "plain"},
		"an empty alternative":      {append(mixed, "--b", "Content-Type: text/plain", "", " ", "--b", "Content-Type: text/html", "", "<p>html", "--b--", "--a--"), "html"},
		"parts that never end":      {append(mixed, "--b", "Content-Type: text/plain", "", "plain"), "plain"},
		"an attachment comes first": {[]string{"Content-Type: multipart/mixed; boundary=a", "", "--a", "Content-Disposition: attachment; filename=x.txt", "", "file", "--a", "", "text", "--a--"}, "text"},
		"a multipart without parts": {[]string{"Content-Type: multipart/mixed", "", "text"}, "text"},
		"a header that is broken":   {[]string{"From: a@example.com", "this is no field", "Subject: x", "", "hello"}, "hello"},
		"no header at all":          {[]string{"hello", "there"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inbound.Read(raw(c.lines...)); got.Text != c.want {
				t.Errorf("got %q, want %q", got.Text, c.want)
			}
		})
	}
}

func TestQuotationsAndSignaturesAreLeftOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"Gmail":                   {"Yes.\n\nOn Mon, 2 Mar 2026 at 09:30, Zoe <zoe@sender.test> wrote:\n> Hi\n> there", "Yes."},
		"Gmail, wrapped":          {"Yes.\n\nOn Mon, Mar 2, 2026 at 9:30 AM Zoe Long Name\n<zoe@sender.test> wrote:\n\n> Hi", "Yes."},
		"a quotation without >":   {"Yes.\n\nOn Mon, 2 Mar 2026, Zoe wrote:\nHi, are you interested?", "Yes."},
		"answers in between":      {"On Monday, Zoe wrote:\n> A question?\n\nAn answer.\n\n> Another?\nNo.", "An answer.\n\nNo."},
		"Outlook":                 {"Yes.\n\nFrom: Zoe <zoe@sender.test>\nSent: Monday, March 2, 2026 9:30 AM\nTo: Li\nSubject: Hi\n\nHi", "Yes."},
		"Outlook, German":         {"Ja.\n\n________________________________\nVon: Zoe <zoe@sender.test>\nGesendet: Montag, 2. März 2026\nAn: Li\n\nHallo", "Ja."},
		"Outlook, old":            {"Yes.\n-----Original Message-----\nHi", "Yes."},
		"German":                  {"Ja.\n\nAm 02.03.26 um 09:30 schrieb Zoe:\n> Hallo", "Ja."},
		"German, Apple":           {"Ja.\n\n> Am 02.03.2026 um 09:30 schrieb Zoe <zoe@sender.test>:\n> \n> Hallo", "Ja."},
		"French":                  {"Oui.\n\nLe lun. 2 mars 2026 à 09:30, Zoe <zoe@sender.test> a écrit :\n> Bonjour", "Oui."},
		"Spanish":                 {"Sí.\n\nEl lun, 2 mar 2026 a las 9:30, Zoe (<zoe@sender.test>) escribió:\n> Hola", "Sí."},
		"a signature":             {"Yes.\n-- \nLi\nExample Inc.", "Yes."},
		"a telephone":             {"Yes.\n\nSent from my iPhone", "Yes."},
		"words that only look so": {"On Monday I wrote a list:\nfrom: here\n- one", "On Monday I wrote a list:\nfrom: here\n- one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inbound.Read([]byte("From: a@example.com\n\n" + c.text)); got.Text != c.want {
				t.Errorf("got %q, want %q", got.Text, c.want)
			}
		})
	}
	outlook := inbound.Read([]byte("Content-Type: text/html\n\n<div>Yes</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> Zoe</div><div>Interested?</div>"))
	if outlook.Text != "Yes" {
		t.Errorf("Outlook's HTML: got %q", outlook.Text)
	}
}

func report(kind, machine string, fields ...string) []byte {
	lines := []string{"From: MAILER-DAEMON@example.com", "Return-Path: <>", "Content-Type: multipart/report; report-type=" + kind + "; boundary=r", "",
		"--r", "", "Sorry, it did not work. I am out of office.", "--r", "Content-Type: message/" + machine, ""}
	lines = append(lines, fields...)
	return raw(append(lines, "--r", "Content-Type: text/rfc822-headers", "", "From: zoe@sender.test", "To: Li <li@example.com>", "Message-ID: <token@sender.test>", "Subject: hi", "--r--")...)
}

func TestDeliveryReports(t *testing.T) {
	t.Parallel()
	m := inbound.Read(report("delivery-status", "delivery-status",
		"Reporting-MTA: dns; mx.example.com", "X-Custom: x", "",
		"Final-Recipient: rfc822; inner@example.com", "Original-Recipient: rfc822;li@example.com", "Action: failed (really)", "Status: 5.1.1 (bad mailbox)", "Diagnostic-Code: smtp; 550 5.1.1", "  no such user", "",
		"Final-Recipient: RFC822; <b@example.com>", "Action: Delayed", "Status: 4.4.1", "",
		"Final-Recipient: rfc822; c@example.com", "Action: failed", "Diagnostic-Code: smtp; 552 5.2.2 full", "",
		"Final-Recipient: rfc822; d@example.com", "Action: failed", "Status: 5.0.0", "Diagnostic-Code: smtp; 550-5.1.1 unknown", "",
		"Final-Recipient: rfc822; e@example.com", "Action: failed", "Status: 5.0.0", "Diagnostic-Code: smtp; 550 no"))
	want := []inbound.RecipientReport{
		{Recipient: "li@example.com", Final: "inner@example.com", Action: "failed", Status: "5.1.1", Diagnostic: "550 5.1.1 no such user"},
		{Recipient: "b@example.com", Action: "delayed", Status: "4.4.1"},
		{Recipient: "c@example.com", Action: "failed", Status: "5.2.2", Diagnostic: "552 5.2.2 full"},
		{Recipient: "d@example.com", Action: "failed", Status: "5.1.1", Diagnostic: "550-5.1.1 unknown"},
		{Recipient: "e@example.com", Action: "failed", Status: "5.0.0", Diagnostic: "550 no"},
	}
	if !reflect.DeepEqual(m.Reports, want) {
		t.Errorf("got %+v", m.Reports)
	}
	if !want[0].Failed() || want[1].Failed() {
		t.Error("only failed is final")
	}
	if m.Original.MessageID != "token@sender.test" || !slices.Equal(m.Original.To, []string{"li@example.com"}) {
		t.Errorf("original: %+v", m.Original)
	}
	if v := inbound.Classify(m, inbound.Context{Received: time.Now()}); v.Kind != inbound.DeliveryReport {
		t.Errorf("got %+v", v)
	}
}

func TestComplaints(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]inbound.MailKind{"abuse": inbound.Complaint, "fraud": inbound.Complaint, "not-spam": inbound.Automatic} {
		m := inbound.Read(report("feedback-report", "feedback-report", "Feedback-Type: "+kind, "User-Agent: x/1", "Version: 1", "Original-Rcpt-To: <li@example.com>"))
		if v := inbound.Classify(m, inbound.Context{Received: time.Now()}); v.Kind != want || m.Original.MessageID != "token@sender.test" || !slices.Equal(m.Feedback.Recipients, []string{"li@example.com"}) {
			t.Errorf("%s: got %+v, %+v, %+v", kind, v, m.Feedback, m.Original)
		}
	}
	if m := inbound.Read(report("feedback-report", "feedback-report", "Version: 1")); m.Feedback != nil {
		t.Errorf("a report without a type: %+v", m.Feedback)
	}
}

func TestHugeAndNestedMailsAreBounded(t *testing.T) {
	t.Parallel()
	var nested strings.Builder
	for i := range 50 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	nested.WriteString("\r\ndeep")
	many := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n", 10000) + "--b\r\n\r\ntoo late\r\n--b--"
	for name, in := range map[string]string{
		"a long text":     "From: a@example.com\r\n\r\n" + strings.Repeat("word ", 1<<20),
		"a long line":     "From: a@example.com\r\n\r\n" + strings.Repeat("x", 2<<20),
		"a long header":   "References: " + strings.Repeat("<a@b> ", 1<<17) + "\r\n\r\nx",
		"HTML":            "Content-Type: text/html\r\n\r\n" + strings.Repeat("<blockquote><div>", 1<<17),
		"nested parts":    nested.String(),
		"many parts":      many,
		"many recipients": "Content-Type: message/delivery-status\r\n\r\n" + strings.Repeat("Action: failed\r\n\r\n", 100000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := inbound.Read([]byte(in))
			if len(m.Full) > inbound.MaxText || len(m.Keys.References) > 100 || len(m.Reports) > 100 || strings.Contains(m.Full, "too late") || strings.Contains(m.Full, "deep") {
				t.Errorf("%d bytes, %d references, %d reports", len(m.Full), len(m.Keys.References), len(m.Reports))
			}
			inbound.Classify(m, inbound.Context{OurSubject: "x", Received: time.Now()})
		})
	}
}

func FuzzReadAndClassify(f *testing.F) {
	f.Add(report("delivery-status", "delivery-status", "Action: failed", "Status: 5.1.1"), "hi")
	f.Add(report("feedback-report", "feedback-report", "Feedback-Type: abuse"), "hi")
	f.Add(raw("Content-Type: multipart/alternative; boundary=b", "", "--b", "Content-Type: text/html; charset=gb2312", "Content-Transfer-Encoding: base64", "", "PHA+aGk8L3A+", "--b--"), "")
	f.Add(raw("From: =?x?q?y?= <a@b>", "Subject: Re: Abwesend: hi", "Auto-Submitted: auto-replied", "", "bis 31.02.2026 und ab 1. März wieder da, Q3, in 3 months, next week"), "hi")
	f.Add(raw("Subject: Re: İİİİ hi", "", "On x wrote:", "> y", "not interested"), "hi")
	f.Add(raw("Content-Type: multipart/mixed; boundary=a; boundary=b", "", "--zz", "content-type: =?utf-8?q?text/html?=", "content-transfer-encoding: base64", "", "PGI+", "--zz--"), "stop")
	f.Add(raw("Content-Type: application/pkcs7-mime", "", "0\x80\x04\x15MIME-Version: 1.0\r\n\r\nhi"), "x")
	f.Add(raw("From: MAILER-DAEMON@example.com", "Subject: failure notice", "", "I wasn't able to deliver your message to:", "<li@example.com>:", "550 5.1.1 no such user", "", "--- Below this line is a copy of the message.", "", "Message-ID: <x@y>"), "hi")
	f.Add(raw("From: fbl@example.com", "Subject: complaint about message from 192.0.2.1", "X-Loop: scomp", "", "x"), "")
	f.Fuzz(func(t *testing.T, in []byte, ours string) {
		m := inbound.Read(in)
		v := inbound.Classify(m, inbound.Context{Mailbox: "zoe@sender.test", Lead: "li@example.com", Quoted: len(ours)%2 == 0, OurSubject: ours, Sent: []string{ours}, Received: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)})
		if v.Kind == "" || v.Kind == inbound.Reply && v.Class == "" {
			t.Errorf("got %+v", v)
		}
	})
}

func TestTextInAnUnnamedCharsetIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ header, text, want string }{
		"none, Windows-1252":   {"Content-Type: text/plain", "Gr\xfc\xdfe aus K\xf6ln", "Grüße aus Köln"},
		"none, Windows-1251":   {"Content-Type: text/plain", "\xd1\xef\xe0\xf1\xe8\xe1\xee, \xed\xe5 \xe8\xed\xf2\xe5\xf0\xe5\xf1\xed\xee", "Спасибо, не интересно"},
		"one that isn't known": {"Content-Type: text/plain; charset=x-whatever", "Gr\xfc\xdfe", "Grüße"},
		"UTF-8 without a name": {"Content-Type: text/plain", "Grüße", "Grüße"},
		"Windows-1250, named":  {"Content-Type: text/plain; charset=windows-1250", "D\xeckuji, Dvo\xf8\xe1k", "Děkuji, Dvořák"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if m := inbound.Read([]byte("From: li@example.com\r\n" + c.header + "\r\n\r\n" + c.text)); m.Text != c.want {
				t.Errorf("got %q", m.Text)
			}
		})
	}
	m := inbound.Read([]byte("From: =?windows-1250?Q?Dvo=F8=E1k?= <li@example.com>\r\nSubject: =?gb2312?B?xOO6ww==?=\r\n\r\nx"))
	if m.From.Name != "Dvořák" || m.Subject != "你好" {
		t.Errorf("got %+v, %q", m.From, m.Subject)
	}
}
