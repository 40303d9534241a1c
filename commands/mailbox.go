package commands

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// AddMailbox adds a mailbox, which counts against the plan's limit.
type AddMailbox struct {
	events.MailboxRef
	Transport   string        `json:"transport"`
	Address     events.Sealed `json:"address"`
	AddressHash string        `json:"address_hash"`
	DomainHash  string        `json:"domain_hash"`
}

func (AddMailbox) CommandType() string { return "mailbox.add.v1" }

// Decide identifies a mailbox by its address.
func (c AddMailbox) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	address, ok := aggregates.ParseHash(c.AddressHash)
	switch {
	case c.MailboxID == uuid.Nil:
		return nil, errInvalid("mailbox_id", "is missing")
	case !ok:
		return nil, errInvalid("address_hash", reasonHash)
	case !validHash(c.DomainHash):
		return nil, errInvalid("domain_hash", reasonHash)
	case c.Transport != events.TransportSMTP && c.Transport != events.TransportSendGrid:
		return nil, errInvalid("transport", "must be smtp or sendgrid")
	case c.Address.IsZero():
		return nil, errInvalid("address", "is missing")
	}
	if is, ok := o.Mailboxes.Address(c.MailboxID); ok {
		if is == address {
			return nil, nil
		}
		return nil, errAlreadyExists(c.MailboxID)
	}
	if other, ok := o.Mailboxes.ByAddress(address); ok {
		return nil, errAlreadyExists(other)
	}
	quota := quotaUse{limit: events.LimitMailboxes, used: o.Mailboxes.Len(), max: o.Limits.Mailboxes}
	if !quota.takePlace() {
		return quota.refuseCommand(now, o)
	}
	return oneEvent(events.MailboxAdded(c))
}

// RemoveMailbox removes a mailbox, which no longer counts against the plan's limit.
type RemoveMailbox struct {
	events.MailboxRef
}

func (RemoveMailbox) CommandType() string { return "mailbox.remove.v1" }

// Decide doesn't find a removed mailbox, so the second removal is refused. The mailbox leaves its campaigns, and its messages that
// nobody has claimed are requested again from another mailbox. It is recorded when a live campaign has none left.
func (c RemoveMailbox) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	var out []events.Event
	for _, id := range is.Open() {
		out = append(out, events.MessageCancelled{MessageRef: o.Messages[id].Ref(), Reason: events.CancelledMailboxRemoved})
	}
	for _, campaign := range is.Campaigns() {
		rest := []uuid.UUID{}
		for _, m := range campaign.Mailboxes() {
			if m != is {
				rest = append(rest, m.ID)
			}
		}
		out = append(out, events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: campaign.ID}, MailboxIDs: rest})
	}
	return append(out, events.MailboxRemoved(c)), nil
}

// PauseMailbox pauses a mailbox by hand.
type PauseMailbox struct {
	MailboxID uuid.UUID `json:"mailbox_id"`
}

func (PauseMailbox) CommandType() string { return "mailbox.pause.v1" }

// Decide has nothing to do for a paused mailbox, whatever the reason.
func (c PauseMailbox) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Paused != "":
		return nil, nil
	}
	return oneEvent(events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: c.MailboxID}, Reason: events.PausedManual})
}

// SuspendMailbox stops a mailbox whose server crashes or overruns our mail workers: nothing is sent from it, and it isn't read.
type SuspendMailbox struct {
	events.MailboxRef
	Times int `json:"times"` // in a row
}

func (SuspendMailbox) CommandType() string { return "mailbox.suspend.v1" }

// Decide has nothing to do for a mailbox that is suspended for this reason already. One paused for another reason is still read, so it is suspended too.
func (c SuspendMailbox) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Paused == events.PausedMailServer:
		return nil, nil
	}
	return oneEvent(events.MailboxPaused{MailboxRef: c.MailboxRef, Reason: events.PausedMailServer, Count: c.Times})
}

// ResumeMailbox ends a mailbox's pause.
type ResumeMailbox struct {
	events.MailboxRef
}

func (ResumeMailbox) CommandType() string { return "mailbox.resume.v1" }

