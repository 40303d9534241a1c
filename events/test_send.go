package events

import (
	"time"

	"github.com/google/uuid"
)

// TestSendRef names a test send: a text of a campaign that goes to a member instead of a lead, to be looked at. It is no message: no figure, no cap and no sequence knows of it.
type TestSendRef struct {
	TestSendID uuid.UUID `json:"test_send_id"`
}

func (r TestSendRef) AggregateID() string { return r.TestSendID.String() }

// TestSend returns its id.
func (r TestSendRef) TestSend() uuid.UUID { return r.TestSendID }

// TestSendRequested asks for a test send. It carries the text as it was then.
type TestSendRequested struct {
	TestSendRef
	CampaignID  uuid.UUID `json:"campaign_id"`
	MailboxID   uuid.UUID `json:"mailbox_id"`
	MemberID    uuid.UUID `json:"member_id,omitzero"` // who gets it; zero = the mailbox itself
	AddressHash string    `json:"address_hash"`       // of their address
	LeadID      uuid.UUID `json:"lead_id,omitzero"`   // whose values fill it in; zero = an example person's
	Subject     string    `json:"subject"`            // Liquid
	Body        string    `json:"body"`               // Liquid
	FollowUp    bool      `json:"follow_up,omitzero"` // it stands in a thread
	By          string    `json:"by"`                 // "kind:id" of who asked
	RequestedAt time.Time `json:"requested_at"`
}

func (TestSendRequested) EventType() string { return "test_send.requested.v1" }

// Subjects are the test itself, the campaign whose text it is, and the lead whose values fill it in.
func (e TestSendRequested) Subjects() []uuid.UUID {
	if e.LeadID == uuid.Nil {
		return []uuid.UUID{e.TestSendID, e.CampaignID}
	}
	return []uuid.UUID{e.TestSendID, e.CampaignID, e.LeadID}
}

// TestSendClaimed gives it to one sender, which sends it before the end of the lease or never.
type TestSendClaimed struct {
	TestSendRef
	ClaimedAt  time.Time `json:"claimed_at"`
	LeaseUntil time.Time `json:"lease_until"`
}

func (TestSendClaimed) EventType() string { return "test_send.claimed.v1" }

// AnswerDetail tells the sender that it may send, and until when (es.Answering).
func (e TestSendClaimed) AnswerDetail() any { return e }

// What became of test sends.
const (
	TestSendSent    = "sent"     // the mail server took it
	TestSendRefused = "refused"  // it never left
	TestSendInDoubt = "in_doubt" // nobody knows
)

// TestSendFinished says what became of it. It isn't tried again.
type TestSendFinished struct {
	TestSendRef
	Outcome string `json:"outcome"` // one of TestSend...
	SMTPReply
	At time.Time `json:"at"`
}

func (TestSendFinished) EventType() string { return "test_send.finished.v1" }
