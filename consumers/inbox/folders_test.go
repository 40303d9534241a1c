package inbox

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/mailtest"
	"outrider/internal/mail/transport"
)

// deliverTo puts an answer to our message into a folder of the mailbox, which is made if it isn't there.
func (p *post) deliverTo(t *testing.T, folder, id string) {
	t.Helper()
	account := p.Server.Account(reactortest.Jane)
	_ = account.CreateFolder(folder)
	raw := "From: <" + reactortest.Bob + ">\r\nMessage-ID: <" + id + "@acme.test>\r\nIn-Reply-To: <" + p.Signer.MessageID(linktoken.Token{Org: p.Org, Message: p.Message}, "acme.test") + ">\r\n\r\nYes.\r\n"
	if err := account.Deliver(folder, []byte(raw), time.Now()); err != nil {
		t.Fatal(err)
	}
}

func TestAnswersInJunkAreFoundAndThoseInOtherFoldersAreNone(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	m := p.monitor(t)
	p.round(t, m)
	for _, folder := range []string{"Junk", "Drafts", "Trash", "Archive", mailserver.Sent} {
		p.deliverTo(t, folder, folder)
	}
	clock := time.Now().Add(listEvery) // the folder was made when the answer went there
	m.Now = func() time.Time { return clock }
	p.round(t, m)
	p.round(t, m)
	got := reactortest.Of[commands.RecordReply](t, p.Boundary)
	if len(got) != 1 || got[0].MailID != es.DeriveID(p.Box.ID, "message_id", "Junk@acme.test") {
		t.Errorf("replies %+v", got)
	}
	var marks []imap.Cursor
	for _, r := range reactortest.Of[commands.RecordMailboxRead](t, p.Boundary) {
		if r.Folder == "Junk" {
			marks = append(marks, imap.Cursor{Validity: uint32(r.UIDValidity), Next: uint32(r.UID) + 1})
		} else if r.Folder != imap.Inbox {
			t.Errorf("read %+v", r)
		}
	}
	if len(marks) != 1 || marks[0].Next != 2 {
		t.Fatalf("Junk was read to %+v", marks)
	}
	p.Box.Others = map[string]imap.Cursor{"Junk": marks[0]} // another life goes on behind it
	p.deliverTo(t, "Junk", "second")
	p.round(t, p.monitor(t))
	if got := reactortest.Of[commands.RecordReply](t, p.Boundary); len(got) != 2 {
		t.Errorf("replies %+v", got)
	}
}

func TestAMailThatCannotBeReadIsRecordedAndPassedOver(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	ours := "In-Reply-To: <" + p.Signer.MessageID(linktoken.Token{Org: p.Org, Message: p.Message}, "acme.test") + ">\r\n\r\nYes.\r\n"
	ca := mailtest.NewCA(t)
	script := mailtest.IMAPScript{Greeting: "* OK ready\r\n", Refuses: []uint32{1}, Answers: map[string]string{
		"EXAMINE":    "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n",
		"UID SEARCH": "* SEARCH 1 2\r\n{tag} OK done\r\n",
		"UID FETCH":  mailtest.FetchAnswer(2, ours) + "{tag} OK done\r\n",
	}}
	account := script.Serve(t, ca)
	p.Box.IMAP.Port, p.Box.Cursor = account.Port, imap.Cursor{Validity: 7, Next: 1}
	p.Dialer = transport.Dialer{LoopbackOnly: true, Roots: ca.Roots}
	m := p.monitor(t)
	t.Cleanup(m.Close)
	for i := range 4 {
		at, err := m.Fresh(context.Background(), p.Box, time.Now())
		if read := !m.ReadAt(p.Box.ID).IsZero(); read != (i > 1) || read != (err == nil) || read == at.IsZero() {
			t.Errorf("round %d: the mailbox counts as read: %v, at %s, %v", i, read, at, err)
		}
	}
	got := reactortest.Of[commands.RecordUnreadableMail](t, p.Boundary)
	if len(got) != 1 || got[0].UID != 1 || got[0].UIDValidity != 7 || got[0].Folder != imap.Inbox || !strings.Contains(got[0].Reason, "it is damaged") {
		t.Errorf("recorded %+v", got)
	}
	if replies := reactortest.Of[commands.RecordReply](t, p.Boundary); len(replies) != 1 {
		t.Errorf("replies %+v", replies)
	}
	if read := reactortest.Of[commands.RecordMailboxRead](t, p.Boundary); len(read) != 1 || read[0].UID != 2 {
		t.Errorf("read %+v", read)
	}
}

