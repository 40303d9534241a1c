package aggregates

import (
	"crypto/sha256"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Mailbox is what sending and its limits need to know of a mailbox.
type Mailbox struct {
	ID        uuid.UUID
	Address   Hash
	Domain    Hash
	Transport string
	Connected bool
	Verified  bool
	Warming   bool
	Paused    string // the reason; empty = not paused
	Health    int    // 0 to 100
	Pace      events.MailboxPace
	Rate      Rate

	connection events.MailboxConnected // the last one
	hookKeys   events.MailboxWebhookKeysSet
	letter     [sha256.Size]byte // what it adds to its messages; zero = nothing was set
	domain     *SenderDomain
	checks     map[string]string // outcome by check
	recheck    map[string]bool   // checks that were asked for again
	zone       uint16
	hours      []events.Window
	windows    []Window // of its hours
	warmupFrom int64
	warmup     *warmup // nil = its pace alone decides
	folders    map[string]folderPosition
	listed     []events.MailFolder
	reads      []string // folders besides those that are read anyway
	reading    readingTrouble
	sends      []int64 // of the last 26 h, oldest first
	free       int64   // end of the gap behind the last one
	gapFrom    int64   // when the last try was, and which message it was of
	gapAfter   uuid.UUID
	inFlight   int            // messages that are scheduled or claimed
	claimed    int            // of those
	open       []*Message     // oldest first
	lines      []*waitingLine // people who wait for their next step
	campaigns  []*Campaign
	wantsLeads bool // it had a free slot, but nobody to write to
	removed    bool
	handOver   int64 // when its follow-ups go to others, if it is stopped still; 0 = not known
	wake       timer
}

// folderPosition is how far one has been read; unreadable is the last mail in it that was passed over.
type folderPosition struct{ validity, uid, unreadable int64 }

// readingTrouble is why a mailbox can't be read; the zero value: it can, as far as is known.
type readingTrouble struct {
	reason    string
	since, at int64 // at is of what was told last, also of its end
}

// ReadingFailure returns why it can't be read; empty = it can.
func (m *Mailbox) ReadingFailure() (reason string, since time.Time) {
	if m.reading.reason == "" {
		return "", time.Time{}
	}
	return m.reading.reason, toTime(m.reading.since)
}

// ToldOfReading reports whether it was told lately that it can or can't be read.
func (m *Mailbox) ToldOfReading(now time.Time) bool {
	return m.reading.at > 0 && toMicros(now) < m.reading.at+events.ReadingToldApart.Microseconds()
}

// Status returns its status as the API shows it.
func (m *Mailbox) Status() string {
	switch {
	case m.Paused != "":
		return events.MailboxSuspended
	case !m.Verified:
		return events.MailboxPending
	case m.Warming:
		return events.MailboxWarming
	}
	return events.MailboxActive
}

// Sending reports whether it may send at all.
func (m *Mailbox) Sending() bool { return m.Verified && m.Paused == "" && !m.removed }

// ConnectedAs reports whether its newest connection is exactly this one.
func (m *Mailbox) ConnectedAs(e events.MailboxConnected) bool {
	return m.Connected && digestOf(m.connection) == digestOf(e)
}

// Connection returns its newest connection.
func (m *Mailbox) Connection() events.MailboxConnected { return m.connection }

// HasLetter reports whether this is what it adds to its messages already.
func (m *Mailbox) HasLetter(e events.MailboxLetterSet) bool {
	if m.letter == [sha256.Size]byte{} {
		return e.Signature.IsZero() && !e.KeepCopies
	}
	return m.letter == digestOf(e)
}

// ListsFolders reports whether these are the folders that are known.
func (m *Mailbox) ListsFolders(e events.MailboxFoldersListed) bool {
	return slices.Equal(m.listed, e.Folders)
}

// Folder returns a folder by its name on the server.
func (m *Mailbox) Folder(name string) (events.MailFolder, bool) {
	i := slices.IndexFunc(m.listed, func(f events.MailFolder) bool { return f.Name == name })
	if i < 0 {
		return events.MailFolder{}, false
	}
	return m.listed[i], true
}

// ReadFolders returns the folders that are read besides those that are read anyway.
func (m *Mailbox) ReadFolders() []string { return m.reads }

// WebhookKeys returns the keys by which reports of its provider are checked.
func (m *Mailbox) WebhookKeys() events.MailboxWebhookKeysSet { return m.hookKeys }

// Check returns the outcome of a check since the newest connection; empty = not known.
func (m *Mailbox) Check(name string) string { return m.checks[name] }

// FailsDNS reports whether what its domain publishes is known to fail. What was found of the domain counts more than what was found with the mailbox.
func (m *Mailbox) FailsDNS() bool {
	if m.domain != nil && m.domain.Outcome != "" {
		return m.domain.Outcome == events.CheckFailed
	}
	return m.Check(events.CheckDNS) == events.CheckFailed
}

// Rechecks reports whether a check was asked for again.
func (m *Mailbox) Rechecks(name string) bool { return m.recheck[name] }

// ReadTo returns how far a folder has been read.
func (m *Mailbox) ReadTo(name string) (validity, uid int64) {
	f := m.folders[name]
	return f.validity, f.uid
}

// PassedOver reports whether a mail of a folder needs no reading any more: it was read, or recorded as unreadable.
func (m *Mailbox) PassedOver(name string, validity, uid int64) bool {
	f := m.folders[name]
	return f.validity == validity && uid <= max(f.uid, f.unreadable)
}

// setFolder replaces what is known of a folder.
func (m *Mailbox) setFolder(name string, f folderPosition) {
	if m.folders == nil {
		m.folders = map[string]folderPosition{}
	}
	m.folders[name] = f
}

// Campaigns returns the campaigns for which it writes to new people.
func (m *Mailbox) Campaigns() []*Campaign { return m.campaigns }

// Open returns the ids of its messages that nobody has claimed.
func (m *Mailbox) Open() (out []uuid.UUID) {
	for _, msg := range m.open {
		if !msg.mayHaveLeft() {
			out = append(out, msg.ID)
		}
	}
	return out
}
