package mailserver

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// message is what is kept in memory; its bytes stay in the file.
type message struct {
	uid   imap.UID
	at    int64
	size  int64
	date  time.Time
	flags []imap.Flag // sorted, never changed in place
}

// folder is one IMAP mailbox of an account.
type folder struct {
	name     string
	validity uint32
	file     *recordFile
	tracker  *imapserver.MailboxTracker

	mu      sync.Mutex
	idlers  map[chan struct{}]bool // sessions to wake up, see Idle
	all     []*message             // by UID
	nextUID imap.UID
}

func newFolder(name string, validity uint32, file *recordFile) *folder {
	return &folder{name: name, validity: validity, file: file, tracker: imapserver.NewMailboxTracker(0), nextUID: 1}
}

// addMessage stores a message; when it returns without an error the message outlives the process.
func (f *folder) addMessage(bytes []byte, date time.Time, flags []imap.Flag) (imap.UID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := record{Kind: "message", Folder: f.name, UID: uint32(f.nextUID), Date: date.UTC(), Flags: asText(canonicalName(flags))}
	at, err := f.file.appendRecord(r, bytes)
	if err != nil {
		return 0, err
	}
	r.Size = int64(len(bytes))
	f.applyMessage(r, at)
	return imap.UID(r.UID), nil
}

// The apply functions change memory only; they serve the replay too. f.mu is held, or nobody else knows f yet.

func (f *folder) applyMessage(r record, at int64) {
	f.all = append(f.all, &message{imap.UID(r.UID), at, r.Size, r.Date, asFlags(r.Flags)})
	f.nextUID = imap.UID(r.UID) + 1
	f.tracker.QueueNumMessages(uint32(len(f.all)))
	f.wakeIdlers()
}

func (f *folder) applyFlags(r record, by *imapserver.SessionTracker) {
	if i, ok := f.findMessage(imap.UID(r.UID)); ok {
		m := *f.all[i] // readers may hold the old one
		m.flags = asFlags(r.Flags)
		f.all[i] = &m
		f.tracker.QueueMessageFlags(uint32(i)+1, m.uid, m.flags, by)
		f.wakeIdlers()
	}
}

func (f *folder) applyExpunge(r record) {
	if i, ok := f.findMessage(imap.UID(r.UID)); ok {
		f.all = slices.Delete(f.all, i, i+1)
		f.tracker.QueueExpunge(uint32(i) + 1)
		f.wakeIdlers()
	}
}

// wakeIdlers has every idling session look again; f.mu is held.
func (f *folder) wakeIdlers() {
	for one := range f.idlers {
		select {
		case one <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// addIdler gives a channel that is filled with every change from now on, until done is called.
func (f *folder) addIdler() (changed <-chan struct{}, done func()) {
	one := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.idlers == nil {
		f.idlers = map[chan struct{}]bool{}
	}
	f.idlers[one] = true
	return one, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.idlers, one)
	}
}

func (f *folder) findMessage(uid imap.UID) (int, bool) {
	i := sort.Search(len(f.all), func(i int) bool { return f.all[i].uid >= uid })
	return i, i < len(f.all) && f.all[i].uid == uid
}

// setFlags makes them the flags of the message at index i and tells every session but by.
func (f *folder) setFlags(i int, flags []imap.Flag, by *imapserver.SessionTracker) error {
	m := f.all[i]
	if flags = canonicalName(flags); slices.Equal(flags, m.flags) {
		return nil
	}
	r := record{Kind: "flags", Folder: f.name, UID: uint32(m.uid), Flags: asText(flags)}
	if _, err := f.file.appendRecord(r, nil); err != nil {
		return err
	}
	f.applyFlags(r, by)
	return nil
}

// expungeSeen removes messages marked deleted, of uids only unless that is nil.
func (f *folder) expungeSeen(uids *imap.UIDSet) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := len(f.all) - 1; i >= 0; i-- {
		m := f.all[i]
		if !m.hasFlag(imap.FlagDeleted) || uids != nil && !uids.Contains(m.uid) {
			continue
		}
		r := record{Kind: "expunge", Folder: f.name, UID: uint32(m.uid)}
		if _, err := f.file.appendRecord(r, nil); err != nil {
			return err
		}
		f.applyExpunge(r)
	}
	return nil
}

func (m *message) hasFlag(flag imap.Flag) bool { return slices.Contains(m.flags, canonicalFlag(flag)) }

// canonicalFlag returns a flag of the system in the case in which it is shown; flags are compared without case.
func canonicalFlag(flag imap.Flag) imap.Flag {
	for _, known := range []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft} {
		if strings.EqualFold(string(known), string(flag)) {
			return known
		}
	}
	return imap.Flag(strings.ToLower(string(flag)))
}

func canonicalName(flags []imap.Flag) []imap.Flag {
	out := make([]imap.Flag, 0, len(flags))
	for _, f := range flags {
		out = append(out, canonicalFlag(f))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func asText(flags []imap.Flag) []string {
	var out []string
	for _, f := range flags {
		out = append(out, string(f))
	}
	return out
}

func asFlags(text []string) []imap.Flag {
	out := make([]imap.Flag, 0, len(text))
	for _, t := range text {
		out = append(out, imap.Flag(t))
	}
	return out
}
