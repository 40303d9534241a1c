package mailserver

import (
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// Store changes flags; they are kept when it is answered.
func (c *imapSession) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, _ *imap.StoreOptions) error {
	if c.readOnly {
		return errReadOnly
	}
	c.folder.mu.Lock()
	for _, p := range c.pickMessages(set) {
		next := slices.Clone(p.m.flags)
		switch flags.Op {
		case imap.StoreFlagsSet:
			next = flags.Flags
		case imap.StoreFlagsAdd:
			next = append(next, flags.Flags...)
		case imap.StoreFlagsDel:
			gone := canonicalName(flags.Flags)
			next = slices.DeleteFunc(next, func(f imap.Flag) bool { return slices.Contains(gone, f) })
		}
		i, _ := c.folder.findMessage(p.m.uid)
		if err := c.folder.setFlags(i, next, c.tracker); err != nil {
			c.folder.mu.Unlock()
			return c.answerOnce(err)
		}
	}
	c.folder.mu.Unlock()
	if flags.Silent {
		return nil
	}
	return c.Fetch(w, set, &imap.FetchOptions{Flags: true})
}

// Expunge removes what is marked deleted.
func (c *imapSession) Expunge(_ *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	if c.readOnly {
		return errReadOnly
	}
	return c.answerOnce(c.folder.expungeSeen(uids)) // the tracker tells every session, this one too
}

// Copy adds the messages to another folder.
func (c *imapSession) Copy(set imap.NumSet, name string) (*imap.CopyData, error) {
	to, err := c.account.folderNamed(name)
	if err != nil {
		return nil, refuseIMAP(imap.ResponseCodeTryCreate, "No such mailbox")
	}
	if to == c.folder {
		return nil, refuseIMAP(imap.ResponseCodeCannot, "Source and destination are the same")
	}
	c.folder.mu.Lock()
	chosen := c.pickMessages(set)
	c.folder.mu.Unlock()
	data := &imap.CopyData{UIDValidity: to.validity}
	for _, p := range chosen {
		body, err := c.folder.file.readRecords(p.m.at, p.m.size)
		if err != nil {
			return nil, c.answerOnce(err)
		}
		uid, err := to.addMessage(body, p.m.date, p.m.flags)
		if err != nil {
			return nil, c.answerOnce(err)
		}
		data.SourceUIDs.AddNum(p.m.uid)
		data.DestUIDs.AddNum(uid)
	}
	return data, nil
}

// Move copies and removes.
func (c *imapSession) Move(w *imapserver.MoveWriter, set imap.NumSet, name string) error {
	if c.readOnly {
		return errReadOnly
	}
	data, err := c.Copy(set, name)
	if err != nil {
		return err
	}
	if err := w.WriteCopyData(data); err != nil {
		return err
	}
	uids := data.SourceUIDs
	c.folder.mu.Lock()
	for i, m := range c.folder.all {
		if uids.Contains(m.uid) {
			if err := c.folder.setFlags(i, append(slices.Clone(m.flags), imap.FlagDeleted), nil); err != nil {
				c.folder.mu.Unlock()
				return c.answerOnce(err)
			}
		}
	}
	c.folder.mu.Unlock()
	return c.answerOnce(c.folder.expungeSeen(&uids))
}
