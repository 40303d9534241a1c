package commands

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// MaxListedFolders bounds the folders of a mailbox that are known.
	MaxListedFolders = 100
	// MaxReadFolders bounds those that are read because somebody wants it.
	MaxReadFolders = 10

	maxFolderName = 255
)

// ListMailboxFolders records which folders a mailbox has.
type ListMailboxFolders events.MailboxFoldersListed

func (ListMailboxFolders) CommandType() string { return "mailbox.list_folders.v1" }

// Decide has nothing to do while they are the same.
func (c ListMailboxFolders) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case len(c.Folders) > MaxListedFolders:
		return nil, errInvalid("folders", "must be at most "+strconv.Itoa(MaxListedFolders))
	}
	for i, f := range c.Folders {
		at := "folders." + strconv.Itoa(i)
		if err := firstError(checkText(at+".name", f.Name, 1, maxFolderName), checkText(at+".shown", f.Shown, 0, maxFolderName), checkText(at+".use", f.Use, 0, 20)); err != nil {
			return nil, err
		}
	}
	if is.ListsFolders(events.MailboxFoldersListed(c)) {
		return nil, nil
	}
	return oneEvent(events.MailboxFoldersListed(c))
}

// SetMailboxFolders chooses the folders that are read besides INBOX and those of unwanted mail.
type SetMailboxFolders events.MailboxFoldersSet

func (SetMailboxFolders) CommandType() string { return "mailbox.set_folders.v1" }

// Decide takes folders that the mailbox has, and none in which no answer can lie. Those that it reads already stay, though they aren't there for now.
func (c SetMailboxFolders) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case len(c.Folders) > MaxReadFolders:
		return nil, errInvalid("folders", "must be at most "+strconv.Itoa(MaxReadFolders))
	}
	for i, name := range c.Folders {
		at := "folders." + strconv.Itoa(i)
		if strings.EqualFold(name, "INBOX") || slices.Contains(c.Folders[:i], name) {
			return nil, errInvalid(at, "is read already")
		}
		if slices.Contains(is.ReadFolders(), name) {
			continue
		}
		switch f, known := is.Folder(name); {
		case !known:
			return nil, errInvalid(at, "is no folder of this mailbox")
		case f.Use == events.FolderJunk:
			return nil, errInvalid(at, "is read already")
		case f.Use == events.FolderSent || f.Use == events.FolderDrafts || f.Use == events.FolderTrash:
			return nil, errInvalid(at, "holds no answers")
		}
	}
	if slices.Equal(is.ReadFolders(), c.Folders) {
		return nil, nil
	}
	return oneEvent(events.MailboxFoldersSet(c))
}
