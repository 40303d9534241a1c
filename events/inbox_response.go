package events

import (
	"time"

	"github.com/google/uuid"
)

// ResponseRef names a response: what a member writes in a thread.
type ResponseRef struct {
	ResponseID uuid.UUID `json:"response_id"`
	ThreadRef
}

func (r ResponseRef) Response() uuid.UUID { return r.ResponseID }

// ResponseWritten will be sent once the time to take it back is over. Texts and address are sealed under the lead's key. The thread is done with it.
type ResponseWritten struct {
	ResponseRef
	MailboxID   uuid.UUID `json:"mailbox_id"`
	MailID      uuid.UUID `json:"mail_id,omitzero"` // that it answers
	To          Sealed    `json:"to"`
	AddressHash string    `json:"address_hash"` // of To
	DomainHash  string    `json:"domain_hash"`
	Subject     Sealed    `json:"subject"`
	Body        Sealed    `json:"body,omitzero"`
	BodyRef     string    `json:"body_ref,omitzero"` // where a body is stored that is too long for the log
	SendAt      time.Time `json:"send_at"`           // until then it can be taken back
}

func (ResponseWritten) EventType() string { return "response.written.v1" }

// Why a response isn't sent.
const (
	ResponseTakenBack      = "taken_back"
	ResponseSuppressed     = "suppressed"
	ResponseLeadRemoved    = "lead_removed"
	ResponseMailboxRemoved = "mailbox_removed"
)

// ResponseCancelled takes back a response that nobody has claimed. The thread needs an answer again.
type ResponseCancelled struct {
	ResponseRef
	Reason string `json:"reason"`
}

func (ResponseCancelled) EventType() string { return "response.cancelled.v1" }

// ResponseDue says that it is time to send it; it is said again while nobody claims it.
type ResponseDue struct {
	ResponseRef
	MailboxID uuid.UUID `json:"mailbox_id"`
	At        time.Time `json:"at"`
}

func (ResponseDue) EventType() string { return "response.due.v1" }

// ResponseClaimed gives it to one sender until the lease is over.
type ResponseClaimed struct {
	ResponseRef
	MailboxID  uuid.UUID `json:"mailbox_id"`
	ClaimedAt  time.Time `json:"claimed_at"`
	LeaseUntil time.Time `json:"lease_until"`
}

func (ResponseClaimed) EventType() string { return "response.claimed.v1" }

// AnswerDetail tells the sender that it may send, and until when (es.Answering).
func (e ResponseClaimed) AnswerDetail() any { return e }

// ResponseSent says that the provider took it.
type ResponseSent struct {
	ResponseRef
	MailboxID   uuid.UUID `json:"mailbox_id"`
	AddressHash string    `json:"address_hash"`
	AcceptedAt  time.Time `json:"accepted_at"`
}

func (ResponseSent) EventType() string { return "response.sent.v1" }

// ResponseDeferred says that it was refused for now; it is tried again.
type ResponseDeferred struct {
	ResponseRef
	MailboxID uuid.UUID `json:"mailbox_id"`
	SMTPReply
	Tries      int       `json:"tries"`
	DeferredAt time.Time `json:"deferred_at"`
	RetryAt    time.Time `json:"retry_at"`
}

func (ResponseDeferred) EventType() string { return "response.deferred.v1" }

// ResponseFailed says that it was refused for good and never left. The thread needs an answer again.
type ResponseFailed struct {
	ResponseRef
	MailboxID uuid.UUID `json:"mailbox_id"`
	SMTPReply
	Permanent bool      `json:"permanent"` // false = tried too often
	FailedAt  time.Time `json:"failed_at"`
}

func (ResponseFailed) EventType() string { return "response.failed.v1" }

// ResponseInDoubt says that the lease is over without a result. It is never sent again by itself.
type ResponseInDoubt struct {
	ResponseRef
	MailboxID uuid.UUID `json:"mailbox_id"`
	ClaimedAt time.Time `json:"claimed_at"`
}

func (ResponseInDoubt) EventType() string { return "response.in_doubt.v1" }

// ResponseResolved ends a doubt. Where it was sent, response.sent follows; else the thread needs an answer again.
type ResponseResolved struct {
	ResponseRef
	Sent bool   `json:"sent"`
	By   string `json:"by"` // one of ResolvedBy...
}

func (ResponseResolved) EventType() string { return "response.resolved.v1" }
