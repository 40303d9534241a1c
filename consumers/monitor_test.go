package consumers

import (
	"context"
	"errors"
	"testing"
	"time"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
)

// answered is a monitor that has read the mailbox once, with an answer to our message behind that.
func answered(t *testing.T) (*post, *Monitor) {
	t.Helper()
	p := setupPost(t)
	m := p.monitor()
	p.round(t, m)
	p.deliver(t, "a", "In-Reply-To: <"+p.send.Links.Signer.MessageID(linktoken.Token{Org: p.org, Message: p.message}, "acme.test")+">", "Tell me more.")
	return p, m
}

func TestWhatIsNotRecordedIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, stand := range map[string]func(*post){
		"the answer gets no answer": func(p *post) { p.fail = failing(commands.RecordReply{}) },
		"how far it was read":       func(p *post) { p.fail = failing(commands.RecordMailboxRead{}) },
		"how far it was read is refused": func(p *post) {
			p.decide = func(c *es.Command) es.Answer {
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
			before := m.ReadAt(p.box.ID)
			stand(p)
			if err := m.Round(context.Background()); err != nil {
				t.Fatal(err)
			}
			if !m.ReadAt(p.box.ID).Equal(before) {
				t.Error("the mailbox counts as read")
			}
			p.fail, p.decide = nil, nil
			clear(p.answers)
			p.round(t, m)
			read := of[commands.RecordMailboxRead](t, p.boundary)
			if got := of[commands.RecordReply](t, p.boundary); len(got) == 0 || read[len(read)-1].UID != 1 || !m.ReadAt(p.box.ID).After(before) {
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
	broken := p.box
	broken.ID, broken.IMAP.Port = es.NewID(), 1
	p.others, m.AtOnce = []Mailbox{broken}, 1
	p.round(t, m)
	if got := of[commands.RecordReply](t, p.boundary); len(got) != 1 || !m.ReadAt(broken.ID).IsZero() {
		t.Errorf("%d replies, the broken one was read at %s", len(got), m.ReadAt(broken.ID))
	}
}

func TestWhatWasReadLatelyIsNotReadAgainForAClaim(t *testing.T) {
	t.Parallel()
	p, m := answered(t)
	before := m.ReadAt(p.box.ID)
	at, err := m.Fresh(context.Background(), p.box, before)
	if err != nil || !at.Equal(before) || len(of[commands.RecordReply](t, p.boundary)) != 0 {
		t.Fatalf("read at %s, %v", at, err)
	}
	at, err = m.Fresh(context.Background(), p.box, before.Add(time.Nanosecond))
	if err != nil || !at.After(before) || len(of[commands.RecordReply](t, p.boundary)) != 1 {
		t.Errorf("read at %s, %v", at, err)
	}
}

func TestAMailboxConnectedAnewIsReadWhereItIsNow(t *testing.T) {
	t.Parallel()
	p, m := answered(t)
	raw := "From: <" + bobs + ">\r\nIn-Reply-To: <" + p.send.Links.Signer.MessageID(linktoken.Token{Org: p.org, Message: p.message}, "acme.test") + ">\r\n\r\nHow much is it?\r\n"
	p.box.IMAP.Username = bobs // whose inbox stands for the new server's
	p.box.Cursor = imap.Cursor{}
	p.round(t, m)
	if err := p.server.Account(bobs).Deliver(mailserver.Inbox, []byte(raw), time.Now()); err != nil {
		t.Fatal(err)
	}
	p.round(t, m)
	got := of[commands.RecordReply](t, p.boundary)
	if len(got) != 1 {
		t.Fatalf("%d replies", len(got))
	}
	if text, err := OpenText(keyOf(p.org, p.lead), BodyField, got[0].Body); err != nil || text != "How much is it?\n" && text != "How much is it?" {
		t.Errorf("read %q, %v", text, err)
	}
}
