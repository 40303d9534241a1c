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

// telling are servers that tell of news when a test says so; those in silent offer nothing of the kind.
type telling struct {
	worker.Servers

	silent map[uuid.UUID]bool
	news   chan struct{}
	polled chan uuid.UUID
	idled  chan uuid.UUID
}

type tellingReader struct {
	worker.Reader

	telling
	box uuid.UUID
}

func (s telling) Reader(of worker.Mailbox, _ transport.ServerLogin) worker.Reader {
	return &tellingReader{telling: s, box: of.ID}
}

func (r *tellingReader) Close()                                         {}
func (r *tellingReader) Folders(context.Context) ([]imap.Folder, error) { return nil, nil }
func (r *tellingReader) Poll(_ context.Context, folder string, from imap.Cursor) (imap.Batch, error) {
	r.polled <- r.box
	return imap.Batch{Folder: folder, Next: from, ReadAt: time.Now()}, nil
}

func (r *tellingReader) Idle(ctx context.Context, _ string, _ time.Duration) (bool, error) {
	r.idled <- r.box
	if r.silent[r.box] {
		return false, imap.ErrNoIdle
	}
	select {
	case <-r.news:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func TestAMailboxWhoseServerTellsOfNewsIsReadAtOnce(t *testing.T) {
	t.Parallel()
	p := setupPost(t)
	silent := p.Box
	silent.ID, silent.Org = es.NewID(), es.NewID()
	servers := telling{silent: map[uuid.UUID]bool{silent.ID: true}, news: make(chan struct{}), polled: make(chan uuid.UUID, 100), idled: make(chan uuid.UUID, 100)}
	m, err := NewMonitor(MonitorConfig{Mail: manyBoxes{p, []mailboxes.Mailbox{p.Box, silent}}, Keys: reactortest.Ring{}, Hashes: reactortest.Hashes{}, Secrets: p, Commands: p.Boundary, Signer: p.Signer, Servers: servers, Watch: 8,
		Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	if err := m.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := map[uuid.UUID]bool{<-servers.polled: true, <-servers.polled: true}; len(got) != 2 {
		t.Errorf("the round read %v", got)
	}
	if got := map[uuid.UUID]bool{<-servers.idled: true, <-servers.idled: true}; len(got) != 2 {
		t.Errorf("listened to are %v", got)
	}
	servers.news <- struct{}{}
	if got := <-servers.polled; got != p.Box.ID {
		t.Errorf("read is %s", got)
	}
	if got := <-servers.idled; got != p.Box.ID { // and listened to again
		t.Errorf("listened to is %s", got)
	}
	for m.isWatched(silent.ID) {
		time.Sleep(time.Millisecond)
	}
	if err := m.Round(t.Context()); err != nil { // who doesn't tell is asked in rounds, and not listened to again
		t.Fatal(err)
	}
	if one, other := <-servers.polled, <-servers.polled; one == other || m.isWatched(silent.ID) || !m.isWatched(p.Box.ID) {
		t.Error("who doesn't tell is left to rounds")
	}
}

func (m *Monitor) isWatched(mailbox uuid.UUID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.watching.boxes[mailbox] != nil
}
