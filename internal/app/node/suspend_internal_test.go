package node

import (
	"log/slog"
	"testing"
	"time"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/worker"
)

func TestAMailboxWhoseServerBreaksItsWorkerIsSuspendedInTheLog(t *testing.T) {
	t.Parallel()
	b := &reactortest.Boundary{}
	of := worker.Mailbox{Org: es.NewID(), ID: es.NewID()}
	(&outreach{}).suspend(b, time.Now, slog.New(slog.DiscardHandler))(of, "it does")
	got := reactortest.Of[commands.SuspendMailbox](t, b)
	if len(got) != 1 || got[0].MailboxID != of.ID || got[0].Times != worker.MaxStrikes {
		t.Errorf("asked for %+v", got)
	}
}
