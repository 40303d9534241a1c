package inbox

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/worker"
)

// post is a mail server with what the read side shows of the one message that was sent.
type post struct {
	*reactortest.Post
	others []mailboxes.Mailbox // connected too, before it
	behind error               // of the read model
}

func (p *post) Connected(context.Context) ([]mailboxes.Mailbox, error) {
	return append(p.others, p.Box), nil
}
func (p *post) SentTexts(context.Context, uuid.UUID, uuid.UUID) ([]SentText, error) {
	return nil, nil
}
func (p *post) Seen(context.Context, uuid.UUID, uuid.UUID) (bool, error) { return false, nil }
func (p *post) Sent(_ context.Context, _, message uuid.UUID) (SentMessage, error) {
	if p.behind != nil {
		return SentMessage{}, p.behind
	}
	if message != p.Message {
		return SentMessage{}, reaction.ErrGone
	}
	return SentMessage{SentMessageRef: events.SentMessageRef{MessageID: message, LeadID: p.Lead, MailboxID: p.Box.ID}, To: reactortest.Bob, Subject: "A question"}, nil
}

func setupPost(t *testing.T) *post {
	t.Helper()
	return &post{Post: reactortest.NewPost(t)}
}

func (p *post) monitor(t *testing.T) *Monitor {
	t.Helper()
	m, err := NewMonitor(MonitorConfig{Mail: p, Keys: reactortest.Ring{}, Hashes: reactortest.Hashes{}, Secrets: p, Commands: p.Boundary, Signer: p.Signer, Servers: worker.Direct{IMAP: imap.Options{Dialer: p.Dialer}},
		Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (p *post) round(t *testing.T, m *Monitor) {
	t.Helper()
	t.Cleanup(m.Close)
	if err := m.Round(context.Background()); err != nil {
		t.Fatal(err)
	}
	if m.ReadAt(p.Box.ID).IsZero() {
		t.Fatal("the mailbox wasn't read")
	}
}

// answered is a monitor that has read the mailbox once, with an answer to our message behind that.
func answered(t *testing.T) (*post, *Monitor) {
	t.Helper()
	p := setupPost(t)
	m := p.monitor(t)
	p.round(t, m)
	p.Deliver(t, "a", "In-Reply-To: <"+p.Signer.MessageID(linktoken.Token{Org: p.Org, Message: p.Message}, "acme.test")+">", "Tell me more.")
	return p, m
}

func TestWhatIsNotRecordedIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, stand := range map[string]func(*post){
		"the answer gets no answer": func(p *post) { p.Fail = failing(commands.RecordReply{}) },
		"the read model is behind":  func(p *post) { p.behind = errors.New("behind") },
		"how far it was read":       func(p *post) { p.Fail = failing(commands.RecordMailboxRead{}) },
		"how far it was read is refused": func(p *post) {
			p.Decide = func(c *es.Command) es.Answer {
				if c.Type == (commands.RecordMailboxRead{}).CommandType() {
					return es.Answer{Outcome: es.Refused, Code: "not_found"}
				}
				return es.Answer{Outcome: es.Accepted}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, m := answered(t)
			before := m.ReadAt(p.Box.ID)
			stand(p)
			if err := m.Round(context.Background()); err != nil {
				t.Fatal(err)
			}
			if !m.ReadAt(p.Box.ID).Equal(before) {
				t.Error("the mailbox counts as read")
			}
			p.Fail, p.Decide, p.behind = nil, nil, nil
			clear(p.Answers)
			p.round(t, m)
			read := reactortest.Of[commands.RecordMailboxRead](t, p.Boundary)
			if got := reactortest.Of[commands.RecordReply](t, p.Boundary); len(got) == 0 || read[len(read)-1].UID != 1 || !m.ReadAt(p.Box.ID).After(before) {
				t.Errorf("%d replies, read %+v", len(got), read)
			}
		})
	}
}

func failing(c commands.Command) func(*es.Command) error {
	return func(is *es.Command) error {
		if is.Type == c.CommandType() {
			return errors.New("nobody there")
		}
		return nil
	}
}

func TestAMailboxOutOfReachKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	p, m := answered(t)
	broken := p.Box
	broken.ID, broken.IMAP.Port = es.NewID(), 1
	p.others, m.AtOnce = []mailboxes.Mailbox{broken}, 1
	p.round(t, m)
	if got := reactortest.Of[commands.RecordReply](t, p.Boundary); len(got) != 1 || !m.ReadAt(broken.ID).IsZero() {
		t.Errorf("%d replies, the broken one was read at %s", len(got), m.ReadAt(broken.ID))
	}
}

func TestWhatWasReadLatelyIsNotReadAgainForAClaim(t *testing.T) {
	t.Parallel()
	p, m := answered(t)
	before := m.ReadAt(p.Box.ID)
	at, err := m.Fresh(context.Background(), p.Box, before)
	if err != nil || !at.Equal(before) || len(reactortest.Of[commands.RecordReply](t, p.Boundary)) != 0 {
		t.Fatalf("read at %s, %v", at, err)
	}
	at, err = m.Fresh(context.Background(), p.Box, before.Add(time.Nanosecond))
	if err != nil || !at.After(before) || len(reactortest.Of[commands.RecordReply](t, p.Boundary)) != 1 {
		t.Errorf("read at %s, %v", at, err)
	}
}

func TestAMailboxConnectedAnewIsReadWhereItIsNow(t *testing.T) {
	t.Parallel()
	p, m := answered(t)
	raw := "From: <" + reactortest.Bob + ">\r\nIn-Reply-To: <" + p.Signer.MessageID(linktoken.Token{Org: p.Org, Message: p.Message}, "acme.test") + ">\r\n\r\nHow much is it?\r\n"
	p.Box.IMAP.Username = reactortest.Bob // whose inbox stands for the new server's
	p.Box.Cursor = imap.Cursor{}
	p.round(t, m)
	if err := p.Server.Account(reactortest.Bob).Deliver(mailserver.Inbox, []byte(raw), time.Now()); err != nil {
		t.Fatal(err)
	}
	p.round(t, m)
	got := reactortest.Of[commands.RecordReply](t, p.Boundary)
	if len(got) != 1 {
		t.Fatalf("%d replies", len(got))
	}
	if text, err := sealedtext.Open(reactortest.KeyOf(p.Org, p.Lead), sealedtext.BodyField, got[0].Body); err != nil || text != "How much is it?\n" && text != "How much is it?" {
		t.Errorf("read %q, %v", text, err)
	}
}

func TestAnswersAreRecordedOnceWhoeverReadsThemAgain(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	m := p.monitor(t)
	p.round(t, m) // where the folder ends
	begun := reactortest.Of[commands.RecordMailboxRead](t, p.Boundary)
	if len(begun) != 1 || begun[0].UID != 0 {
		t.Fatalf("read %+v", begun)
	}
	p.Box.Cursor = imap.Cursor{Validity: uint32(begun[0].UIDValidity), Next: 1}

	signer, token := p.Signer, linktoken.Token{Org: p.Org, Message: p.Message}
	ours := signer.MessageID(token, "acme.test")
	reply, _ := linktoken.PlusAddress(reactortest.Jane, signer.Tag(linktoken.Reply, token))
	leave, _ := linktoken.PlusAddress(reactortest.Jane, signer.Tag(linktoken.Unsubscribe, token))
	back := time.Now().AddDate(0, 0, 14).Format(time.DateOnly)
	p.Deliver(t, "a", "In-Reply-To: <"+ours+">", "Sounds good, tell me more.")
	p.Deliver(t, "b", "Delivered-To: "+reply+"\nAuto-Submitted: auto-replied", "I am out of the office until "+back+".")
	p.Deliver(t, "c", "Delivered-To: "+leave, "unsubscribe")
	p.Deliver(t, "d", "X-Nothing: of ours", "Who won the match?")
	p.Deliver(t, "e", "Content-Type: multipart/report; report-type=delivery-status; boundary=x", "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"+
		"Final-Recipient: rfc822; "+reactortest.Bob+"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: <"+ours+">\n\n--x--")
	p.round(t, m)
	p.round(t, p.monitor(t)) // another life, from the old cursor

	replies := reactortest.Of[commands.RecordReply](t, p.Boundary)
	if len(replies) != 1 || replies[0].From != events.FromLead || replies[0].MatchedBy != "message_id" || replies[0].MessageID != p.Message {
		t.Fatalf("replies %+v", replies)
	}
	if text, err := sealedtext.Open(reactortest.KeyOf(p.Org, p.Lead), sealedtext.BodyField, replies[0].Body); err != nil || !strings.Contains(text, "Sounds good") {
		t.Errorf("reply %q, %v", text, err)
	}
	if got := reactortest.Of[commands.RecordAutoReply](t, p.Boundary); len(got) != 1 || !got[0].OutOfOffice || got[0].ReturnDate != back || got[0].MatchedBy != "plus_address" {
		t.Errorf("automatic replies %+v", got)
	}
	if got := reactortest.Of[commands.Unsubscribe](t, p.Boundary); len(got) != 1 || got[0].How != events.UnsubscribeMailto {
		t.Errorf("unsubscribed %+v", got)
	}
	if got := reactortest.Of[commands.RecordBounce](t, p.Boundary); len(got) != 1 || got[0].Code != 550 || got[0].Enhanced != "5.1.1" {
		t.Errorf("bounces %+v", got)
	}
	if read := reactortest.Of[commands.RecordMailboxRead](t, p.Boundary); len(read) != 2 || read[1].UID != 5 {
		t.Errorf("read %+v", read)
	}
}
