package consumers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/inbound"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

const (
	jane = "jane@acme.test"
	bobs = "bob@acme.test"
)

// post is a mail server with a mailbox of ours and a lead's, and the read side's view of one message.
type post struct {
	*boundary
	server  *mailserver.Server
	dir     string
	send    *SendReactor
	org     uuid.UUID
	lead    uuid.UUID
	message uuid.UUID
	box     Mailbox
	letter  OutgoingMessage
	dialer  transport.Dialer
	others  []Mailbox // connected too, before it
	asked   func()    // when the letter is; nil: nothing
}

func (p *post) OutgoingMessage(context.Context, uuid.UUID, uuid.UUID) (OutgoingMessage, error) {
	if p.asked != nil {
		p.asked()
	}
	return p.letter, nil
}
func (p *post) Mailbox(context.Context, uuid.UUID, uuid.UUID) (Mailbox, error) { return p.box, nil }
func (p *post) Connected(context.Context) ([]Mailbox, error)                   { return append(p.others, p.box), nil }
func (p *post) Seen(context.Context, uuid.UUID, uuid.UUID) (bool, error)       { return false, nil }
func (p *post) Secret(_ context.Context, _ uuid.UUID, name string) ([]byte, error) {
	if name == "of mailtest" {
		return []byte("secret"), nil
	}
	return []byte("horse"), nil
}
func (p *post) Sent(_ context.Context, _, message uuid.UUID) (SentMessage, error) {
	if message != p.message {
		return SentMessage{}, ErrGone
	}
	return SentMessage{Answered: events.Answered{MessageID: message, LeadID: p.lead, MailboxID: p.box.ID}, To: bobs, Subject: "A question"}, nil
}

