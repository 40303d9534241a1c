package imports

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/importfile"
	"outrider/internal/blob"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
)

// chunksOf are the rows of the chunks of an import by the row that each begins with, and what it came to.
func chunksOf(t *testing.T, o *reactortest.Organization, id uuid.UUID) (chunks map[int]int, done events.ImportCompleted) {
	t.Helper()
	chunks = map[int]int{}
	for _, e := range o.Log() {
		switch p := e.Payload.(type) {
		case events.ImportChunkRecorded:
			if p.ImportID == id {
				chunks[p.FirstRow] = p.Rows
			}
		case events.ImportCompleted:
			if p.ImportID == id {
				done = p
			}
		}
	}
	return chunks, done
}

// An older program has requested an import of 1,020 rows, and recorded its first chunk: the numbers of chunks mean the same rows to the new one.
func TestAnImportThatAnOlderProgramHasBegunGoesOn(t *testing.T) {
	t.Parallel()
	o := reactortest.NewOrganization(t, reactortest.Noon(), "leads", "suppressions", "imports")
	bucket, err := blob.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	i, err := New(Config{Vault: o.Vault, Bucket: bucket, Commands: o, Reads: o.DB.Pools.API, Position: func(context.Context, int32, int64) error { return nil }, Now: o.Clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	file := "email\n" + strings.Repeat("nobody\n", 1_000)
	for n := range 20 {
		file += string(rune('a'+n)) + "@example.com\n"
	}

	id := es.NewID()
	key, err := o.Vault.CreateImportKey(t.Context(), o.ID, id, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	name := importfile.Name(o.ID, id)
	if _, err := bucket.WriteSealed(t.Context(), name, key, strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	one := 1
	old := events.ImportRequestedV2{ImportID: id, FileName: "leads.csv", Bytes: int64(len(file)), Blob: name, Charset: "utf-8", Delimiter: ",", Mapping: map[string]string{"email": "email"}, OnDuplicate: events.DuplicateSkip,
		Source: events.SourceCSVUpload, HeaderRow: &one}
	asked := *o.Happen(old.Upcast())
	asked.Type = old.EventType()
	if asked.Data, err = es.Marshal(old); err != nil {
		t.Fatal(err)
	}
	o.Do(commands.ImportLeads{ImportID: id, Chunk: 1, FirstRow: 2, Rows: 500, OnDuplicate: events.DuplicateSkip, Rejected: []events.RefusedRows{{Code: rowBadEmail, Rows: events.Rows{{2, 501}}}}})
	run := func(e *es.Event) {
		t.Helper()
		p, err := reaction.DecodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := i.Run(t.Context(), e, events.As[events.ImportRequested](p)); err != nil {
			t.Fatal(err)
		}
	}
	run(&asked)
	if chunks, done := chunksOf(t, o, id); len(chunks) != 3 || chunks[2] != 500 || chunks[502] != 500 || chunks[1_002] != 20 || done.Rows != 1_020 || done.Created != 20 || done.Rejected != 1_000 {
		t.Errorf("it goes on with chunks %v to %+v", chunks, done)
	}

	id = es.NewID()
	if _, _, err := i.Begin(t.Context(), Upload{Org: o.ID, ImportID: id, Command: es.Command{ID: es.NewID(), Time: o.Clock(), Actor: es.Actor{Kind: es.ActorPerson, ID: es.NewID().String()}, CorrelationID: id, CausationID: id, ReplyTo: -1}, FileName: "leads.csv",
		Options: csvfile.Options{}, OnDuplicate: events.DuplicateSkip, Source: events.SourceCSVUpload}, strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	for _, e := range o.Log() {
		if p, ok := e.Payload.(events.ImportRequested); ok && p.ImportID == id {
			run(e)
		}
	}
	if chunks, done := chunksOf(t, o, id); len(chunks) != 11 || chunks[2] != 100 || chunks[902] != 100 || chunks[1_002] != 20 || done.Rows != 1_020 || done.Duplicates != 20 {
		t.Errorf("one of now has chunks %v and comes to %+v", chunks, done)
	}
}
