package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// DraftMessage records the text of a message that was requested, or a newer text before it is scheduled.
type DraftMessage struct {
	MessageID uuid.UUID `json:"message_id"`
	events.Draft
	LeadVersion int `json:"lead_version"` // of the lead that it was written from; an older one is refused; 0 = not known
}

func (DraftMessage) CommandType() string { return "message.draft.v1" }

// Decide accepts a draft until the message has a slot. Where no approval is needed, it is approved at once.
func (c DraftMessage) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	msg, err := writableMessage(o, c.MessageID, c.LeadVersion)
	if err != nil {
		return nil, err
	}
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	if c.Writer != events.WriterTemplate && o.Known.Judged(msg.ID) {
		return nil, errInvalid("evidence", "is missing: what this message says is held against facts")
	}
	out := []events.Event{events.MessageDrafted{MessageRef: msg.Ref(), Draft: c.Draft, Number: msg.Drafts() + 1}}
	if !msg.NeedsApproval() {
		out = append(out, events.MessageApproved{MessageRef: msg.Ref(), By: "policy"})
	}
	return out, nil
}

func (c DraftMessage) checkFields() error {
	switch {
	case c.Subject.IsZero():
		return errInvalid("subject", "is missing")
	case c.Body.IsZero() == (c.BodyRef == ""):
		return errInvalid("body", "is required, or body_ref is")
	case len(c.Body.C) > 48<<10:
		return errInvalid("body", "must be at most 48 KiB; a longer one goes to the blob bucket")
	case c.Writer != events.WriterTemplate && c.Writer != events.WriterLLM && c.Writer != events.WriterPerson:
		return errInvalid("writer", "must be template, llm or person")
	case c.CostMicros < 0:
		return errInvalid("cost_micros", "must be 0 or more")
	case len(c.Variables) > 200:
		return errInvalid("variables", "must be at most 200")
	}
	return firstError(checkText("body_ref", c.BodyRef, 0, 200), checkText("model", c.Model, 0, 100))
}

// writableMessage returns a message that may still be written; it refuses a writer who knew an older version of the lead.
func writableMessage(o *aggregates.Organization, id uuid.UUID, leadVersion int) (*aggregates.Message, error) {
	msg := o.Messages[id]
	switch {
	case msg == nil:
		return nil, errNotFound(id)
	case msg.Away():
		return nil, refuseAbout(msg.Lead().ID, CodeClaimed, detailID{id})
	case !msg.Writable():
		return nil, refuseAbout(msg.Lead().ID, CodeWrongStatus, detailStatus{id, msg.State()})
	case leadVersion != 0 && leadVersion < int(msg.Lead().Version):
		return nil, refuseAbout(msg.Lead().ID, CodeVersionConflict, detailVersion{leadVersion, int(msg.Lead().Version)})
	}
	return msg, nil
}

// HoldMessage records that a message can't be written.
type HoldMessage struct {
	MessageID   uuid.UUID `json:"message_id"`
	Reason      string    `json:"reason"`
	Missing     []string  `json:"missing,omitzero"`
	LeadVersion int       `json:"lead_version"`
}

func (HoldMessage) CommandType() string { return "message.hold.v1" }

// Decide has nothing to do for a held message.
func (c HoldMessage) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	msg, err := writableMessage(o, c.MessageID, c.LeadVersion)
	switch {
	case err != nil:
		return nil, err
	case msg.State() == "held":
		return nil, nil
	case len(c.Missing) > 200:
		return nil, errInvalid("missing", "must be at most 200")
	}
	if err := checkText("reason", c.Reason, 1, 100); err != nil {
		return nil, err
	}
	return oneEvent(events.MessageHeld{MessageRef: msg.Ref(), Reason: c.Reason, Missing: c.Missing})
}

// RedraftMessage asks for another draft.
type RedraftMessage struct {
	MessageID uuid.UUID `json:"message_id"`
}

func (RedraftMessage) CommandType() string { return "message.redraft.v1" }

// Decide has nothing to do for a message that is being written.
func (c RedraftMessage) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	msg, err := writableMessage(o, c.MessageID, 0)
	switch {
	case err != nil:
		return nil, err
	case msg.State() == "requested":
		return nil, nil
	}
	return oneEvent(events.MessageRedraftRequested{MessageRef: msg.Ref(), Reason: "asked"})
}

// ApproveMessages approves drafts that wait for it.
type ApproveMessages struct {
	MessageIDs []uuid.UUID    `json:"message_ids"`
	Edits      []MeasuredEdit `json:"edits,omitzero"` // of those that a person wrote
}

// MeasuredEdit is how far a draft that a person wrote is from the last one that a program wrote; see events.DraftEditMeasured.
type MeasuredEdit struct {
	MessageID uuid.UUID `json:"message_id"`
	From      int       `json:"from"`
	Number    int       `json:"number"`
	Changed   int       `json:"changed"`
	Words     int       `json:"words"`
}

func (ApproveMessages) CommandType() string { return "message.approve.v2" }

// Decide skips messages that are approved already, those that are gone, and those with a sentence that no fact carries: a single one of these is refused.
func (c ApproveMessages) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if len(c.MessageIDs) == 1 {
		if msg := o.Messages[c.MessageIDs[0]]; msg != nil && msg.Waiting() && unsupported(now, o, msg) > 0 {
			return nil, refuseAbout(msg.Lead().ID, CodeUnsupported, detailUnsupported{msg.ID, unsupported(now, o, msg)})
		}
	}
	return eachWaiting(o, c.MessageIDs, func(msg *aggregates.Message) []events.Event {
		if unsupported(now, o, msg) > 0 {
			return nil
		}
		return append([]events.Event{events.MessageApproved{MessageRef: msg.Ref(), By: "person"}}, c.edited(msg)...)
	})
}

// edited says how much a person has changed; nothing where that was measured on another draft than the approved one.
func (c ApproveMessages) edited(msg *aggregates.Message) []events.Event {
	for _, e := range c.Edits {
		if e.MessageID == msg.ID && e.Number == msg.Drafts() && msg.Edited() && e.From > 0 && e.From < e.Number && e.Changed >= 0 && e.Changed <= e.Words {
			return []events.Event{events.DraftEditMeasured{EvidenceRef: evidenceRef(msg), From: e.From, Number: e.Number, Changed: e.Changed, Words: e.Words}}
		}
	}
	return nil
}

// eachWaiting acts on messages that wait for approval, each once. A single message that isn't there is not found; among several it is
// skipped.
func eachWaiting(o *aggregates.Organization, ids []uuid.UUID, do func(*aggregates.Message) []events.Event) (out []events.Event, err error) {
	if err := checkCount("message_ids", len(ids)); err != nil {
		return nil, err
	}
	if len(ids) == 1 && o.Messages[ids[0]] == nil {
		return nil, errNotFound(ids[0])
	}
	seen := map[uuid.UUID]bool{}
	for _, id := range ids {
		if msg := o.Messages[id]; msg != nil && msg.Waiting() && !seen[id] {
			seen[id] = true
			out = append(out, do(msg)...)
		}
	}
	return out, nil
}
