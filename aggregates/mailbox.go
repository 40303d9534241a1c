package aggregates

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Mailbox is what sending and its limits need of one.
type Mailbox struct {
	ID        uuid.UUID
	Address   Hash
	Domain    Hash
	Transport string
	Connected bool
	Verified  bool
	Warming   bool
	Paused    string // why; empty = not
	Health    int    // 0 to 100
	Pace      events.MailboxPace
	Rate      Rate

	settings   [sha256.Size]byte // of mailbox.connected
	checks     map[string]string // outcome by check
	zone       uint16
	warmupFrom int64
	folders    map[string]folder
	sends      []int64    // of the last 26 h, oldest first
	free       int64      // end of the gap behind the last one
	flying     int        // messages that are scheduled or claimed
	claimed    int        // of those
	open       []*Message // oldest first
	lanes      []*lane    // people who wait for their next step
	campaigns  []*Campaign
	hungry     bool // it had room, but nobody to write to
	removed    bool
	wake       timer
}

type folder struct{ validity, uid int64 }

// Status as the outside knows it.
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

// Sending says whether it may send at all.
func (m *Mailbox) Sending() bool { return m.Verified && m.Paused == "" && !m.removed }

// ConnectedAs says whether it was connected by this very event.
func (m *Mailbox) ConnectedAs(e events.MailboxConnected) bool {
	return m.Connected && m.settings == digest(e)
}

// Check gives the outcome of a check since it was connected last, empty = not known.
func (m *Mailbox) Check(name string) string { return m.checks[name] }

// ReadTo gives how far a folder has been read.
func (m *Mailbox) ReadTo(name string) (validity, uid int64) {
	f := m.folders[name]
	return f.validity, f.uid
}

// WarmupFrom is when its warm-up began; zero = not yet.
func (m *Mailbox) WarmupFrom() time.Time { return instant(m.warmupFrom) }

// Open gives the ids of its messages that nobody has claimed.
func (m *Mailbox) Open() (out []uuid.UUID) {
	for _, msg := range m.open {
		if !msg.away() {
			out = append(out, msg.ID)
		}
	}
	return out
}

// Mailboxes of an organisation: each takes a place of the plan's.
type Mailboxes struct {
	byID      map[uuid.UUID]*Mailbox
	byAddress map[Hash]uuid.UUID
	order     []*Mailbox
}

// Get gives a mailbox, or nil.
func (m *Mailboxes) Get(id uuid.UUID) *Mailbox { return m.byID[id] }

// Address gives the address of a mailbox.
func (m *Mailboxes) Address(id uuid.UUID) (Hash, bool) {
	if b := m.byID[id]; b != nil {
		return b.Address, true
	}
	return Hash{}, false
}

// ByAddress gives the mailbox with an address.
func (m *Mailboxes) ByAddress(h Hash) (uuid.UUID, bool) {
	id, ok := m.byAddress[h]
	return id, ok
}

// Len is the number of mailboxes.
func (m *Mailboxes) Len() int64 { return int64(len(m.byID)) }

func (o *Organization) addMailbox(e events.MailboxAdded) {
	m := &o.Mailboxes
	if m.byID == nil {
		*m = Mailboxes{byID: map[uuid.UUID]*Mailbox{}, byAddress: map[Hash]uuid.UUID{}}
	}
	b := &Mailbox{ID: e.MailboxID, Address: hash(e.AddressHash), Domain: hash(e.DomainHash), Transport: e.Transport, Health: 100}
	b.wake = timer{order: o.next(), mailbox: b}
	m.byID[e.MailboxID] = b
	m.byAddress[b.Address] = e.MailboxID
	m.order = append(m.order, b)
}

// removeMailbox gives the people who were written to from it to whatever mailbox their campaign has.
func (o *Organization) removeMailbox(id uuid.UUID) {
	b := o.Mailboxes.byID[id]
	if b == nil {
		return
	}
	b.removed = true
	o.timers.set(&b.wake, 0)
	delete(o.Mailboxes.byAddress, b.Address)
	delete(o.Mailboxes.byID, id)
	o.Mailboxes.order = slices.DeleteFunc(o.Mailboxes.order, func(x *Mailbox) bool { return x == b })
	for _, c := range b.campaigns {
		c.mailboxes = slices.DeleteFunc(c.mailboxes, func(x *Mailbox) bool { return x == b })
	}
	lanes := b.lanes
	b.lanes = nil
	for _, l := range lanes {
		for _, e := range l.items {
			e.mailbox = nil
			o.place(e)
		}
	}
}

