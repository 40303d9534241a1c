package events

import (
	"time"

	"github.com/google/uuid"
)

// MessageRequested asks for a draft. Variant, mailbox and arm are chosen here, once.
type MessageRequested struct {
	MessageRef
	StepsVersion int       `json:"steps_version"`
	StepID       uuid.UUID `json:"step_id"`
	Step         int       `json:"step"`  // from 1
	Steps        int       `json:"steps"` // of the sequence
	VariantID    uuid.UUID `json:"variant_id"`
	MailboxID    uuid.UUID `json:"mailbox_id"`
	Attempt      int       `json:"attempt"`              // from 0
	Earliest     time.Time `json:"earliest"`             // when it may leave at the earliest
	PreviousID   uuid.UUID `json:"previous_id,omitzero"` // the message before in the same thread
	Approval     bool      `json:"approval"`             // a person must approve it
	ExperimentID uuid.UUID `json:"experiment_id,omitzero"`
	ArmID        uuid.UUID `json:"arm_id,omitzero"` // that the person was drawn into
	Flags        []string  `json:"flags,omitzero"`  // features that were on
}

func (MessageRequested) EventType() string { return "message.requested.v2" }

// Who writes drafts.
const (
	WriterTemplate = "template"
	WriterLLM      = "llm"
	WriterPerson   = "person"
)

// Draft is what was written. Subject and body are sealed under the lead's key; a body that is too long for the log lies
// in the blob bucket under BodyRef.
type Draft struct {
	Subject    Sealed   `json:"subject"`
	Body       Sealed   `json:"body,omitzero"`
	BodyRef    string   `json:"body_ref,omitzero"`
	Writer     string   `json:"writer"`            // template | llm | person
	Model      string   `json:"model,omitzero"`    // of the llm
	Fallback   bool     `json:"fallback,omitzero"` // the template stood in for the llm
	Variables  []string `json:"variables,omitzero"`
	CostMicros int64    `json:"cost_micros,omitzero"` // USD micro-units
}

// MessageDrafted is a draft; a later one replaces it.
type MessageDrafted struct {
	MessageRef
	Draft
	Number int `json:"number"` // of the draft, from 1
}

func (MessageDrafted) EventType() string { return "message.drafted.v1" }

// HeldUnsendable begins the reason of a message of which no mail can be made; what is wrong follows.
const HeldUnsendable = "unsendable: "

// MessageHeld says that it can't be written, or can't be sent as it is; a changed lead brings it back, and so does asking for another draft.
type MessageHeld struct {
	MessageRef
	Reason  string   `json:"reason"`           // missing_variable | budget | unsafe | unsendable: what is wrong
	Missing []string `json:"missing,omitzero"` // names of the variables that the lead lacks
}

func (MessageHeld) EventType() string { return "message.held.v1" }

// MessageRedraftRequested says that what it was written from has changed.
type MessageRedraftRequested struct {
	MessageRef
	Reason string `json:"reason"` // lead_changed | asked | rejected | one of Lapsed...
}

func (MessageRedraftRequested) EventType() string { return "message.redraft_requested.v1" }

// Why what a draft says doesn't hold any more.
const (
	LapsedFactStale    = "fact_stale"
	LapsedFactExpired  = "fact_expired"
	LapsedClaimRetired = "claim_retired"
	LapsedClaimChanged = "claim_changed"
	LapsedClaimExpired = "claim_expired"
	LapsedLeadChanged  = "lead_changed" // a field of the lead, which counts as a fact
)

// MessageApprovalLapsed says that a draft which a person wrote says something that doesn't hold any more: it waits for a person again, approved or not. One that a program
// wrote is written again instead (MessageRedraftRequested).
type MessageApprovalLapsed struct {
	MessageRef
	Reason string `json:"reason"` // one of Lapsed...
}

func (MessageApprovalLapsed) EventType() string { return "message.approval_lapsed.v1" }

// What becomes of a message whose draft was rejected.
const (
	RejectedStop    = "stop"    // the sequence ends
	RejectedRedraft = "redraft" // another draft is written
)

// MessageRejected says that a person did not approve a draft. What follows of it stands in the same batch.
type MessageRejected struct {
	MessageRef
	Note Sealed `json:"note,omitzero"` // why, in the words of who rejected it; under the lead's key
	Then string `json:"then"`          // stop | redraft
}

func (MessageRejected) EventType() string { return "message.rejected.v1" }

// MessageApproved lets a draft be sent: by a person, or at once where none is asked.
type MessageApproved struct {
	MessageRef
	By string `json:"by"` // policy | person (the event's actor)
}

func (MessageApproved) EventType() string { return "message.approved.v1" }

// MessageScheduled gives it a slot: the sender claims it at that time.
type MessageScheduled struct {
	MessageRef
	MailboxID uuid.UUID `json:"mailbox_id"`
	At        time.Time `json:"at"`
}

func (MessageScheduled) EventType() string { return "message.scheduled.v1" }

// MessagePostponed takes the slot back; it gets another.
type MessagePostponed struct {
	MessageRef
	MailboxID uuid.UUID `json:"mailbox_id"`
	Rule      string    `json:"rule"`           // what stood against it
	Until     time.Time `json:"until,omitzero"` // when that ends, if the time alone decides
}

func (MessagePostponed) EventType() string { return "message.postponed.v1" }

