package inbox

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// endless serves inboxes: all but those of one organisation never end, and never answer a second time until the test is over.
type endless struct {
	worker.Servers

	calm uuid.UUID
	over chan struct{}
}

type endlessReader struct {
	worker.Reader

	endless
	org   uuid.UUID
	asked int
}

func (s endless) Reader(of worker.Mailbox, _ transport.ServerLogin) worker.Reader {
	return &endlessReader{endless: s, org: of.Org}
}

func (r *endlessReader) Close()                                         {}
func (r *endlessReader) Folders(context.Context) ([]imap.Folder, error) { return nil, nil }
func (r *endlessReader) Poll(ctx context.Context, folder string, from imap.Cursor) (imap.Batch, error) {
	if r.org == r.calm {
		return imap.Batch{Folder: folder, Next: from, ReadAt: time.Now()}, nil
	}
	if r.asked++; r.asked > turnBatches+1 { // a tarpit after the first turn
		select {
		case <-r.over:
		case <-ctx.Done():
			return imap.Batch{}, ctx.Err()
		}
	}
	return imap.Batch{Folder: folder, Next: from, More: true}, nil
}

// manyBoxes are more mailboxes of a few organisations than are read at once, and one of their neighbour behind them.
type manyBoxes struct {
	*post
	boxes []mailboxes.Mailbox
}

func (m manyBoxes) Connected(context.Context) ([]mailboxes.Mailbox, error) { return m.boxes, nil }

func TestInboxesWithoutEndKeepNobodyElseFromBeingRead(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	over := make(chan struct{})
	all := manyBoxes{post: p}
	for range 5 {
		flood := es.NewID()
		for range 20 {
			box := p.Box
			box.ID, box.Org = es.NewID(), flood
			all.boxes = append(all.boxes, box)
		}
	}
	all.boxes = append(all.boxes, p.Box)
	m, err := NewMonitor(MonitorConfig{Mail: all, Keys: reactortest.Ring{}, Hashes: reactortest.Hashes{}, Secrets: p, Commands: p.Boundary, Signer: p.Signer, Servers: endless{calm: p.Box.Org, over: over}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { _ = m.Round(ctx); close(ended) }()
	for m.ReadAt(p.Box.ID).IsZero() {
		select {
		case <-ended:
			t.Fatal("the round ends without the neighbour")
		case <-time.After(time.Millisecond):
		}
	}
	for _, b := range all.boxes[:len(all.boxes)-1] {
		if !m.ReadAt(b.ID).IsZero() {
			t.Error("an inbox without an end was read to it")
		}
	}
	cancel()
	close(over)
	<-ended
}