func TestATagThatComesLateIsFound(t *testing.T) {
	t.Parallel()
	report := func(l *listening) string {
		tag, _ := l.box.WithTag(l.Signer.Tag(linktoken.Mailbox, linktoken.Token{Org: l.box.Org, Message: l.box.ID}))
		return "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; " + tag +
			"\nAction: failed\nStatus: 5.1.1\n\n--x--"
	}
	to := func(kind linktoken.TokenKind, of func(l *listening) linktoken.Token) func(l *listening) string {
		return func(l *listening) string {
			tag, _ := l.box.WithTag(l.Signer.Tag(kind, of(l)))
			return "To: " + tag + "\n\nHello"
		}
	}
	self := func(l *listening) linktoken.Token { return linktoken.Token{Org: l.box.Org, Message: l.box.ID} }
	for name, x := range map[string]struct {
		noTags bool
		mail   func(l *listening) string
		want   string
	}{
		"the message to itself":               {true, to(linktoken.Mailbox, self), events.CheckPassed},
		"what is known":                       {false, to(linktoken.Mailbox, self), ""},
		"an answer to an address with a tag":  {true, to(linktoken.Reply, func(l *listening) linktoken.Token { return linktoken.Token{Org: l.box.Org, Message: l.first} }), events.CheckPassed},
		"another mailbox's":                   {true, to(linktoken.Mailbox, func(l *listening) linktoken.Token { return linktoken.Token{Org: l.box.Org, Message: l.first} }), ""},
		"another organisation's":              {true, to(linktoken.Mailbox, func(l *listening) linktoken.Token { return linktoken.Token{Org: l.first, Message: l.box.ID} }), ""},
		"a report that it can't be delivered": {true, report, events.CheckFailed},
		"tags that don't arrive any more":     {false, report, events.CheckFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupListening(t)
			l.box.NoTags = x.noTags
			l.hear(t, reactortest.Jane, imap.Batch{}, 1, x.mail(l))
			got := reactortest.Of[commands.RecordMailboxChecks](t, l.Boundary)
			switch {
			case x.want == "" && len(got) != 0:
				t.Errorf("recorded %+v", got)
			case x.want != "" && (len(got) != 1 || got[0].Checks[0].Check != events.CheckTaggedAddress || got[0].Checks[0].Outcome != x.want):
				t.Errorf("recorded %+v, want %s", got, x.want)
			}
		})
	}
}

func TestATokenInTheSubjectUnsubscribes(t *testing.T) {
	t.Parallel()
	l := setupListening(t)
	token := linktoken.Token{Org: l.box.Org, Message: l.first}
	for uid, subject := range []string{l.Signer.Tag(linktoken.Reply, token), l.Signer.Tag(linktoken.Unsubscribe, linktoken.Token{Org: es.NewID(), Message: l.first}), "unsubscribe"} {
		l.hear(t, "x@home.test", imap.Batch{}, uint32(uid+1), "Subject: unsubscribe "+subject+"\n\n")
	}
	if got := l.told(t); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	raw := "From: <x@home.test>\r\nSubject: Re: unsubscribe " + strings.ToUpper(l.Signer.Tag(linktoken.Unsubscribe, token)) + "\r\n\r\n"
	if err := l.recordMail(context.Background(), l.box, imap.Batch{}, imap.StoredMail{UID: 9, Received: reactortest.Noon(), Raw: []byte(raw)}); err != nil {
		t.Fatal(err)
	}
	if got := l.told(t); len(got) != 1 || got[0] != "unsubscribed by mailto" {
		t.Errorf("got %v", got)
	}
}

