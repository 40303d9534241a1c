package consumers

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// unread is a read side that answers every question with an error.
type unread struct{ err error }

func (u unread) OutgoingMessage(context.Context, uuid.UUID, uuid.UUID) (OutgoingMessage, error) {
	return OutgoingMessage{}, u.err
}
func (u unread) Mailbox(context.Context, uuid.UUID, uuid.UUID) (Mailbox, error) {
	return Mailbox{}, u.err
}

func TestAMailboxThatCannotBeReadIsVerifiedLaterAndOneThatWasRemovedNever(t *testing.T) {
	t.Parallel()
	down := errors.New("the database is down")
	for _, x := range []struct{ says, want error }{{down, down}, {fmt.Errorf("mailbox: %w", ErrGone), nil}} {
		b := &boundary{}
		v := &Verifier{Mailboxes: unread{x.says}, Commands: b, Now: noon}
		_, err := v.handleConnected(context.Background(), fact(t, es.NewID(), events.MailboxChecksRequested{MailboxID: es.NewID()}))
		if !errors.Is(err, x.want) {
			t.Errorf("read says %q: %v, want %v", x.says, err, x.want)
		}
		if got := of[commands.RecordMailboxChecks](t, b); len(got) != 0 {
			t.Errorf("read says %q: results %+v", x.says, got)
		}
	}
}