// Decide has nothing to do for a mailbox that isn't paused, and refuses one for which the plan has no place.
func (c ResumeMailbox) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case is.Paused == "":
		return nil, nil
	case !o.Mailboxes.HasRoom(o.Limits.Mailboxes):
		quota := quotaUse{limit: events.LimitMailboxes, used: o.Limits.Mailboxes, max: o.Limits.Mailboxes}
		quota.takePlace()
		return quota.refuseCommand(now, o)
	}
	return oneEvent(events.MailboxResumed(c))
}

// RecordMailboxRead records how far a folder has been read; it is sent only when that has changed.
type RecordMailboxRead struct {
	events.MailboxRef
	Folder      string    `json:"folder"`
	UIDValidity int64     `json:"uid_validity"`
	UID         int64     `json:"uid"`
	ReadAt      time.Time `json:"read_at"`
}

func (RecordMailboxRead) CommandType() string { return "mailbox.record_read.v1" }

// Decide has nothing to do when a folder was read that far already.
func (c RecordMailboxRead) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	if err := checkText("folder", c.Folder, 1, 200); err != nil {
		return nil, err
	}
	if validity, uid := is.ReadTo(c.Folder); validity == c.UIDValidity && uid >= c.UID {
		return nil, nil
	}
	return oneEvent(events.MailboxRead(c))
}

// RecordReadingFailed records that a mailbox couldn't be read several times in a row.
type RecordReadingFailed struct {
	events.MailboxRef
	Reason  string    `json:"reason"`
	Since   time.Time `json:"since"`
	TriedAt time.Time `json:"tried_at"`
}

func (RecordReadingFailed) CommandType() string { return "mailbox.record_reading_failed.v1" }

// Decide has nothing to do when the same was told, or something else a short while ago.
func (c RecordReadingFailed) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	switch {
	case is == nil:
		return nil, errNotFound(c.MailboxID)
	case !slices.Contains(readingReasons(), c.Reason):
		return nil, errInvalid("reason", "must be "+strings.Join(readingReasons(), ", "))
	case c.Since.IsZero() || c.TriedAt.Before(c.Since):
		return nil, errInvalid("since", "must be there, and not after tried_at")
	}
	if reason, _ := is.ReadingFailure(); reason == c.Reason || is.ToldOfReading(now) {
		return nil, nil
	}
	return oneEvent(events.MailboxReadingFailed(c))
}

func readingReasons() []string {
	return []string{events.ReadingUnreachable, events.ReadingSilent, events.ReadingHungUp, events.ReadingInsecure, events.ReadingNoServer, events.ReadingSignIn, events.ReadingOther}
}

// RecordReadingRecovered records that a mailbox can be read again.
type RecordReadingRecovered struct {
	events.MailboxRef
	ReadAt time.Time `json:"read_at"`
}

func (RecordReadingRecovered) CommandType() string { return "mailbox.record_reading_recovered.v1" }

// Decide has nothing to do for a mailbox of which nothing else was told.
func (c RecordReadingRecovered) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	if reason, _ := is.ReadingFailure(); reason == "" {
		return nil, nil
	}
	return oneEvent(events.MailboxReadingRecovered(c))
}

// RecordUnreadableMail records that a mail is skipped, before the folder is read beyond it.
type RecordUnreadableMail struct {
	events.MailboxRef
	Folder      string `json:"folder"`
	UIDValidity int64  `json:"uid_validity"`
	UID         int64  `json:"uid"`
	Reason      string `json:"reason"`
}

func (RecordUnreadableMail) CommandType() string { return "mailbox.record_unreadable.v1" }

// Decide has nothing to do for a mail that is recorded, or that the folder was read beyond.
func (c RecordUnreadableMail) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Mailboxes.Get(c.MailboxID)
	if is == nil {
		return nil, errNotFound(c.MailboxID)
	}
	if err := firstError(checkText("folder", c.Folder, 1, 200), checkText("reason", c.Reason, 0, 1000)); err != nil {
		return nil, err
	}
	if is.PassedOver(c.Folder, c.UIDValidity, c.UID) {
		return nil, nil
	}
	return oneEvent(events.MailboxMailUnreadable(c))
}
