package mailboxes

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/worker"
)

// unread is a read side that answers every question with an error.
type unread struct{ err error }

func (u unread) Mailbox(context.Context, uuid.UUID, uuid.UUID) (mailboxes.Mailbox, error) {
	return mailboxes.Mailbox{}, u.err
}

func TestAMailboxThatCannotBeReadIsVerifiedLaterAndOneThatWasRemovedNever(t *testing.T) {
	t.Parallel()
	down := errors.New("the database is down")
	for _, x := range []struct{ says, want error }{{down, down}, {fmt.Errorf("mailbox: %w", reaction.ErrGone), nil}} {
		b := &reactortest.Boundary{}
		v, err := NewVerifier(VerifyConfig{Mailboxes: unread{x.says}, Commands: b, Signer: &linktoken.Signer{}, Servers: worker.Direct{}, Now: reactortest.Noon})
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.handleConnected(context.Background(), reactortest.Fact(t, es.NewID(), events.MailboxChecksRequested{MailboxRef: events.MailboxRef{MailboxID: es.NewID()}}))
		if !errors.Is(err, x.want) {
			t.Errorf("read says %q: %v, want %v", x.says, err, x.want)
		}
		if got := reactortest.Of[commands.RecordMailboxChecks](t, b); len(got) != 0 {
			t.Errorf("read says %q: results %+v", x.says, got)
		}
	}
}
