package projections

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Snippet is a row of read.snippets: a text that members put into answers.
type Snippet struct {
	OrgID     uuid.UUID `db:"org_id"`
	SnippetID uuid.UUID `db:"snippet_id"`
	Oseq      int64     `db:"oseq"` // of the first version
	Version   int       `db:"version"`
	Name      string    `db:"name"`
	Text      string    `db:"text"`
	ChangedBy string    `db:"changed_by"` // kind:id
	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`
}

func foldSnippets(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	for _, e := range batch {
		if p := events.As[events.SnippetEvent](e.Payload); p != nil {
			touched = append(touched, id{e.Org, p.Snippet()})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, Snippet]()
	if err := loadRows(ctx, tx, rows, "snippets", "snippet_id", touched, func(s *Snippet) id { return id{s.OrgID, s.SnippetID} }); err != nil {
		return err
	}
	for _, e := range batch {
		switch p := events.As[events.SnippetEvent](e.Payload).(type) {
		case events.SnippetSaved:
			row := &Snippet{OrgID: e.Org, SnippetID: p.SnippetID, Oseq: e.Oseq, Version: p.Version, Name: replaceNUL(p.Name), Text: replaceNUL(p.Text),
				ChangedBy: e.Actor.Kind + ":" + replaceNUL(e.Actor.ID), CreatedAt: e.Time, UpdatedAt: e.Time}
			if was := rows.rows[id{e.Org, p.SnippetID}]; was != nil {
				row.Oseq, row.CreatedAt = was.Oseq, was.CreatedAt
			}
			rows.putRow(id{e.Org, p.SnippetID}, row)
		case events.SnippetRemoved:
			rows.putRow(id{e.Org, p.SnippetID}, nil)
		}
	}
	return errors.Join(deleteRows(ctx, tx, "snippets", "snippet_id", rows.deletedKeys()), upsertRows(ctx, tx, "snippets", "org_id, snippet_id", rows.liveRows()))
}

// ListSnippets returns all of an organisation, by name.
func ListSnippets(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*Snippet, error) {
	rows, err := tx.Query(ctx, selectFrom[Snippet]("snippets")+`where org_id = $1 order by lower(name), snippet_id`, org)
	return collectAll[Snippet](rows, err, "list snippets")
}

// GetSnippet returns pgx.ErrNoRows when the organisation has no such snippet.
func GetSnippet(ctx context.Context, tx pgx.Tx, org, snippet uuid.UUID) (*Snippet, error) {
	rows, err := tx.Query(ctx, selectFrom[Snippet]("snippets")+`where org_id = $1 and snippet_id = $2`, org, snippet)
	return collectOne[Snippet](rows, err, "get snippet")
}
