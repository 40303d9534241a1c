package mailserver

import (
	"errors"
	"io"
	"slices"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

const delimiter = '/'

// imapSession is one client; the account is nil before LOGIN, the folder before SELECT.
type imapSession struct {
	server   *Instance
	account  *Account
	folder   *folder
	readOnly bool
	tracker  *imapserver.SessionTracker
	found    imap.UIDSet // the result of SEARCH RETURN (SAVE)
}

var _ imapserver.SessionIMAP4rev2 = (*imapSession)(nil)

func (s *Instance) imapServer() *imapserver.Server {
	return imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &imapSession{server: s}, nil, nil
		},
		Caps:      imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapNamespace: {}, imap.CapSpecialUse: {}},
		Logger:    silentLogger{},
		TLSConfig: s.certificate,
	})
}

func refuseIMAP(code imap.ResponseCode, text string) error {
	return &imap.Error{Type: imap.StatusResponseTypeNo, Code: code, Text: text}
}

// answerOnce gives what may be told to the client; the rest is logged.
func (c *imapSession) answerOnce(err error) error {
	var said *imap.Error
	if err == nil || errors.As(err, &said) {
		return err
	}
	c.server.log.Error("answer an IMAP client", "account", c.account.Address, "error", err)
	return refuseIMAP(imap.ResponseCodeServerBug, "Internal server error")
}

// Login checks the password.
func (c *imapSession) Login(user, password string) error {
	if c.account = c.server.store.logIn(user, password); c.account == nil {
		return imapserver.ErrAuthFailed
	}
	return nil
}

// Close ends the session.
func (c *imapSession) Close() error {
	if c.folder != nil {
		return c.Unselect()
	}
	return nil
}

// Select opens a folder; read-only for EXAMINE.
func (c *imapSession) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	f, err := c.account.folderNamed(name)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c.folder, c.readOnly, c.tracker, c.found = f, options != nil && options.ReadOnly, f.tracker.NewSession(), nil
	data := &imap.SelectData{Flags: systemFlags(), NumMessages: uint32(len(f.all)), UIDNext: f.nextUID, UIDValidity: f.validity}
	if !c.readOnly {
		data.PermanentFlags = append(systemFlags(), imap.FlagWildcard)
	}
	if i := slices.IndexFunc(f.all, func(m *message) bool { return !m.hasFlag(imap.FlagSeen) }); i >= 0 {
		data.FirstUnseenSeqNum = uint32(i) + 1
	}
	return data, nil
}

func systemFlags() []imap.Flag {
	return []imap.Flag{imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagSeen, imap.FlagDraft}
}

// Unselect closes the folder.
func (c *imapSession) Unselect() error {
	c.tracker.Close()
	c.folder, c.tracker = nil, nil
	return nil
}

// Create makes a folder.
func (c *imapSession) Create(name string, _ *imap.CreateOptions) error {
	return c.answerOnce(c.account.createFolder(name))
}

// Delete removes a folder.
func (c *imapSession) Delete(name string) error { return c.answerOnce(c.account.removeFolder(name)) }

// Rename isn't offered.
func (c *imapSession) Rename(string, string, *imap.RenameOptions) error {
	return refuseIMAP(imap.ResponseCodeCannot, "Mailboxes keep their names")
}

// Subscribe does nothing: every folder is subscribed to.
func (c *imapSession) Subscribe(name string) error {
	_, err := c.account.folderNamed(name)
	return err
}

// Unsubscribe does nothing.
func (c *imapSession) Unsubscribe(name string) error { return c.Subscribe(name) }

// Namespace names the only one.
func (c *imapSession) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{Personal: []imap.NamespaceDescriptor{{Delim: delimiter}}}, nil
}

// List names the folders that fit a pattern.
func (c *imapSession) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if len(patterns) == 0 {
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: delimiter})
	}
	for _, f := range c.account.listFolders() {
		if !slices.ContainsFunc(patterns, func(p string) bool { return imapserver.MatchList(f.name, delimiter, ref, p) }) {
			continue
		}
		data := &imap.ListData{Mailbox: f.name, Delim: delimiter}
		if options.ReturnSubscribed || options.SelectSubscribed {
			data.Attrs = append(data.Attrs, imap.MailboxAttrSubscribed)
		}
		if f.name == Sent {
			data.Attrs = append(data.Attrs, imap.MailboxAttrSent)
		} else if options.SelectSpecialUse {
			continue
		}
		if options.ReturnStatus != nil {
			data.Status = f.statusNow(options.ReturnStatus)
		}
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
}

// Status counts a folder that need not be open.
func (c *imapSession) Status(name string, options *imap.StatusOptions) (*imap.StatusData, error) {
	f, err := c.account.folderNamed(name)
	if err != nil {
		return nil, err
	}
	return f.statusNow(options), nil
}

func (f *folder) statusNow(o *imap.StatusOptions) *imap.StatusData {
	f.mu.Lock()
	defer f.mu.Unlock()
	var unseen, deleted, none uint32
	var size int64
	for _, m := range f.all {
		if !m.hasFlag(imap.FlagSeen) {
			unseen++
		}
		if m.hasFlag(imap.FlagDeleted) {
			deleted++
		}
		size += m.size
	}
	all := uint32(len(f.all))
	out := &imap.StatusData{Mailbox: f.name}
	if o.NumMessages {
		out.NumMessages = &all
	}
	if o.NumUnseen {
		out.NumUnseen = &unseen
	}
	if o.NumDeleted {
		out.NumDeleted = &deleted
	}
	if o.NumRecent {
		out.NumRecent = &none
	}
	if o.Size {
		out.Size = &size
	}
	if o.UIDNext {
		out.UIDNext = f.nextUID
	}
	if o.UIDValidity {
		out.UIDValidity = f.validity
	}
	return out
}

// Append stores a message.
func (c *imapSession) Append(name string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	f, err := c.account.folderNamed(name)
	if err != nil {
		return nil, refuseIMAP(imap.ResponseCodeTryCreate, "No such mailbox")
	}
	bytes, err := io.ReadAll(r)
	if err != nil {
		return nil, err // the connection is gone
	}
	date := options.Time
	if date.IsZero() {
		date = c.server.options.Now()
	}
	uid, err := f.addMessage(bytes, date, options.Flags)
	if err != nil {
		return nil, c.answerOnce(err)
	}
	return &imap.AppendData{UIDValidity: f.validity, UID: uid}, nil
}

// AppendLimit is the size in bytes that APPEND takes.
func (c *imapSession) AppendLimit() uint32 { return maxMessageBytes }

// Poll tells what changed.
func (c *imapSession) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if c.tracker == nil {
		return nil
	}
	return c.tracker.Poll(w, allowExpunge)
}

// Idle tells what changes until stop. The tracker's own Idle would miss what changed before it began to listen, until the
// next change.
func (c *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	if c.tracker == nil {
		<-stop
		return nil
	}
	changed, done := c.folder.addIdler()
	defer done()
	for {
		if err := c.tracker.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-stop:
			return nil
		}
	}
}
