package inbox

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/lab/mailcases"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/worker"
)

// TestWhatComesOfEveryCase delivers each case to a real mail server and reads it as the product does.
func TestWhatComesOfEveryCase(t *testing.T) {
	t.Parallel()
	cases, err := mailcases.Incoming()
	if err != nil {
		t.Fatal(err)
	}
	post := reactortest.NewPost(t)
	for _, c := range cases {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			play(t, post, c)
		})
	}
}

// play reads one case, then the same mail once more, then a folder that is numbered anew.
func play(t *testing.T, post *reactortest.Post, c mailcases.Case) {
	box, login := post.Box, c.File+"@sender.test"
	box.Org, box.ID, box.Address, box.IMAP.Username = es.NewID(), es.NewID(), c.Mailbox, login
	if err := post.Server.AddAccount(login, "horse"); err != nil {
		t.Fatal(err)
	}
	h := begin(t, box, c.Lead, c.OurSubject)
	token := linktoken.Token{Org: box.Org, Message: h.sent.MessageID}
	reply, _ := linktoken.PlusAddress(c.Mailbox, post.Signer.Tag(linktoken.Reply, token))
	leave, _ := linktoken.PlusAddress(c.Mailbox, post.Signer.Tag(linktoken.Unsubscribe, token))
	raw := c.Raw(mailcases.Values{MessageID: post.Signer.MessageID(token, "sender.test"), ReplyAddress: reply, UnsubscribeAddress: leave})
	read := func(cursor imap.Cursor, deliver bool) (recorded int) {
		before := h.count()
		h.box.Cursor = cursor
		m, err := NewMonitor(MonitorConfig{Mail: h, Keys: reactortest.Ring{}, Hashes: reactortest.Hashes{}, Secrets: post, Commands: h, Signer: post.Signer, Servers: worker.Direct{IMAP: imap.Options{Dialer: post.Dialer, Now: received}},
			Now: received, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		for range 2 { // at first, where the folder ends
			if err := m.Round(context.Background()); err != nil {
				t.Fatal(err)
			}
			if m.ReadAt(box.ID).IsZero() {
				t.Fatal("the mailbox wasn't read")
			}
			if !deliver {
				break
			}
			if err := post.Server.Account(login).Deliver(mailserver.Inbox, raw, received()); err != nil {
				t.Fatal(err)
			}
			deliver = false
		}
		return h.count() - before
	}
	read(imap.Cursor{}, true)
	check(t, c, h)
	again := read(imap.Cursor{}, true)
	anew := read(imap.Cursor{Validity: 4711, Next: 3}, false)
	if again+anew > 0 {
		t.Errorf("delivered again %d events more, numbered anew %d more", again, anew)
	}
}

func check(t *testing.T, c mailcases.Case, h *history) {
	t.Helper()
	got, mail := h.told()
	var wrong []string
	if !c.Fits(got) {
		wrong = append(wrong, "got "+got+", want "+strings.Join(c.Want, " or "))
	}
	key := reactortest.KeyOf(h.box.Org, h.sent.LeadID)
	if c.Text != "" {
		if text, err := sealedtext.Open(key, sealedtext.BodyField, mail.Body); err != nil || strings.TrimSpace(text) != c.Text {
			wrong = append(wrong, "text reads "+text)
		}
	}
	if c.Subject != "" {
		if subject, err := sealedtext.Open(key, sealedtext.SubjectField, mail.Subject); err != nil || subject != c.Subject {
			wrong = append(wrong, "subject reads "+subject)
		}
	}
	if means := h.meaning(); c.Class != "" && means != c.Class {
		wrong = append(wrong, "the reply means "+means+", want "+c.Class)
	}
	if len(wrong) > 0 {
		t.Error(strings.Join(wrong, "; "))
	}
}

// TestATextBehindALargeFile is a case without a file of its own: it is an answer of 12 MB.
func TestATextBehindALargeFile(t *testing.T) {
	t.Parallel()
	post := reactortest.NewPost(t)
	line := strings.Repeat("A", 76) + "\r\n"
	raw := "From: Bob Miller <bob@example.com>\r\nTo: Jane <{{REPLY_ADDRESS}}>\r\nSubject: Re: A question\r\nMessage-ID: <r1@mail.example.com>\r\nIn-Reply-To: <{{MESSAGE_ID}}>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"aa\"\r\n\r\n--aa\r\nContent-Type: application/pdf; name=\"scan.pdf\"\r\nContent-Disposition: attachment; filename=\"scan.pdf\"\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(line, 12<<20/len(line)) + "\r\n--aa\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease remove me from your list.\r\n--aa--\r\n"
	play(t, post, mailcases.New("large.eml", raw, "a reply (of the lead) + unsubscribed"))
}
