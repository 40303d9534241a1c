package inbox

import (
	"testing"

	"outrider/commands"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/pii"
)

func TestAnAnswerIsRecordedWithWhatItIsCalled(t *testing.T) {
	t.Parallel()
	l := setupListening(t)
	id := "Message-ID: <a1@victim.test>\nIn-Reply-To: <" + l.Signer.MessageID(linktoken.Token{Org: l.box.Org, Message: l.first}, "acme.test") + ">\n\nYes, gladly.\n"
	l.hear(t, "Bob.Other@Victim.test", imap.Batch{}, 1, id)
	replies, named := reactortest.Of[commands.RecordReply](t, l.Boundary), reactortest.Of[commands.IdentifyMail](t, l.Boundary)
	if len(replies) != 1 || len(named) != 1 || named[0].MailID != replies[0].MailID || named[0].LeadID != replies[0].LeadID || named[0].Header.IsZero() || named[0].AddressHash != new(pii.Hasher).AddressHash("bob.other@victim.test").String() {
		t.Fatalf("replies %+v, named %+v", replies, named)
	}
	if order := l.Submitted; order[len(order)-1].Type != (commands.IdentifyMail{}).CommandType() {
		t.Errorf("a mail is named before its answer is recorded: %v", order)
	}
}

func TestNobodyIsNamedWhoseAddressIsNone(t *testing.T) {
	t.Parallel()
	l := setupListening(t)
	l.hear(t, "bob", imap.Batch{}, 1, "In-Reply-To: <"+l.Signer.MessageID(linktoken.Token{Org: l.box.Org, Message: l.first}, "acme.test")+">\n\nYes, gladly.\n")
	if n := len(reactortest.Of[commands.IdentifyMail](t, l.Boundary)); n != 0 || len(reactortest.Of[commands.RecordReply](t, l.Boundary)) != 1 {
		t.Errorf("%d mails are named, of %v", n, l.Submitted)
	}
}
