package events

import (
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// ThreadID returns the id of the conversation with a lead in a campaign, which follows from the two.
func ThreadID(org, lead, campaign uuid.UUID) uuid.UUID {
	return es.DeriveID(org, "thread", lead.String(), campaign.String())
}

// Status of a thread.
const (
	ThreadNeedsAnswer = "needs_answer"
	ThreadDone        = "done"
	ThreadSnoozed     = "snoozed"
)

// ThreadStatusSet says what is to be done about a thread. What a person writes in it later opens it again.
type ThreadStatusSet struct {
	ThreadRef
	Status string    `json:"status"`
	Until  time.Time `json:"until,omitzero"` // of snoozed: from then on it needs an answer
}

func (ThreadStatusSet) EventType() string { return "thread.status_set.v1" }

// ThreadAssigned says who looks after a thread.
type ThreadAssigned struct {
	ThreadRef
	Assignee uuid.UUID `json:"assignee,omitzero"` // a member; zero = nobody
}

func (ThreadAssigned) EventType() string { return "thread.assigned.v1" }

// ThreadMarked says whether a thread holds what nobody has read.
type ThreadMarked struct {
	ThreadRef
	Unread bool `json:"unread"`
}

func (ThreadMarked) EventType() string { return "thread.marked.v1" }

// ThreadMailIdentified names the mail of an answer, so that it can be answered in turn.
type ThreadMailIdentified struct {
	ThreadRef
	MailID      uuid.UUID `json:"mail_id"`
	AddressHash string    `json:"address_hash"`    // of who wrote it
	Header      Sealed    `json:"header,omitzero"` // under the lead's key: a JSON object {message_id, references, from, name}
}

func (ThreadMailIdentified) EventType() string { return "thread.mail_identified.v1" }

// ReferralSettled says what became of a person whom an answer names: a lead, or nothing.
type ReferralSettled struct {
	ThreadRef
	MailID    uuid.UUID `json:"mail_id"`
	NewLeadID uuid.UUID `json:"new_lead_id,omitzero"` // zero = nothing
}

func (ReferralSettled) EventType() string { return "thread.referral_settled.v1" }

// ThreadNoted is a note that members leave for each other. It is never sent, and erased with the lead.
type ThreadNoted struct {
	ThreadRef
	NoteID   uuid.UUID   `json:"note_id"`
	Note     Sealed      `json:"note"`               // under the lead's key
	Mentions []uuid.UUID `json:"mentions,omitempty"` // members who are told of it
}

func (ThreadNoted) EventType() string { return "thread.noted.v1" }

// ThreadNoteRemoved takes a note away.
type ThreadNoteRemoved struct {
	ThreadRef
	NoteID uuid.UUID `json:"note_id"`
}

func (ThreadNoteRemoved) EventType() string { return "thread.note_removed.v1" }
