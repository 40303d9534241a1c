package inbox

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/worker"
)

// listening is a monitor that is handed mails, and what the read side knows: two messages to Bob.
type listening struct {
	*reactortest.Boundary
	*Monitor
	box    mailboxes.Mailbox
	first  uuid.UUID
	second uuid.UUID
	seen   bool // every mail is recorded already
}

func (l *listening) Connected(context.Context) ([]mailboxes.Mailbox, error) {
	return []mailboxes.Mailbox{l.box}, nil
}
func (l *listening) SentTexts(context.Context, uuid.UUID, uuid.UUID) ([]SentText, error) {
	return nil, nil
}
func (l *listening) Seen(context.Context, uuid.UUID, uuid.UUID) (bool, error) { return l.seen, nil }
func (l *listening) Sent(_ context.Context, _, m uuid.UUID) (SentMessage, error) {
	if m != l.first && m != l.second {
		return SentMessage{}, reaction.ErrGone
	}
	return SentMessage{SentMessageRef: events.SentMessageRef{MessageID: m, LeadID: l.box.ID}, To: reactortest.Bob, Subject: "A question"}, nil
}

func setupListening(t *testing.T) *listening {
	t.Helper()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: []byte(strings.Repeat("s", 32))})
	if err != nil {
		t.Fatal(err)
	}
	l := &listening{Boundary: &reactortest.Boundary{}, box: mailboxes.Mailbox{Org: es.NewID(), ID: es.NewID(), Address: reactortest.Jane}, first: es.NewID(), second: es.NewID()}
	if l.Monitor, err = NewMonitor(MonitorConfig{Mail: l, Keys: reactortest.Ring{}, Hashes: reactortest.Hashes{}, Commands: l.Boundary, Signer: signer, Servers: worker.Direct{}, Now: reactortest.Noon, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	return l
}

// hear reads one mail from somebody, with headers in front of the body.
func (l *listening) hear(t *testing.T, from string, batch imap.Batch, uid uint32, rest string) {
	t.Helper()
	batch.Next.Validity = 1
	raw := strings.ReplaceAll("From: <"+from+">\nSubject: Re: A question\n"+rest, "\n", "\r\n")
	if err := l.recordMail(context.Background(), l.box, batch, imap.StoredMail{UID: uid, Received: reactortest.Noon(), Raw: []byte(raw)}); err != nil {
		t.Fatal(err)
	}
}

// told says in short what was submitted.
func (l *listening) told(t *testing.T) (out []string) {
	t.Helper()
	for _, c := range reactortest.Of[commands.RecordReply](t, l.Boundary) {
		out = append(out, "reply of "+c.From+" by "+c.MatchedBy)
	}
	for _, c := range reactortest.Of[commands.RecordAutoReply](t, l.Boundary) {
		out = append(out, fmt.Sprintf("automatic, away: %v %s", c.OutOfOffice, c.ReturnDate))
	}
	for _, c := range reactortest.Of[commands.RecordBounce](t, l.Boundary) {
		out = append(out, fmt.Sprintf("bounce %d %s", c.Code, c.Enhanced))
	}
	for _, c := range reactortest.Of[commands.RecordComplaint](t, l.Boundary) {
		out = append(out, "complaint "+c.Kind)
	}
	for _, c := range reactortest.Of[commands.Unsubscribe](t, l.Boundary) {
		out = append(out, "unsubscribed by "+c.How)
	}
	return out
}

func (l *listening) id(org, message uuid.UUID) string {
	return l.Signer.MessageID(linktoken.Token{Org: org, Message: message}, "acme.test")
}

func TestWhatAMailMeans(t *testing.T) {
	t.Parallel()
	// REF is the Message-ID of our first message, TAG and OTHER are addresses for answers to the first and the second.
	report := func(recipients ...string) string {
		groups := ""
		for _, r := range recipients {
			groups += r + "\n\n"
		}
		return "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n" + groups +
			"--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <REF>\n\n--x--"
	}
	feedback := func(kind string) string {
		return "Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: " + kind +
			"\nVersion: 1\nOriginal-Rcpt-To: redacted@acme.test\n\n--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <REF>\nTo: redacted@acme.test\n\n--x--"
	}
	failed := "Final-Recipient: rfc822; " + reactortest.Bob + "\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no"
	for name, c := range map[string]struct {
		from, mail string
		want       []string
	}{
		"an answer":                                    {reactortest.Bob, "In-Reply-To: <REF>\n\nTell me more.", []string{"reply of lead by message_id"}},
		"an answer from another address":               {"bob@home.test", "In-Reply-To: <REF>\n\nTell me more.", []string{"reply of alias by message_id"}},
		"an answer to the address with a tag":          {reactortest.Bob, "Delivered-To: TAG\n\nTell me more.", []string{"reply of lead by plus_address"}},
		"an answer that wants no more mail":            {reactortest.Bob, "In-Reply-To: <REF>\n\nPlease remove me from your list.", []string{"reply of lead by message_id", "unsubscribed by reply"}},
		"an absence":                                   {reactortest.Bob, "In-Reply-To: <REF>\nAuto-Submitted: auto-replied\n\nOut of office until 2026-03-16.", []string{"automatic, away: true 2026-03-16"}},
		"an absence without a date":                    {reactortest.Bob, "In-Reply-To: <REF>\nAuto-Submitted: auto-replied\n\nI am on vacation.", []string{"automatic, away: true "}},
		"a ticket":                                     {reactortest.Bob, "In-Reply-To: <REF>\nAuto-Submitted: auto-replied\n\nTicket 5 was opened.", []string{"automatic, away: false "}},
		"our own copy":                                 {reactortest.Jane, "In-Reply-To: <REF>\n\nHello Bob", nil},
		"an answer to another organisation's message":  {reactortest.Bob, "In-Reply-To: <FOREIGN>\n\nTell me more.", nil},
		"an answer to a message that is gone":          {reactortest.Bob, "In-Reply-To: <GONE>\n\nTell me more.", nil},
		"a report of failure":                          {"mailer-daemon@mx.test", report(failed), []string{"bounce 550 5.1.1"}},
		"a report that names nobody":                   {"mailer-daemon@mx.test", report("Action: failed\nStatus: 5.2.2"), []string{"bounce 0 5.2.2"}},
		"a report of delay":                            {"mailer-daemon@mx.test", report("Final-Recipient: rfc822; " + reactortest.Bob + "\nAction: delayed\nStatus: 4.4.1"), nil},
		"a report on somebody else":                    {"mailer-daemon@mx.test", report("Final-Recipient: rfc822; eve@acme.test\nAction: failed\nStatus: 5.1.1"), nil},
		"a report on somebody else and the lead":       {"mailer-daemon@mx.test", report("Final-Recipient: rfc822; eve@acme.test\nAction: failed\nStatus: 5.7.1", failed), []string{"bounce 550 5.1.1"}},
		"a complaint, with the address taken out":      {"fbl@isp.test", feedback("abuse"), []string{"complaint abuse"}},
		"a mail that was taken out of the junk folder": {"fbl@isp.test", feedback("not-spam"), []string{"automatic, away: false "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupListening(t)
			tag, _ := linktoken.PlusAddress(reactortest.Jane, l.Signer.Tag(linktoken.Reply, linktoken.Token{Org: l.box.Org, Message: l.first}))
			l.hear(t, c.from, imap.Batch{}, 1, strings.NewReplacer("REF", l.id(l.box.Org, l.first), "FOREIGN", l.id(es.NewID(), l.first), "GONE", l.id(l.box.Org, es.NewID()), "TAG", tag).Replace(c.mail))
			if got := l.told(t); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAMessageIDSaysMoreThanAnAddress(t *testing.T) {
	t.Parallel()
	l := setupListening(t)
	tag, _ := linktoken.PlusAddress(reactortest.Jane, l.Signer.Tag(linktoken.Reply, linktoken.Token{Org: l.box.Org, Message: l.second}))
	l.hear(t, reactortest.Bob, imap.Batch{}, 1, "Delivered-To: "+tag+"\nIn-Reply-To: <"+l.id(l.box.Org, l.first)+">\n\nYes")
	if got := reactortest.Of[commands.RecordReply](t, l.Boundary); len(got) != 1 || got[0].MessageID != l.first {
		t.Errorf("got %+v", got)
	}
}

func TestAFolderThatIsNumberedAnewRepeatsNothing(t *testing.T) {
	t.Parallel()
	l := setupListening(t)
	answer := "Message-ID: <1@acme.test>\nIn-Reply-To: <" + l.id(l.box.Org, l.first) + ">\n\nYes"
	l.hear(t, reactortest.Bob, imap.Batch{}, 1, answer)
	l.hear(t, reactortest.Bob, imap.Batch{Reset: true}, 7, answer) // not known yet: it may have come meanwhile
	l.seen = true
	l.hear(t, reactortest.Bob, imap.Batch{Reset: true}, 8, answer)
	got := reactortest.Of[commands.RecordReply](t, l.Boundary)
	if len(got) != 2 || got[0].MailID != got[1].MailID {
		t.Errorf("got %+v", got)
	}
}

// Their key is destroyed before the read model shows it: with a new one their words would outlive them.
func TestAMailOfWhoIsBeingErasedIsNotKept(t *testing.T) {
	t.Parallel()
	l := setupListening(t)
	l.Keys = reactortest.Ring{Erased: map[uuid.UUID]bool{l.box.ID: true}} // the lead's id, in what Sent says
	l.hear(t, reactortest.Bob, imap.Batch{}, 1, "In-Reply-To: <"+l.id(l.box.Org, l.first)+">\n\nTell me more.")
	if got := l.told(t); len(got) > 0 || len(l.Submitted) > 0 {
		t.Errorf("it is told as %q, %d commands", got, len(l.Submitted))
	}
}