func setupPost(t *testing.T) *post {
	t.Helper()
	p := &post{boundary: &boundary{}, dir: t.TempDir(), org: es.NewID(), lead: es.NewID(), message: es.NewID()}
	var err error
	if p.server, err = mailserver.New(mailserver.Options{Dir: p.dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.server.Close() })
	listen := func() (net.Listener, int) {
		l, err := loopback.Listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l, l.Addr().(*net.TCPAddr).Port
	}
	out, outPort := listen()
	in, inPort := listen()
	pemErr := errors.Join(p.server.AddAccount(jane, "horse"), p.server.AddAccount(bobs, "horse"), p.server.Serve(mailserver.Listeners{Submissions: out, IMAPS: in}))
	pem, err := os.ReadFile(filepath.Join(p.dir, mailserver.CAFile))
	roots, rootsErr := transport.RootsWith(pem)
	signer, signErr := linktoken.NewSigner(linktoken.Key{ID: 1, Secret: []byte(strings.Repeat("s", 32))})
	if err := errors.Join(pemErr, err, rootsErr, signErr); err != nil {
		t.Fatal(err)
	}
	p.dialer = transport.Dialer{LoopbackOnly: true, Roots: roots}
	at := func(port int) Server {
		return Server{Host: "127.0.0.1", Port: port, Security: "tls", Username: jane, Secret: "s"}
	}
	p.box = Mailbox{Org: p.org, ID: es.NewID(), Address: jane, DisplayName: "Jane", SMTP: at(outPort), IMAP: at(inPort)}
	p.letter = OutgoingMessage{LeadID: p.lead, To: bobs, Subject: "A question", Body: "Hello Bob, see https://example.com/a.",
		Footer: "Acme, 1 Main St", TrackOpens: true, TrackClicks: true, Previous: []uuid.UUID{es.NewID()}}
	p.send = &SendReactor{Outbox: p, Keys: ring{}, Secrets: p, Commands: p.boundary, Links: Links{signer, "https://acme.test"},
		SMTP: smtp.Options{Dialer: p.dialer}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	p.send.Reactor() // as it is run
	t.Cleanup(p.send.Close)
	return p
}

func (p *post) monitor() *Monitor {
	return &Monitor{Mail: p, Keys: ring{}, Secrets: p, Commands: p.boundary, Signer: p.send.Links.Signer, IMAP: imap.Options{Dialer: p.dialer},
		Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

// claimed claims the message and gives the fact of it.
func (p *post) claimed(t *testing.T, lease time.Duration) *es.Event {
	t.Helper()
	if _, err := p.send.Claim(context.Background(), p.org, p.box.ID, []uuid.UUID{p.message}, time.Now()); err != nil {
		t.Fatal(err)
	}
	e := fact(t, p.org, events.MessageClaimed{Ref: events.Ref{MessageID: p.message, LeadID: p.lead}, MailboxID: p.box.ID, LeaseUntil: time.Now().Add(lease)})
	e.CommandID = p.sent[len(p.sent)-1].ID
	return e
}

func (p *post) handle(t *testing.T, e *es.Event) {
	t.Helper()
	if _, err := p.send.handleClaimed(context.Background(), e); err != nil {
		t.Fatal(err)
	}
}

func (p *post) round(t *testing.T, m *Monitor) {
	t.Helper()
	t.Cleanup(m.Close)
	if err := m.Round(context.Background()); err != nil {
		t.Fatal(err)
	}
	if m.ReadAt(p.box.ID).IsZero() {
		t.Fatal("the mailbox wasn't read")
	}
}

// arrived reads what lies in the lead's inbox.
func (p *post) arrived(t *testing.T) []imap.Message {
	t.Helper()
	c := imap.New(transport.Account{Host: "127.0.0.1", Port: p.box.IMAP.Port, Username: bobs, Password: "horse"}, imap.Options{Dialer: p.dialer})
	defer c.Close()
	first, err := c.Poll(context.Background(), imap.Inbox, imap.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Poll(context.Background(), imap.Inbox, imap.Cursor{Validity: first.Next.Validity, Next: 1})
	if err != nil {
		t.Fatal(err)
	}
	return all.Messages
}

func TestAClaimedMessageIsSentOnceAndItsResultRecorded(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	e := p.claimed(t, 30*time.Second)
	p.handle(t, e)
	p.handle(t, e) // the event comes again
	got := p.arrived(t)
	if len(got) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(got))
	}
	results := of[commands.RecordResults](t, p.boundary)
	if len(results) != 1 || !results[0].Results[0].Sent || results[0].Results[0].MessageID != p.message || results[0].MailboxID != p.box.ID {
		t.Errorf("results %+v", results)
	}
	x := inbound.Read(got[0].Raw)
	if token, err := p.send.Links.Signer.VerifyMessageID(x.MessageID); err != nil || token.Message != p.message || token.Org != p.org {
		t.Errorf("Message-ID %q: %v", x.MessageID, err)
	}
	raw := strings.ReplaceAll(string(got[0].Raw), "=\r\n", "")
	for _, want := range []string{"List-Unsubscribe-Post: List-Unsubscribe=One-Click", "jane+", "In-Reply-To: <", "https://acme.test/t/c/", "https://acme.test/t/o/", "Acme, 1 Main St"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the message lacks %q", want)
		}
	}
	if strings.Contains(raw, "example.com") {
		t.Error("the destination stands in the message")
	}
}

func TestAClaimThatIsNotOursIsNotSent(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	e := p.claimed(t, 30*time.Second)
	e.CommandID = es.NewID()
	p.handle(t, e)
	if got := p.arrived(t); len(got) != 0 || len(of[commands.RecordResults](t, p.boundary)) != 0 {
		t.Errorf("%d messages arrived", len(got))
	}
}

func TestNothingIsSentBehindTheLease(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.handle(t, p.claimed(t, time.Second)) // less than the margin
	results := of[commands.RecordResults](t, p.boundary)
	if got := p.arrived(t); len(got) != 0 || len(results) != 1 || results[0].Results[0].Sent || results[0].Results[0].Code != 0 {
		t.Errorf("%d messages arrived, results %+v", len(got), results)
	}
}

func TestAnUnknownRecipientIsRefusedAtRCPT(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.letter.To = "nobody@acme.test"
	p.handle(t, p.claimed(t, 30*time.Second))
	results := of[commands.RecordResults](t, p.boundary)
	if len(results) != 1 || results[0].Results[0].Sent || results[0].Results[0].Code != 550 || results[0].Results[0].Stage != "rcpt" {
		t.Errorf("results %+v", results)
	}
}

// deliver puts a mail from the lead into our mailbox.
func (p *post) deliver(t *testing.T, id, headers, body string) {
	t.Helper()
	text := fmt.Sprintf("From: Bob <%s>\nTo: %s\nSubject: Re: A question\nMessage-ID: <%s@acme.test>\nDate: Mon, 02 Mar 2026 12:00:00 +0000\n%s\n\n%s\n", bobs, jane, id, headers, body)
	if err := p.server.Account(jane).Deliver(mailserver.Inbox, []byte(strings.ReplaceAll(text, "\n", "\r\n")), time.Now()); err != nil {
		t.Fatal(err)
	}
}

func TestAnswersAreRecordedOnceWhoeverReadsThemAgain(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	m := p.monitor()
	p.round(t, m) // where the folder ends
	begun := of[commands.RecordMailboxRead](t, p.boundary)
	if len(begun) != 1 || begun[0].UID != 0 {
		t.Fatalf("read %+v", begun)
	}
	p.box.Cursor = imap.Cursor{Validity: uint32(begun[0].UIDValidity), Next: 1}

	signer, token := p.send.Links.Signer, linktoken.Token{Org: p.org, Message: p.message}
	ours := signer.MessageID(token, "acme.test")
	reply, _ := linktoken.PlusAddress(jane, signer.Tag(linktoken.Reply, token))
	leave, _ := linktoken.PlusAddress(jane, signer.Tag(linktoken.Unsubscribe, token))
	back := time.Now().AddDate(0, 0, 14).Format(time.DateOnly)
	p.deliver(t, "a", "In-Reply-To: <"+ours+">", "Sounds good, tell me more.")
	p.deliver(t, "b", "Delivered-To: "+reply+"\nAuto-Submitted: auto-replied", "I am out of the office until "+back+".")
	p.deliver(t, "c", "Delivered-To: "+leave, "unsubscribe")
	p.deliver(t, "d", "X-Nothing: of ours", "Who won the match?")
	p.deliver(t, "e", "Content-Type: multipart/report; report-type=delivery-status; boundary=x", "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"+
		"Final-Recipient: rfc822; "+bobs+"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <"+ours+">\n\n--x--")
	p.round(t, m)
	p.round(t, p.monitor()) // another life, from the old cursor

	replies := of[commands.RecordReply](t, p.boundary)
	if len(replies) != 1 || replies[0].From != events.FromLead || replies[0].MatchedBy != "message_id" || replies[0].MessageID != p.message {
		t.Fatalf("replies %+v", replies)
	}
	if text, err := OpenText(keyOf(p.org, p.lead), BodyField, replies[0].Body); err != nil || !strings.Contains(text, "Sounds good") {
		t.Errorf("reply %q, %v", text, err)
	}
	if got := of[commands.RecordAutoReply](t, p.boundary); len(got) != 1 || !got[0].OutOfOffice || got[0].ReturnDate != back || got[0].MatchedBy != "plus_address" {
		t.Errorf("automatic replies %+v", got)
	}
	if got := of[commands.Unsubscribe](t, p.boundary); len(got) != 1 || got[0].How != events.UnsubscribeMailto {
		t.Errorf("unsubscribed %+v", got)
	}
	if got := of[commands.RecordBounce](t, p.boundary); len(got) != 1 || got[0].Code != 550 || got[0].Enhanced != "5.1.1" {
		t.Errorf("bounces %+v", got)
	}
	if read := of[commands.RecordMailboxRead](t, p.boundary); len(read) != 2 || read[1].UID != 5 {
		t.Errorf("read %+v", read)
	}
}
