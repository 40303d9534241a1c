package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// Mailboxes of an organisation. Each counts against the plan's limit.
type Mailboxes struct {
	byID      map[uuid.UUID]*Mailbox
	byAddress map[Hash]uuid.UUID
	order     []*Mailbox
	byPlan    int // how many the plan has paused
}

// Get returns a mailbox, or nil.
func (m *Mailboxes) Get(id uuid.UUID) *Mailbox { return m.byID[id] }

// Address returns the address of a mailbox.
func (m *Mailboxes) Address(id uuid.UUID) (Hash, bool) {
	if b := m.byID[id]; b != nil {
		return b.Address, true
	}
	return Hash{}, false
}

// ByAddress returns the mailbox with an address.
func (m *Mailboxes) ByAddress(h Hash) (uuid.UUID, bool) {
	id, ok := m.byAddress[h]
	return id, ok
}

// All returns them, the oldest first.
func (m *Mailboxes) All() []*Mailbox { return m.order }

// Len is the number of mailboxes.
func (m *Mailboxes) Len() int64 { return int64(len(m.byID)) }

func (o *Organization) addMailbox(e events.MailboxAdded) {
	m := &o.Mailboxes
	if m.byID == nil {
		*m = Mailboxes{byID: map[uuid.UUID]*Mailbox{}, byAddress: map[Hash]uuid.UUID{}}
	}
	b := &Mailbox{ID: e.MailboxID, Address: hashOf(e.AddressHash), Domain: hashOf(e.DomainHash), Transport: e.Transport, Health: 100}
	b.domain = o.Domains.of(o.ID, b.Domain)
	b.domain.mailboxes++
	b.wake = timer{order: o.pacing.nextSerial(), mailbox: b}
	m.byID[e.MailboxID] = b
	m.byAddress[b.Address] = e.MailboxID
	m.order = append(m.order, b)
}

// removeMailbox lets any mailbox of their campaign write to the people whom this one wrote to.
func (o *Organization) removeMailbox(id uuid.UUID) {
	b := o.Mailboxes.byID[id]
	if b == nil {
		return
	}
	b.removed = true
	if b.Paused == events.PausedPlan {
		o.Mailboxes.byPlan--
	}
	b.domain.mailboxes--
	o.pacing.timers.setTimer(&b.wake, 0)
	delete(o.Mailboxes.byAddress, b.Address)
	delete(o.Mailboxes.byID, id)
	o.Mailboxes.order = slices.DeleteFunc(o.Mailboxes.order, func(x *Mailbox) bool { return x == b })
	for _, c := range b.campaigns { // in an older log the campaigns were not told of it first
		c.mailboxes = slices.DeleteFunc(c.mailboxes, func(x *Mailbox) bool { return x == b })
		o.lookAtReadiness(c)
	}
	for _, l := range b.lines { // as they are: they stay the mailbox's lines, too, for who is taken out
		if l.count > 0 {
			l.campaign.lines = append(l.campaign.lines, l)
			o.wakeIdleMailboxesOf(l.campaign)
		}
	}
}

func (o *Organization) applyMailbox(event events.MailboxEvent) {
	switch e := event.(type) {
	case events.MailboxAdded:
		o.addMailbox(e)
	case events.MailboxRemoved:
		o.removeMailbox(e.MailboxID)
	case events.MailboxConnected:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.Connected, m.Verified, m.connection, m.checks, m.recheck, m.reading = true, false, e, nil, nil, readingTrouble{}
			o.pacing.timers.setTimer(&m.wake, 0)
			o.lookAtCampaignsOf(m)
		})
	case events.MailboxPaceSet:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.setPace(e.MailboxPace)
			m.zone = o.zones.refOf(e.Zone)
			o.wakeMailbox(m, soon)
		})
	case events.MailboxHoursSet:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.hours, m.windows = e.Windows, newWindows(e.Windows)
			o.wakeMailbox(m, soon)
		})
	case events.MailboxWarmupSet:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.setWarmup(e)
			o.wakeMailbox(m, soon)
		})
	case events.MailboxWarmupStepped:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.stepWarmup(e) })
	case events.MailboxLetterSet:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.letter = digestOf(e) })
	case events.MailboxFoldersListed:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.listed = e.Folders })
	case events.MailboxFoldersSet:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.reads = e.Folders })
	case events.MailboxWebhookKeysSet:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.hookKeys = e })
	case events.MailboxChecksRequested:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.recheck = make(map[string]bool, len(m.checks))
			for name := range m.checks {
				m.recheck[name] = true
			}
		})
	case events.MailboxChecked:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			if m.checks == nil {
				m.checks = map[string]string{}
			}
			m.checks[e.Check] = e.Outcome
			delete(m.recheck, e.Check)
			o.lookAtCampaignsOf(m)
		})
	case events.MailboxVerified:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.Verified, m.Warming, m.warmupFrom = true, e.Status == events.MailboxWarming, toMicros(e.WarmupFrom)
			o.wakeMailbox(m, soon)
			o.lookAtCampaignsOf(m)
		})
	case events.MailboxWarmedUp:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.Warming = false })
	case events.MailboxPaused:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			o.Mailboxes.setPaused(m, e.Reason)
			m.takeSlotsBack(nil)
			o.pacing.timers.setTimer(&m.wake, 0)
			if m.handOver = 0; o.looksAfter(m) {
				o.pacing.timers.setTimer(&m.wake, soon)
			}
			o.lookAtCampaignsOf(m)
		})
	case events.MailboxResumed:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			o.Mailboxes.setPaused(m, "")
			m.Rate, m.Health, m.handOver = Rate{}, 100, 0
			o.wakeMailbox(m, soon)
			o.lookAtCampaignsOf(m)
		})
	case events.MailboxHealthChanged:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.Health = e.Health })
	case events.MailboxRead:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.setFolder(e.Folder, folderPosition{validity: e.UIDValidity, uid: e.UID})
		})
	case events.MailboxMailUnreadable:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			f := m.folders[e.Folder]
			if f.validity != e.UIDValidity {
				f = folderPosition{validity: e.UIDValidity}
			}
			f.unreadable = e.UID
			m.setFolder(e.Folder, f)
		})
	case events.MailboxReadingFailed:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			m.reading = readingTrouble{e.Reason, toMicros(e.Since), toMicros(e.TriedAt)}
		})
	case events.MailboxReadingRecovered:
		o.onMailbox(e.MailboxID, func(m *Mailbox) { m.reading = readingTrouble{at: toMicros(e.ReadAt)} })
	case events.MailboxWaited:
		o.onMailbox(e.MailboxID, func(m *Mailbox) {
			if m.wantsLeads = aboutPeople(e.Rule); e.Rule == RuleHandOver {
				m.handOver = toMicros(e.Until)
			}
			o.pacing.timers.setTimer(&m.wake, toMicros(e.Until))
		})
	case events.ClaimRecorded: // change nothing here
	}
}

// aboutPeople reports whether a mailbox has a free slot and waits only because of the people there are: others might be written to at once.
func aboutPeople(name string) bool {
	return name == RuleNobody || name == RuleDelay || slices.ContainsFunc(peopleRules, func(r rule) bool { return r.name == name })
}

// lookAtCampaignsOf checks the campaigns that a mailbox writes for, as they may lack something now that it has changed.
func (o *Organization) lookAtCampaignsOf(m *Mailbox) {
	for _, c := range m.campaigns {
		o.lookAtReadiness(c)
	}
}

func (o *Organization) onMailbox(id uuid.UUID, do func(*Mailbox)) {
	if m := o.Mailboxes.byID[id]; m != nil {
		do(m)
	}
}
