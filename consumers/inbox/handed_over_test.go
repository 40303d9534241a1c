package inbox

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/inbound"
)

// TestMailThatIsHandedOverIsReadAsMailInAFolder: it is recorded once however often it is posted, and for the mailbox that its envelope names.
func TestMailThatIsHandedOverIsReadAsMailInAFolder(t *testing.T) {
	t.Parallel()
	l := setupListening(t)
	other := mailboxes.Mailbox{Org: l.box.Org, ID: es.NewID(), Address: "second@sender.test"}
	r, err := NewReceiver(l.MonitorConfig, func(context.Context, uuid.UUID) ([]mailboxes.Mailbox, error) {
		return []mailboxes.Mailbox{other, l.box}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tag := l.Signer.Tag(linktoken.Reply, linktoken.Token{Org: l.box.Org, Message: l.first})
	tagged, _ := linktoken.PlusAddress(l.box.Address, tag)
	raw := []byte("From: <" + reactortest.Bob + ">\r\nTo: <somebody@else.test>\r\nSubject: Re: A question\r\nMessage-ID: <a@b.test>\r\nReferences: <" + l.id(l.box.Org, l.first) + ">\r\n\r\nYes, gladly.\r\n")
	for range 3 {
		if err := r.Receive(t.Context(), l.box.Org, other.ID, []string{tagged}, raw, reactortest.Noon()); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(l.told(t)); got != "[reply of lead by message_id]" {
		t.Errorf("recorded %s", got)
	}
	replies := reactortest.Of[commands.RecordReply](t, l.Boundary)
	if want := mailIDOf(l.box.ID, inbound.Read(raw), raw); replies[0].MailID != want {
		t.Errorf("recorded for another mailbox: %s", replies[0].MailID)
	}
	for _, broken := range []string{"x", "", "From: nobody\r\n", strings.Repeat("A: b\r\n", 10_000)} {
		if err := r.Receive(t.Context(), l.box.Org, l.box.ID, nil, []byte(broken), reactortest.Noon()); err != nil {
			t.Errorf("%.10q: %v", broken, err)
		}
	}
	if err := r.Receive(t.Context(), l.box.Org, es.NewID(), nil, raw, reactortest.Noon()); err != nil || len(reactortest.Of[commands.RecordReply](t, l.Boundary)) != 1 {
		t.Errorf("for a mailbox that is gone: %v", err)
	}
}

func TestWhomAnEnvelopeNames(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"a+tag@x.test": "a@x.test", "a+b+tag@x.test": "a+b@x.test", "a@x.test": "a@x.test", "": "", "+": "+"} {
		if got := withoutTag(address); got != want {
			t.Errorf("%s without its tag is %s", address, got)
		}
	}
}