// MessageClaimed gives it to one sender until the lease is over.
type MessageClaimed struct {
	MessageRef
	MailboxID   uuid.UUID `json:"mailbox_id"`
	InboxReadAt time.Time `json:"inbox_read_at"`
	ClaimedAt   time.Time `json:"claimed_at"`
	LeaseUntil  time.Time `json:"lease_until"`
}

func (MessageClaimed) EventType() string { return "message.claimed.v1" }

// ClaimRecorded ends a claim that did not simply get its one message.
type ClaimRecorded struct {
	MailboxRef
	Claimed []uuid.UUID    `json:"claimed,omitzero"`
	Refused []RefusedClaim `json:"refused,omitzero"`
}

// RefusedClaim is a message that the sender must not send.
type RefusedClaim struct {
	MessageID uuid.UUID `json:"message_id"`
	Code      string    `json:"code"` // not_found (or stopped), claimed, postponed
	Rule      string    `json:"rule,omitzero"`
}

func (ClaimRecorded) EventType() string { return "mailbox.claim_recorded.v1" }

// AnswerDetail tells the sender what it got (es.Answering).
func (e ClaimRecorded) AnswerDetail() any { return e }

// StageCompose is of a message of which no mail can be made: no server was asked, and Text says what is wrong.
const StageCompose = "compose"

// SMTPReply is what a receiver said (RFC 5321, RFC 3463).
type SMTPReply struct {
	Stage    string `json:"stage,omitzero"` // compose | connect | auth | mail | rcpt | data
	Code     int    `json:"code,omitzero"`  // 550
	Enhanced string `json:"enhanced,omitzero"`
	Text     string `json:"text,omitzero"` // no address in it
}

// MessageSent says that the provider took it. What it was sent as stands here for all that counts by it.
type MessageSent struct {
	MessageRef
	AddressHash  string    `json:"address_hash,omitzero"` // that it went to; empty in what was recorded before messages remembered it
	StepsVersion int       `json:"steps_version"`
	StepID       uuid.UUID `json:"step_id"`
	Step         int       `json:"step"`
	VariantID    uuid.UUID `json:"variant_id"`
	MailboxID    uuid.UUID `json:"mailbox_id"`
	ProviderID   string    `json:"provider_id,omitzero"`
	AcceptedAt   time.Time `json:"accepted_at"`
	ExperimentID uuid.UUID `json:"experiment_id,omitzero"` // as it was asked for
	ArmID        uuid.UUID `json:"arm_id,omitzero"`
}

func (MessageSent) EventType() string { return "message.sent.v3" }

// MessageDeferred says that it was refused for now; it is tried again.
type MessageDeferred struct {
	MessageRef
	MailboxID uuid.UUID `json:"mailbox_id"`
	SMTPReply
	Tries      int       `json:"tries"`
	DeferredAt time.Time `json:"deferred_at"`
	RetryAt    time.Time `json:"retry_at"`
}

func (MessageDeferred) EventType() string { return "message.deferred.v1" }

// MessageFailed says that it was refused for good and never left.
type MessageFailed struct {
	MessageRef
	StepsVersion int       `json:"steps_version"`
	StepID       uuid.UUID `json:"step_id"`
	Step         int       `json:"step"`
	VariantID    uuid.UUID `json:"variant_id"`
	MailboxID    uuid.UUID `json:"mailbox_id"`
	SMTPReply
	Permanent bool      `json:"permanent"` // false = tried too often
	FailedAt  time.Time `json:"failed_at"`
}

func (MessageFailed) EventType() string { return "message.failed.v1" }

// MessageInDoubt says that the lease is over without a result. It is never sent again by itself.
type MessageInDoubt struct {
	MessageRef
	StepsVersion int       `json:"steps_version"`
	StepID       uuid.UUID `json:"step_id"`
	Step         int       `json:"step"`
	VariantID    uuid.UUID `json:"variant_id"`
	MailboxID    uuid.UUID `json:"mailbox_id"`
	ClaimedAt    time.Time `json:"claimed_at"`
}

func (MessageInDoubt) EventType() string { return "message.in_doubt.v1" }

// How a doubt was resolved.
const (
	ResolvedByProvider = "provider"
	ResolvedByBounce   = "bounce"
	ResolvedByReply    = "reply"
	ResolvedBySent     = "sent_folder"
	ResolvedByPerson   = "person"
	ResolvedByHit      = "hit"         // a person, or their mail program, fetched its pixel or a link of it
	ResolvedByLeaving  = "unsubscribe" // they opted out by it
	ResolvedByBooking  = "booking"     // they booked a meeting by it
)

// MessageResolved ends a doubt. Where it was sent, message.sent follows; else the step is tried anew as another message.
type MessageResolved struct {
	MessageRef
	Sent bool   `json:"sent"`
	By   string `json:"by"`
}

func (MessageResolved) EventType() string { return "message.resolved.v1" }

// MessageCancelled takes back a message that nobody has claimed.
type MessageCancelled struct {
	MessageRef
	Reason string `json:"reason"` // why the enrollment stops, or mailbox_removed: then the step is requested anew
}

// CancelledMailboxRemoved is the reason of a message whose step is requested anew.
const CancelledMailboxRemoved = "mailbox_removed"

// CancelledMailboxStopped likewise: the mailbox was stopped for so long that others go on.
const CancelledMailboxStopped = "mailbox_stopped"

func (MessageCancelled) EventType() string { return "message.cancelled.v1" }
