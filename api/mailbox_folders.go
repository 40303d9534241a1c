package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

// folderHandlers answer which folders of mailboxes are read.
type folderHandlers struct {
	*readSide
	*writeSide
}

func forFolders(handle func(*folderHandlers, *call, uuid.UUID) error) handler {
	return withID(func(s *Server, c *call, id uuid.UUID) error {
		return handle(&folderHandlers{s.readSide, s.writeSide}, c, id)
	})
}

// foldersOf shows which folders a mailbox has, and which are read.
func foldersOf(row *projections.Mailbox) (out gen.MailboxFolders, err error) {
	out = gen.MailboxFolders{Folders: []gen.MailboxFolder{}, Version: row.Version}
	var listed []events.MailFolder
	var chosen []string
	marks := map[string]projections.InboxMark{}
	for _, x := range []struct {
		from json.RawMessage
		to   any
	}{{row.Folders, &listed}, {row.ReadFolders, &chosen}, {row.Inbox, &marks}} {
		if len(x.from) == 0 {
			continue
		}
		if err := json.Unmarshal(x.from, x.to); err != nil {
			return out, fmt.Errorf("read folders of mailbox %s: %w", row.MailboxID, err)
		}
	}
	out.Listed = row.Folders != nil
	for _, name := range chosen {
		if !slices.ContainsFunc(listed, func(f events.MailFolder) bool { return f.Name == name }) {
			listed = append(listed, events.MailFolder{Name: name})
			out.Missing = append(out.Missing, name)
		}
	}
	for _, f := range listed {
		is := gen.MailboxFolder{Name: f.Name, Shown: f.Name, Use: gen.MailboxFolderUse(f.Use), Chosen: slices.Contains(chosen, f.Name), ReadAt: marks[f.Name].ReadAt}
		if f.Shown != "" {
			is.Shown = f.Shown
		}
		switch {
		case f.Name == "INBOX", f.Use == events.FolderJunk:
			is.Reading = gen.MailboxFolderReadingAlways
		case is.Chosen:
			is.Reading = gen.MailboxFolderReadingChosen
		case f.Use == events.FolderSent, f.Use == events.FolderDrafts, f.Use == events.FolderTrash:
			is.Reading = gen.MailboxFolderReadingNever
		default:
			is.Reading = gen.MailboxFolderReadingNot
		}
		out.Folders = append(out.Folders, is)
	}
	return out, nil
}

func (h *folderHandlers) showFolders(c *call, id uuid.UUID) error {
	var out gen.MailboxFolders
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetMailbox(c.ctx, tx, c.who.Org, id)
		if err == nil {
			out, err = foldersOf(row)
		}
		return err
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *folderHandlers) setFolders(c *call, id uuid.UUID) error {
	var body gen.MailboxFoldersInput
	if err := c.decodeBody(&body); err != nil {
		return err
	}
	a, err := h.submitOwn(c, commands.SetMailboxFolders{MailboxRef: events.MailboxRef{MailboxID: id}, Folders: body.Folders})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "mailboxes", a, func() error { return h.showFolders(c, id) })
}
