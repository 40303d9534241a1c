package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// maxSnooze bounds how long a thread may be put off.
const maxSnooze = 366 * 24 * time.Hour

// UpdateThread says what is to be done about a thread; what isn't given stays.
type UpdateThread struct {
	ThreadID uuid.UUID  `json:"thread_id"`
	Status   string     `json:"status,omitzero"` // one of events.Thread...
	Until    time.Time  `json:"until,omitzero"`  // of snoozed
	Assignee *uuid.UUID `json:"assignee,omitempty"`
	Unread   *bool      `json:"unread,omitempty"`
}

func (UpdateThread) CommandType() string { return "thread.update.v1" }

// Decide records what changes.
func (c UpdateThread) Decide(now time.Time, o *aggregates.Organization) (out []events.Event, err error) {
	t, ok := o.Threads.Get(c.ThreadID)
	if !ok {
		return nil, errNotFound(c.ThreadID)
	}
	if err := c.checkStatus(now); err != nil {
		return nil, err
	}
	if c.Status != "" && !t.HasStatus(c.Status, c.Until) {
		out = append(out, events.ThreadStatusSet{ThreadRef: t.Ref(), Status: c.Status, Until: c.Until})
	}
	if c.Assignee != nil && *c.Assignee != t.Assignee() {
		if *c.Assignee != uuid.Nil && o.Members.RoleOf(*c.Assignee) == "" {
			return nil, errInvalid("assignee", "is no member")
		}
		out = append(out, events.ThreadAssigned{ThreadRef: t.Ref(), Assignee: *c.Assignee})
	}
	if c.Unread != nil && *c.Unread != t.Unread() {
		out = append(out, events.ThreadMarked{ThreadRef: t.Ref(), Unread: *c.Unread})
	}
	return out, nil
}

func (c UpdateThread) checkStatus(now time.Time) error {
	switch c.Status {
	case "", events.ThreadNeedsAnswer, events.ThreadDone:
		if !c.Until.IsZero() {
			return errInvalid("until", "is for snoozed threads only")
		}
	case events.ThreadSnoozed:
		if !c.Until.After(now) || c.Until.Sub(now) > maxSnooze {
			return errInvalid("until", "must be in the future, within a year")
		}
	default:
		return errInvalid("status", "must be needs_answer, done or snoozed")
	}
	return nil
}

// IdentifyMail names the mail of an answer that was recorded.
type IdentifyMail struct {
	events.SentMessageRef
	MailID      uuid.UUID     `json:"mail_id"`
	AddressHash string        `json:"address_hash"`
	Header      events.Sealed `json:"header,omitzero"`
}

func (IdentifyMail) CommandType() string { return "thread.identify_mail.v1" }

// Decide accepts it after the answer itself.
func (c IdentifyMail) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("reply", c.SentMessageRef); err != nil {
		return nil, err
	}
	if _, ok := aggregates.ParseHash(c.AddressHash); !ok {
		return nil, errInvalid("address_hash", reasonHash)
	}
	t, ok := o.Threads.Get(events.ThreadID(o.ID, c.LeadID, c.CampaignID))
	if !ok || !o.Heard.Has(c.MailID, aggregates.HeardReply) && !o.Heard.Has(c.MailID, aggregates.HeardAutoReply) {
		return nil, errNotFound(c.MailID)
	}
	if t.Identified(c.MailID) {
		return nil, nil
	}
	return oneEvent(events.ThreadMailIdentified{ThreadRef: t.Ref(), MailID: c.MailID, AddressHash: c.AddressHash, Header: c.Header})
}
