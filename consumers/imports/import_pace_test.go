package imports

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/turns"
)

// standing is an importer whose read model stands still until it is released.
type standing struct {
	*Imports
	*reactortest.Boundary
	release chan struct{}
	sent    sync.WaitGroup
}

func newStanding(t *testing.T) *standing {
	t.Helper()
	s := &standing{Boundary: &reactortest.Boundary{}, release: make(chan struct{})}
	pseq := int64(0)
	s.Decide = func(c *es.Command) es.Answer {
		pseq += 500
		return es.Answer{CommandID: c.ID, Outcome: es.Accepted, Pseq: pseq, Oseq: pseq}
	}
	shown := func(ctx context.Context, _ int32, _ int64) error {
		select {
		case <-s.release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.Imports = &Imports{Config: Config{Commands: s.Boundary, Position: shown, Pace: turns.NewPace(), Now: reactortest.Noon, Log: slog.New(slog.DiscardHandler),
		Await: func(context.Context, *es.Event, ...string) error { return errSeen }}}
	return s
}

// errSeen ends a chunk that the read model shows: what follows needs a database.
var errSeen = errors.New("seen")

func (s *standing) send(t *testing.T, org uuid.UUID, chunk, rows int) {
	t.Helper()
	importID := es.DeriveID(org, "import")
	cause := reactortest.Fact(t, org, events.ImportRequested{ImportRef: events.ImportRef{ImportID: importID}})
	s.sent.Go(func() {
		if err := s.sendBlock(t.Context(), cause, []commands.ImportLeads{{ImportID: importID, Chunk: chunk, Rows: rows, Items: make([]commands.LeadItem, rows)}}); !errors.Is(err, errSeen) {
			t.Errorf("chunk %d: %v", chunk, err)
		}
	})
	synctest.Wait()
}

func TestAnImportSendsNoChunkWhileTheReadModelStandsStill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, big, small := newStanding(t), es.NewID(), es.NewID()
		for n := range 8 {
			s.send(t, big, n+1, commands.MaxItems)
		}
		if n := len(reactortest.Of[commands.ImportLeads](t, s.Boundary)); n != 2 {
			t.Fatalf("%d chunks are sent ahead of the read model, want 2", n)
		}
		s.send(t, small, 1, 10)
		chunks := reactortest.Of[commands.ImportLeads](t, s.Boundary)
		if last := chunks[len(chunks)-1]; last.Rows != 10 {
			t.Errorf("ten rows of a neighbour wait behind a big import: the last that was sent has %d", last.Rows)
		}
		close(s.release)
		s.sent.Wait()
		if n := len(reactortest.Of[commands.ImportLeads](t, s.Boundary)); n != 9 {
			t.Errorf("in the end %d chunks were sent, want 9", n)
		}
	})
}

func TestAnImportGoesOnWithoutAReadModelThatHasStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, org := newStanding(t), es.NewID()
		for n := range 5 {
			s.send(t, org, n+1, commands.MaxItems)
		}
		s.sent.Wait() // as long as it takes to give up, in the bubble's time
		if n := len(reactortest.Of[commands.ImportLeads](t, s.Boundary)); n != 5 {
			t.Errorf("%d chunks were sent, want 5", n)
		}
	})
}

func TestAnUndoWaitsForTheReadModelToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, org := newStanding(t), es.NewID()
		cause := reactortest.Fact(t, org, events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: es.NewID()}})
		var shown sync.WaitGroup
		s.sent.Go(func() {
			for n := range 4 {
				if _, err := s.undoChunk(t.Context(), cause, commands.UndoImportChunk{Chunk: n + 1, LeadIDs: make([]uuid.UUID, commands.MaxItems)}, &shown); err != nil { // as many as an older program took
					t.Error(err)
				}
			}
		})
		synctest.Wait()
		if n := len(reactortest.Of[commands.UndoImportChunk](t, s.Boundary)); n != 2 {
			t.Errorf("%d chunks are undone ahead of the read model, want 2", n)
		}
		close(s.release)
		s.sent.Wait()
		shown.Wait()
		if n := len(reactortest.Of[commands.UndoImportChunk](t, s.Boundary)); n != 4 {
			t.Errorf("in the end %d chunks were undone, want 4", n)
		}
	})
}
