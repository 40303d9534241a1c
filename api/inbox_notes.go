package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/sealedtext"
	"outrider/internal/identity"
	"outrider/projections"
)

func noteOf(c *call, n *projections.Note) (gen.InboxNote, error) {
	out := gen.InboxNote{ID: n.NoteID, ThreadID: n.ThreadID, Text: valueOrZero(n.Body), Author: n.AuthorKind + ":" + n.AuthorID, Mine: isAuthor(c, n), CreatedAt: n.CreatedAt}
	if err := json.Unmarshal(n.Mentions, &out.Mentions); err != nil {
		return out, fmt.Errorf("mentions of note %s: %w", n.NoteID, err)
	}
	return out, nil
}

func isAuthor(c *call, n *projections.Note) bool {
	who := c.actorOf()
	return who.Kind == n.AuthorKind && who.ID == n.AuthorID
}

func (x *inboxHandlers) listNotes(c *call, id uuid.UUID) error {
	var notes []*projections.Note
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if _, err = projections.GetInboxThread(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		notes, err = projections.ListNotes(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	out := gen.InboxNoteList{Data: make([]gen.InboxNote, len(notes))}
	for i, n := range notes {
		var err error
		if out.Data[i], err = noteOf(c, n); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

func (x *inboxHandlers) createNote(c *call, id uuid.UUID, body gen.InboxNoteCreate) error {
	text := strings.TrimSpace(body.Text)
	if text == "" {
		return invalidField("text", "is blank")
	}
	var thread *projections.InboxThread
	if err := x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		thread, err = projections.GetInboxThread(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	in, err := x.beginOwn(c)
	if err != nil {
		return err
	}
	key, err := x.keyOfLead(in, thread.LeadID)
	if err != nil {
		return err
	}
	cmd := commands.WriteNote{ThreadID: id, NoteID: in.newID("note"), Mentions: body.Mentions}
	if cmd.Note, err = sealedtext.Seal(key, projections.NoteField, text); err != nil {
		return err
	}
	a, err := x.submitCommand(in, cmd)
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "inbox", a, func() error {
		n, err := x.readNote(c, cmd.NoteID)
		if err != nil {
			return err
		}
		shown, err := noteOf(c, n)
		if err != nil {
			return err
		}
		return c.answerCreated(shown, "/v1/inbox/"+id.String()+"/notes", 0)
	})
}

func (x *inboxHandlers) readNote(c *call, id uuid.UUID) (n *projections.Note, err error) {
	err = x.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		n, err = projections.GetNote(c.ctx, tx, c.who.Org, id)
		return err
	})
	return n, err
}

// removeNote takes away what one has written oneself; what others wrote, those who look after members.
func (x *inboxHandlers) removeNote(c *call, id uuid.UUID) error {
	n, err := x.readNote(c, id)
	if err != nil {
		return err
	}
	if !isAuthor(c, n) && !c.who.Has(identity.MembersManage) {
		return forbiddenProblem("to be its author, or members:manage", identity.MembersManage)
	}
	a, err := x.submitOwn(c, commands.RemoveNote{ThreadID: n.ThreadID, NoteID: id})
	if err != nil {
		return err
	}
	return x.showAfterChange(c, "inbox", a, func() error { return c.answerNothing() })
}