func TestTagsThatWereNeverTriedAreTriedOnce(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.Box.NoTags, p.Box.TagsUntried = true, time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	p.round(t, p.monitor(t))
	p.round(t, p.monitor(t))
	p.Box.TagsUntried = time.Time{}
	p.round(t, p.monitor(t))
	if got := reactortest.Of[commands.RequestMailboxChecks](t, p.Boundary); len(got) != 1 || got[0].MailboxID != p.Box.ID {
		t.Errorf("asked for %+v", got)
	}
}

func TestAMessageToItselfThatComesLateCounts(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		folder string
		id     func(l *listening) string
		want   bool
	}{
		"in INBOX": {imap.Inbox, func(l *listening) string { return mailboxes.NewSelfMessageID(l.Signer, l.box) }, true},
		"in Junk":  {"Junk", func(l *listening) string { return mailboxes.NewSelfMessageID(l.Signer, l.box) }, false},
		"another mailbox's": {imap.Inbox, func(l *listening) string {
			return mailboxes.NewSelfMessageID(l.Signer, mailboxes.Mailbox{Org: l.box.Org, ID: l.first, Address: reactortest.Jane})
		}, false},
		"a guess":   {imap.Inbox, func(*listening) string { return "verify.x@acme.test" }, false},
		"an answer": {imap.Inbox, func(l *listening) string { return l.id(l.box.Org, l.first) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupListening(t)
			l.hear(t, reactortest.Jane, imap.Batch{Folder: x.folder}, 1, "Message-ID: <"+x.id(l)+">\n\nHello")
			got := reactortest.Of[commands.RecordMailboxChecks](t, l.Boundary)
			if (len(got) == 1) != x.want || x.want && (len(got[0].Checks) != 1 || got[0].Checks[0] != commands.MailboxCheck{Check: events.CheckReadBack, Outcome: events.CheckPassed}) {
				t.Errorf("recorded %+v", got)
			}
		})
	}
}

// What somebody has moved into a folder of their own is heard where they chose that it is read, and once, wherever it lies.
func TestFoldersThatSomebodyHasChosenAreRead(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	p.Box.ReadFolders = []string{"Clients", "All Mail", "not there"}
	p.deliverTo(t, "Clients", "moved")
	p.deliverTo(t, "Old", "not read")
	m := p.monitor(t)
	p.round(t, m)
	p.deliverTo(t, mailserver.Inbox, "stays")
	p.deliverTo(t, "All Mail", "stays") // which shows what lies elsewhere
	clock := time.Now().Add(listEvery)
	m.Now = func() time.Time { return clock }
	p.round(t, m)
	p.round(t, m)
	replies := map[string]int{}
	for _, r := range reactortest.Of[commands.RecordReply](t, p.Boundary) {
		for _, id := range []string{"moved", "stays", "not read"} {
			if r.MailID == es.DeriveID(p.Box.ID, "message_id", id+"@acme.test") {
				replies[id]++
			}
		}
	}
	if replies["moved"] != 1 || replies["stays"] == 0 || replies["not read"] != 0 {
		t.Errorf("replies %v", replies)
	}
	positions := map[string]int64{}
	for _, r := range reactortest.Of[commands.RecordMailboxRead](t, p.Boundary) {
		positions[r.Folder] = r.UID
	}
	if positions["Clients"] != 1 || positions["All Mail"] != 1 || positions[imap.Inbox] != 1 || positions["Old"] != 0 {
		t.Errorf("read to %v", positions)
	}
	listed := reactortest.Of[commands.ListMailboxFolders](t, p.Boundary)
	last := listed[len(listed)-1].Folders
	if len(listed) != 2 || !slices.Contains(last, events.MailFolder{Name: "Old"}) || !slices.Contains(last, events.MailFolder{Name: mailserver.Sent, Use: events.FolderSent}) {
		t.Errorf("listed %+v", listed)
	}
	again := p.monitor(t) // another life knows them
	p.Box.Folders = last
	p.round(t, again)
	if n := len(reactortest.Of[commands.ListMailboxFolders](t, p.Boundary)); n != 2 {
		t.Errorf("listed %d times", n)
	}
}
