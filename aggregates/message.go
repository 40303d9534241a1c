package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Message is one that has not come to its end; a finished one leaves memory.
type Message struct {
	ID       uuid.UUID
	e        *Enrollment
	mailbox  *Mailbox
	earliest int64 // of the next try
	claimed  int64
	lease    int64 // end of the claim
	state    uint8
	variant  uint8
	tries    uint8
	drafts   uint8
	person   bool // a person must approve it
}

// Messages of an organisation, by id.
type Messages map[uuid.UUID]*Message

const (
	messageRequested = iota
	messageHeld
	messageDrafted // waits for a person
	messageReady
	messageScheduled
	messageClaimed
	messageInDoubt
)

// Lease is how long a claim holds.
const Lease = 30 * time.Second

// Ref names it.
func (m *Message) Ref() events.MessageRef {
	r := m.e.Ref()
	return events.MessageRef{MessageID: m.ID, EnrollmentID: r.EnrollmentID, LeadID: r.LeadID, CampaignID: r.CampaignID}
}

// State as the outside knows it.
func (m *Message) State() string {
	return [...]string{"requested", "held", "drafted", "approved", "scheduled", "claimed", "in_doubt"}[m.state]
}

// mayHaveLeft says that it may have left: nobody can call it back.
func (m *Message) mayHaveLeft() bool { return m.state == messageClaimed || m.state == messageInDoubt }

// Away says that it may have left.
func (m *Message) Away() bool { return m.mayHaveLeft() }

// Writable reports whether it may be drafted, or drafted anew.
func (m *Message) Writable() bool { return m.state < messageScheduled }

// Waiting reports whether it waits for a person.
func (m *Message) Waiting() bool { return m.state == messageDrafted }

// Scheduled reports whether it has a slot.
func (m *Message) Scheduled() bool { return m.state == messageScheduled }

// Claimed reports whether a sender has it.
func (m *Message) Claimed() bool { return m.state == messageClaimed }

// InDoubt reports whether nobody knows what became of it.
func (m *Message) InDoubt() bool { return m.state == messageInDoubt }

// NeedsApproval reports whether a person must see it.
func (m *Message) NeedsApproval() bool { return m.person }

// Drafts is the number of its drafts so far.
func (m *Message) Drafts() int { return int(m.drafts) }

// Tries is the number of times that it was deferred.
func (m *Message) Tries() int { return int(m.tries) }

// Ended reports whether its enrollment is at its end; a claimed message can outlive it.
func (m *Message) Ended() bool { return m.e.hasFlag(enrollmentEnded) }

// Mailbox that it leaves from.
func (m *Message) Mailbox() *Mailbox { return m.mailbox }

// Enrollment that it belongs to.
func (m *Message) Enrollment() *Enrollment { return m.e }

// Campaign that it belongs to.
func (m *Message) Campaign() *Campaign { return m.e.campaign }

// Lead that it is written to.
func (m *Message) Lead() *Lead { return m.e.lead }

// ClaimedAt is when it was claimed.
func (m *Message) ClaimedAt() time.Time { return toTime(m.claimed) }

// Last reports whether it is the last step.
func (m *Message) Last() bool { return int(m.e.step)+1 >= len(m.e.planSteps()) }

// Sent returns the fact that it was sent.
func (m *Message) Sent(providerID string, at time.Time) events.MessageSent {
	version, step, variant := m.contentIDs()
	return events.MessageSent{MessageRef: m.Ref(), StepsVersion: version, StepID: step, Step: int(m.e.step) + 1, VariantID: variant, MailboxID: m.mailbox.ID, ProviderID: providerID, AcceptedAt: at}
}

// Failed returns the fact that it was not.
func (m *Message) Failed(r events.SMTPReply, permanent bool, at time.Time) events.MessageFailed {
	version, step, variant := m.contentIDs()
	return events.MessageFailed{MessageRef: m.Ref(), StepsVersion: version, StepID: step, Step: int(m.e.step) + 1, VariantID: variant, MailboxID: m.mailbox.ID, SMTPReply: r, Permanent: permanent, FailedAt: at}
}

func (m *Message) inDoubtEvent() events.MessageInDoubt {
	version, step, variant := m.contentIDs()
	return events.MessageInDoubt{MessageRef: m.Ref(), StepsVersion: version, StepID: step, Step: int(m.e.step) + 1, VariantID: variant, MailboxID: m.mailbox.ID, ClaimedAt: toTime(m.claimed)}
}

func (m *Message) contentIDs() (version int, step, variant uuid.UUID) {
	p := &m.e.campaign.plans[m.e.plan]
	s := &p.steps[m.e.step]
	return p.version, s.id, s.variants[m.variant].id
}