func (o *Organization) applyMailbox(event events.Event) {
	switch e := event.(type) {
	case events.MailboxAdded:
		o.addMailbox(e)
	case events.MailboxRemoved:
		o.removeMailbox(e.MailboxID)
	case events.MailboxConnected:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.Connected, m.Verified, m.settings, m.checks = true, false, digest(e), nil
			o.timers.set(&m.wake, 0)
		})
	case events.MailboxPaceSet:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.Pace, m.zone = e.MailboxPace, o.zones.ref(e.Zone)
			o.wakeMailbox(m, soon)
		})
	case events.MailboxChecked:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			if m.checks == nil {
				m.checks = map[string]string{}
			}
			m.checks[e.Check] = e.Outcome
		})
	case events.MailboxVerified:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.Verified, m.Warming, m.warmupFrom = true, e.Status == events.MailboxWarming, micros(e.WarmupFrom)
			o.wakeMailbox(m, soon)
		})
	case events.MailboxWarmedUp:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.Warming = false })
	case events.MailboxPaused:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.Paused = e.Reason
			m.unschedule(nil)
			o.timers.set(&m.wake, 0)
		})
	case events.MailboxResumed:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.Paused, m.Rate, m.Health = "", Rate{}, 100
			o.wakeMailbox(m, soon)
		})
	case events.MailboxHealthChanged:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.Health = e.Health })
	case events.MailboxRead:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			if m.folders == nil {
				m.folders = map[string]folder{}
			}
			m.folders[e.Folder] = folder{e.UIDValidity, e.UID}
		})
	case events.MailboxWaited:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.hungry = e.Rule == RuleNobody || e.Rule == RuleDelay
			o.timers.set(&m.wake, micros(e.Until))
		})
	}
}

func (o *Organization) onMailbox(id uuid.UUID, do func(*Mailbox)) {
	if m := o.Mailboxes.byID[id]; m != nil {
		do(m)
	}
}

// wakeMailbox sees to it that a mailbox is looked at by then.
func (o *Organization) wakeMailbox(m *Mailbox, at int64) {
	if m.Sending() {
		o.timers.sooner(&m.wake, at)
	}
}

// unschedule takes the slots of a campaign's messages back; nil = of all campaigns'.
func (m *Mailbox) unschedule(c *Campaign) {
	for _, msg := range m.open {
		if msg.state == messageScheduled && (c == nil || msg.e.campaign == c) {
			msg.state = messageReady
			m.flying--
		}
	}
}

// attempted counts a send against the caps, and begins the gap behind it.
func (m *Mailbox) attempted(msg *Message, at int64) {
	i := sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > at })
	m.sends = slices.Insert(m.sends, i, at)
	old := sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > m.sends[len(m.sends)-1]-26*hour })
	m.sends = m.sends[old:]
	m.free = max(m.free, at+m.gap()+m.jitter(msg.ID))
}

func (m *Mailbox) gap() int64 { return int64(m.Pace.GapSeconds) * second }

// jitter is drawn from the message that the gap follows, so that a replay draws the same.
func (m *Mailbox) jitter(id uuid.UUID) int64 {
	span := int64(m.Pace.JitterTo-m.Pace.JitterFrom)*1000 + 1
	sum := sha256.Sum256(append(m.ID[:len(m.ID):len(m.ID)], id[:]...))
	drawn := int64(binary.BigEndian.Uint64(sum[:8])>>1) % max(span, 1)
	return int64(m.Pace.JitterFrom)*second + drawn*1000
}

// since counts the sends behind a time.
func (m *Mailbox) since(at int64) int {
	return len(m.sends) - sort.Search(len(m.sends), func(i int) bool { return m.sends[i] > at })
}

// CapAt gives the cap of the local day that holds a time.
func (o *Organization) CapAt(m *Mailbox, at time.Time) int {
	if !m.Warming || m.Pace.WarmupStart == 0 {
		return m.Pace.CapPerDay
	}
	loc := o.mailboxZone(m)
	days := dayNumber(at.In(loc)) - dayNumber(instant(m.warmupFrom).In(loc))
	return min(m.Pace.CapPerDay, m.Pace.WarmupStart+m.Pace.WarmupPerDay*max(days, 0))
}

func (o *Organization) mailboxZone(m *Mailbox) *time.Location { return o.zones.first(m.zone, o.zone) }
