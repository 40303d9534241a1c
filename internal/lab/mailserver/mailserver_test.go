package mailserver_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/loopback"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == mailserver.ChildArgument {
		os.Exit(mailserver.Main())
	}
	os.Exit(m.Run())
}

const (
	jane     = "jane@acme.test"
	password = "correct horse"
)

// testServer is a server under test and how to reach it.
type testServer struct {
	dir                                      string
	submission, submissions, mx, imap, imaps string
	server                                   *mailserver.Instance
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func setup(t *testing.T, o mailserver.Options) *testServer {
	t.Helper()
	o.Dir = t.TempDir()
	s, err := mailserver.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l := mailserver.Listeners{Submission: listen(t), Submissions: listen(t), MX: listen(t), IMAP: listen(t), IMAPS: listen(t)}
	if err := errors.Join(s.AddAccount(jane, password), s.AddAccount("bob@acme.test", password), s.Serve(l)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	at := func(l net.Listener) string { return l.Addr().String() }
	return &testServer{o.Dir, at(l.Submission), at(l.Submissions), at(l.MX), at(l.IMAP), at(l.IMAPS), s}
}

func trust(t testing.TB, dir string) *tls.Config {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(dir, mailserver.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: pool, ServerName: "mail.test"}
}

func text(from, to, id, body string) string {
	return fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Hello\r\nDate: Mon, 02 Mar 2026 08:00:00 +0000\r\nMessage-ID: <%s>\r\nContent-Type: text/plain\r\n\r\n%s\r\n", from, to, id, body)
}

func (p *testServer) submit(t *testing.T, from, to, message string) error {
	t.Helper()
	c, err := smtp.DialTLS(p.submissions, trust(t, p.dir))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Auth(sasl.NewPlainClient("", jane, password)); err != nil {
		t.Fatal(err)
	}
	return c.SendMail(from, []string{to}, strings.NewReader(message))
}

func arrive(address, from, to, message string) error {
	c, err := smtp.Dial(address)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.SendMail(from, []string{to}, strings.NewReader(message))
}

func open(t *testing.T, address, dir, user string, options *imapclient.Options) *imapclient.Client {
	t.Helper()
	if options == nil {
		options = &imapclient.Options{}
	}
	options.TLSConfig = trust(t, dir)
	c, err := imapclient.DialTLS(address, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(user, password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func code(err error) int {
	var said *smtp.SMTPError
	if errors.As(err, &said) {
		return said.Code
	}
	return 0
}

func lines(t *testing.T, dir string) (out []mailserver.Line) {
	t.Helper()
	out, err := mailserver.ReadJournal(filepath.Join(dir, mailserver.JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSubmissionWantsTLSAPasswordAndTheOwnAddress(t *testing.T) {
	t.Parallel()
	p := setup(t, mailserver.Options{})
	t.Run("no AUTH before TLS", func(t *testing.T) {
		c, err := smtp.Dial(p.submission)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Auth(sasl.NewPlainClient("", jane, password)); err == nil {
			t.Error("a password was taken without TLS")
		}
	})
	for name, mechanism := range map[string]sasl.Client{"PLAIN": sasl.NewPlainClient("", jane, password), "LOGIN": sasl.NewLoginClient(jane, password)} {
		t.Run("STARTTLS and AUTH "+name, func(t *testing.T) {
			c, err := smtp.DialStartTLS(p.submission, trust(t, p.dir))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.Auth(mechanism); err != nil {
				t.Fatal(err)
			}
			if err := c.SendMail(jane, []string{"bob@acme.test"}, strings.NewReader(text(jane, "bob@acme.test", name+"@acme.test", "x"))); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("wrong password", func(t *testing.T) {
		c, err := smtp.DialTLS(p.submissions, trust(t, p.dir))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Auth(sasl.NewPlainClient("", jane, "wrong")); code(err) != 535 {
			t.Error(err)
		}
		if err := c.Mail(jane, nil); code(err) != 530 {
			t.Error(err)
		}
	})
	t.Run("another's address", func(t *testing.T) {
		if err := p.submit(t, "bob@acme.test", "bob@acme.test", text(jane, "bob@acme.test", "a@acme.test", "x")); code(err) != 553 {
			t.Error(err)
		}
	})
	t.Run("a stranger's CA", func(t *testing.T) {
		if c, err := smtp.DialTLS(p.submissions, &tls.Config{ServerName: "mail.test"}); err == nil {
			c.Close()
			t.Error("the certificate was believed")
		}
	})
}

func TestWhatIsSubmittedArrivesAndIsKeptInSentAndInTheJournal(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	p := setup(t, mailserver.Options{Now: func() time.Time { return now }})
	message := text(jane, "bob@acme.test", "one@acme.test", "Hello Bob")
	if err := p.submit(t, "jane+tag@acme.test", "bob+x@acme.test", message); err != nil {
		t.Fatal(err)
	}
	for user, folder := range map[string]string{"bob@acme.test": "INBOX", jane: "Sent"} {
		c := open(t, p.imaps, p.dir, user, nil)
		if _, err := c.Select(folder, nil).Wait(); err != nil {
			t.Fatal(err)
		}
		all, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{UID: true, Envelope: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if all[0].Envelope.MessageID != "one@acme.test" || !all[0].InternalDate.Equal(now) || !strings.HasSuffix(string(all[0].BodySection[0].Bytes), message) {
			t.Errorf("%s has %+v %s", folder, all[0].Envelope, all[0].BodySection[0].Bytes)
		}
	}
	got := lines(t, p.dir)
	if len(got) != 1 {
		t.Fatal(got)
	}
	l := got[0]
	if l.Kind != mailserver.Accepted || l.By != mailserver.BySubmission || l.From != "jane+tag@acme.test" || l.To[0] != "bob+x@acme.test" ||
		l.MessageID != "<one@acme.test>" || l.Size != len(message) || !l.At.Equal(now) || time.Since(l.Real) > time.Hour {
		t.Errorf("%+v", l)
	}
}

func TestTheMXTakesMailForItsMailboxesOnly(t *testing.T) {
	t.Parallel()
	p := setup(t, mailserver.Options{})
	if err := arrive(p.mx, "", "jane+42@acme.test", text("x@example.com", jane, "dsn@example.com", "bounce")); err != nil {
		t.Fatal(err)
	}
	if err := arrive(p.mx, "x@example.com", "nobody@acme.test", "x"); code(err) != 550 {
		t.Error(err)
	}
	if err := arrive(p.mx, "x@example.com", "y@example.com", "x"); code(err) != 550 {
		t.Error("the MX relays:", err)
	}
	c := open(t, p.imaps, p.dir, jane, nil)
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	all, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil || len(all) != 1 || !strings.HasPrefix(string(all[0].BodySection[0].Bytes), "Return-Path: <>\r\nDelivered-To: jane+42@acme.test\r\n") {
		t.Fatalf("%v %+v", err, all)
	}
	got := lines(t, p.dir)
	if len(got) != 3 || got[1].Kind != mailserver.Refused || got[1].Stage != mailserver.AtRcpt || got[1].Code != 550 || got[1].Enhanced != "5.1.1" || got[1].To[0] != "nobody@acme.test" {
		t.Errorf("%+v", got)
	}
}

func TestMailThatHasNoWayOnLoopbackIsRefused(t *testing.T) {
	t.Parallel()
	p := setup(t, mailserver.Options{Exchangers: map[string]string{"far.test": "192.0.2.1:25", "mx.far.test": "mx.example.com:25"}})
	for to, want := range map[string]int{"someone@example.com": 550, "x@far.test": 451, "x@mx.far.test": 451} {
		err := p.submit(t, jane, to, text(jane, to, "x@acme.test", "x"))
		if code(err) != want {
			t.Errorf("%s: %v", to, err)
		}
		if want == 451 && to == "x@far.test" && !strings.Contains(err.Error(), loopback.ErrOutside.Error()) {
			t.Errorf("%s was not refused for where it leads: %v", to, err)
		}
	}
	if _, err := loopback.Listen("0.0.0.0:0"); !errors.Is(err, loopback.ErrOutside) {
		t.Error(err)
	}
	outside, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	if err := p.server.Serve(mailserver.Listeners{MX: outside}); !errors.Is(err, loopback.ErrOutside) {
		t.Error(err)
	}
}

// The prospects' side: refuses some recipients and some messages.
type picky struct{ smtp.Session }

func (picky) Mail(string, *smtp.MailOptions) error { return nil }
func (picky) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case strings.HasPrefix(to, "unknown"):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case strings.HasPrefix(to, "full"):
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
	}
	return nil
}
func (picky) Data(r io.Reader) error {
	b := make([]byte, 1<<16)
	n, _ := r.Read(b)
	if strings.Contains(string(b[:n]), "spam") {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "rejected by content"}
	}
	return nil
}

// vanishing takes a message and hangs up instead of answering.
type vanishing struct {
	picky
	conn *smtp.Conn
}

func (v vanishing) Data(r io.Reader) error {
	_, _ = io.Copy(io.Discard, r)
	return v.conn.Conn().Close()
}

func TestALostAnswerLeavesTheClientInDoubt(t *testing.T) {
	t.Parallel()
	l := listen(t)
	other := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return vanishing{conn: c}, nil }))
	go func() { _ = other.Serve(l) }()
	defer other.Close()
	p := setup(t, mailserver.Options{Exchangers: map[string]string{"*": l.Addr().String()}})
	err := p.submit(t, jane, "x@example.com", text(jane, "x@example.com", "x@acme.test", "x"))
	if err == nil || code(err) != 0 {
		t.Errorf("the client was told %v", err)
	}
	if got := lines(t, p.dir); len(got) != 1 || got[0].Kind != mailserver.Uncertain || got[0].MessageID != "<x@acme.test>" {
		t.Errorf("%+v", got)
	}
}

func (picky) Reset()        {}
func (picky) Logout() error { return nil }

func TestARecipientsRefusalIsTheAnswer(t *testing.T) {
	t.Parallel()
	l := listen(t)
	other := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return picky{}, nil }))
	go func() { _ = other.Serve(l) }()
	defer other.Close()
	p := setup(t, mailserver.Options{Exchangers: map[string]string{"*": l.Addr().String()}})
	for _, c := range []struct {
		to, body string
		want     int
	}{{"someone@example.com", "x", 0}, {"unknown@example.com", "x", 550}, {"full@example.com", "x", 452}, {"someone@example.com", "spam", 554}, {"someone@example.org", "x", 0}} {
		if err := p.submit(t, jane, c.to, text(jane, c.to, "x@acme.test", c.body)); code(err) != c.want || err != nil && c.want == 0 {
			t.Errorf("%s %s: %v", c.to, c.body, err)
		}
	}
	var kinds []string
	for _, l := range lines(t, p.dir) {
		kinds = append(kinds, fmt.Sprint(l.Kind, l.Stage, l.Code, l.Enhanced))
	}
	want := "accepted0 refusedrcpt5505.1.1 refusedrcpt4524.2.2 refuseddata5545.7.1 accepted0"
	if got := strings.NewReplacer(" ", "").Replace(strings.Join(kinds, "|")); got != strings.ReplaceAll(want, " ", "|") {
		t.Error(got)
	}
}

func TestASinkTakesWhatHasNoWayAndKeepsOnlyItsOwn(t *testing.T) {
	t.Parallel()
	p := setup(t, mailserver.Options{Sink: true, NoSent: true})
	for _, to := range []string{"lee@elsewhere.example", jane} {
		if err := p.submit(t, jane, to, text(jane, to, to, "Hello")); err != nil {
			t.Fatalf("%s: %v", to, err)
		}
	}
	if err := p.submit(t, jane, "nobody@acme.test", text(jane, "nobody@acme.test", "n", "Hello")); code(err) != 550 {
		t.Errorf("an unknown address of its own: got %v", err)
	}
	if n := p.server.Account(jane).Count(mailserver.Inbox); n != 1 {
		t.Errorf("%d messages are kept, want what was for itself", n)
	}
	lines, err := mailserver.ReadJournal(filepath.Join(p.dir, mailserver.JournalFile))
	if err != nil || len(lines) != 3 || lines[0].Kind != mailserver.Accepted || lines[0].To[0] != "lee@elsewhere.example" {
		t.Errorf("journal %+v, %v", lines, err)
	}
}

func TestTagsInAddresses(t *testing.T) {
	t.Parallel()
	for noTags, codes := range map[bool]map[string]int{
		false: {"jane+tag@acme.test": 0, "jane+sdr+tag@acme.test": 0, "jane+sdr@acme.test": 0, "nobody+tag@acme.test": 550},
		true:  {"jane+tag@acme.test": 550, "jane+sdr+tag@acme.test": 550, "jane+sdr@acme.test": 0, "jane@acme.test": 0},
	} {
		p := setup(t, mailserver.Options{NoTags: noTags})
		if err := p.server.AddAccount("jane+sdr@acme.test", password); err != nil {
			t.Fatal(err)
		}
		for to, want := range codes {
			if got := code(arrive(p.mx, "x@example.org", to, text("x@example.org", to, to, "hi"))); got != want {
				t.Errorf("no tags: %v, to %s: %d, want %d", noTags, to, got, want)
			}
		}
		if got := p.server.Account("jane+sdr@acme.test").Count(mailserver.Inbox); !noTags && got != 2 {
			t.Errorf("%d messages for the account with a + of its own", got)
		}
	}
}

func TestWhoTriesAMailboxWritesToIt(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]bool{jane: true, "JANE@acme.test": true, "jane+tag@acme.test": true, "jane@other.test": false, "bob@acme.test": false} {
		if got := (mailserver.Line{From: jane, To: []string{to}}).IsToSelf(); got != want {
			t.Errorf("to %s: %v", to, got)
		}
	}
	if (mailserver.Line{From: jane, To: []string{jane, jane}}).IsToSelf() {
		t.Error("two recipients")
	}
}
