package projections

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Note is a row of read.inbox_notes: what members leave for each other in a thread.
type Note struct {
	OrgID      uuid.UUID       `db:"org_id"`
	NoteID     uuid.UUID       `db:"note_id"`
	Oseq       int64           `db:"oseq"`
	ThreadID   uuid.UUID       `db:"thread_id"`
	LeadID     uuid.UUID       `db:"lead_id"`
	AuthorKind string          `db:"author_kind"`
	AuthorID   string          `db:"author_id"`
	Body       *string         `db:"body"`     // nil once the person is erased
	Mentions   json.RawMessage `db:"mentions"` // ids of members
	CreatedAt  time.Time       `db:"created_at"`
}

// foldNotes brings notes up to date.
func foldNotes(ctx context.Context, tx pgx.Tx, t *opener, news []*es.Event, erased map[id]int64) error {
	notes := newFold[id, Note]()
	for _, e := range news {
		switch p := e.Payload.(type) {
		case events.ThreadNoted:
			mentions := p.Mentions
			if mentions == nil {
				mentions = []uuid.UUID{}
			}
			told, err := json.Marshal(mentions)
			if err != nil {
				return err
			}
			n := &Note{OrgID: e.Org, NoteID: p.NoteID, Oseq: e.Oseq, ThreadID: p.ThreadID, LeadID: p.LeadID, AuthorKind: e.Actor.Kind, AuthorID: replaceNUL(e.Actor.ID), Mentions: told, CreatedAt: e.Time}
			if e.Oseq >= erased[id{e.Org, p.LeadID}] {
				if n.Body, err = t.openText(e.Org, p.LeadID, NoteField, p.Note); err != nil {
					return err
				}
			}
			notes.putRow(id{e.Org, p.NoteID}, n)
		case events.ThreadNoteRemoved:
			notes.putRow(id{e.Org, p.NoteID}, nil)
		}
	}
	if err := deleteRows(ctx, tx, "inbox_notes", "note_id", notes.deletedKeys()); err != nil {
		return err
	}
	return upsertRows(ctx, tx, "inbox_notes", "org_id, note_id", notes.liveRows())
}

// ListNotes returns the notes of a thread, the oldest first.
func ListNotes(ctx context.Context, tx pgx.Tx, org, thread uuid.UUID) ([]*Note, error) {
	rows, err := tx.Query(ctx, selectFrom[Note]("inbox_notes")+`where org_id = $1 and thread_id = $2 order by oseq`, org, thread)
	return collectAll[Note](rows, err, "list notes")
}

// GetNote returns pgx.ErrNoRows when the organisation has no such note.
func GetNote(ctx context.Context, tx pgx.Tx, org, note uuid.UUID) (*Note, error) {
	rows, err := tx.Query(ctx, selectFrom[Note]("inbox_notes")+`where org_id = $1 and note_id = $2`, org, note)
	return collectOne[Note](rows, err, "get note")
}
