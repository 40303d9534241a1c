package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// EditDraft replaces the text of a message by what a person wrote.
type EditDraft struct {
	MessageID uuid.UUID     `json:"message_id"`
	Subject   events.Sealed `json:"subject"`
	Body      events.Sealed `json:"body,omitzero"`
	BodyRef   string        `json:"body_ref,omitzero"`
	IfDraft   int           `json:"if_draft"` // number of the draft that was before the writer's eyes; 0 = there was none
}

func (EditDraft) CommandType() string { return "message.edit_draft.v1" }

// Decide takes the text until the message has a slot. One that waits for approval waits for it still; one that was held for want of a value isn't any more.
func (c EditDraft) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := editable(o, c.MessageID, c.IfDraft); err != nil {
		return nil, err
	}
	draft := events.Draft{Subject: c.Subject, Body: c.Body, BodyRef: c.BodyRef, Writer: events.WriterPerson}
	return DraftMessage{MessageID: c.MessageID, Draft: draft}.Decide(time.Time{}, o)
}

// editable refuses a message that nobody may write now, or of which the writer saw another draft.
func editable(o *aggregates.Organization, id uuid.UUID, draft int) error {
	msg, err := writableMessage(o, id, 0)
	switch {
	case err != nil:
		return err
	case msg.Drafts() != draft:
		return refuseAbout(msg.Lead().ID, CodeVersionConflict, detailVersion{draft, msg.Drafts()})
	case msg.State() == "requested": // what is being written would replace it
		return refuseAbout(msg.Lead().ID, CodeWrongStatus, detailStatus{id, msg.State()})
	}
	return nil
}

// RejectDrafts says of drafts that wait for approval that they won't do.
type RejectDrafts struct {
	Drafts []RejectedDraft `json:"drafts"`
	Then   string          `json:"then"` // stop | redraft
}

// RejectedDraft is one of them.
type RejectedDraft struct {
	MessageID uuid.UUID     `json:"message_id"`
	Note      events.Sealed `json:"note,omitzero"` // why, under the lead's key
}

func (RejectDrafts) CommandType() string { return "message.reject.v2" }

// Decide also stops the sequences, unless another draft is wanted: later steps would follow up on nothing. It skips messages that don't wait.
func (c RejectDrafts) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.Then != events.RejectedStop && c.Then != events.RejectedRedraft {
		return nil, errInvalid("then", "must be stop or redraft")
	}
	ids, notes := make([]uuid.UUID, len(c.Drafts)), map[uuid.UUID]events.Sealed{}
	for i, d := range c.Drafts {
		if len(d.Note.C) > 4<<10 {
			return nil, errInvalid("note", "must be at most 4 KiB")
		}
		ids[i], notes[d.MessageID] = d.MessageID, d.Note
	}
	return eachWaiting(o, ids, func(msg *aggregates.Message) []events.Event {
		rejected := events.MessageRejected{MessageRef: msg.Ref(), Note: notes[msg.ID], Then: c.Then}
		if c.Then == events.RejectedRedraft {
			return []events.Event{rejected, events.MessageRedraftRequested{MessageRef: msg.Ref(), Reason: "rejected"}}
		}
		return append([]events.Event{rejected}, msg.Enrollment().Stop(events.StopRejected, &msg.ID)...)
	})
}
