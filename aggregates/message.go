package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Message is one that is not finished; a finished one leaves memory.
type Message struct {
	ID       uuid.UUID
	e        *Enrollment
	mailbox  *Mailbox
	earliest int64 // of the next attempt
	claimed  int64
	lease    int64 // end of the claim
	state    uint8
	variant  uint8
	tries    uint8
	drafts   uint8
	person   bool   // a person must approve it
	edited   bool   // a person wrote its newest draft
	trial    uint16 // its experiment, by order from 1, and in the lowest four bits its arm; 0 = it is in none
}

// Messages of an organisation, by id.
type Messages map[uuid.UUID]*Message

const (
	messageRequested = iota
	messageHeld
	messageDrafted // waits for approval
	messageReady
	messageScheduled
	messageClaimed
	messageInDoubt
)

// Lease is how long a claim holds.
const Lease = 30 * time.Second

// Ref returns its ids.
func (m *Message) Ref() events.MessageRef {
	r := m.e.Ref()
	return events.MessageRef{MessageID: m.ID, EnrollmentID: r.EnrollmentID, LeadID: r.LeadID, CampaignID: r.CampaignID}
}

// State returns its state as the API shows it.
func (m *Message) State() string {
	return [...]string{"requested", "held", "drafted", "approved", "scheduled", "claimed", "in_doubt"}[m.state]
}

// mayHaveLeft reports whether it may have left, so that nobody can call it back.
func (m *Message) mayHaveLeft() bool { return m.state == messageClaimed || m.state == messageInDoubt }

// Away reports whether it may have left.
func (m *Message) Away() bool { return m.mayHaveLeft() }

// Writable reports whether it may be drafted, also again.
func (m *Message) Writable() bool { return m.state < messageScheduled }

// Waiting reports whether it waits for approval.
func (m *Message) Waiting() bool { return m.state == messageDrafted }

// Scheduled reports whether it has a slot.
func (m *Message) Scheduled() bool { return m.state == messageScheduled }

// Claimed reports whether a sender has claimed it.
func (m *Message) Claimed() bool { return m.state == messageClaimed }

// InDoubt reports whether it is unknown what became of it.
func (m *Message) InDoubt() bool { return m.state == messageInDoubt }

// NeedsApproval reports whether a person must approve it.
func (m *Message) NeedsApproval() bool { return m.person }

// Edited reports whether a person wrote its newest draft.
func (m *Message) Edited() bool { return m.edited }

// Drafts returns the number of its drafts so far.
func (m *Message) Drafts() int { return int(m.drafts) }

// Tries returns how often it was deferred.
func (m *Message) Tries() int { return int(m.tries) }

// Ended reports whether its enrollment has ended; a claimed message can outlive it.
func (m *Message) Ended() bool { return m.e.hasFlag(enrollmentEnded) }

// Mailbox returns the mailbox that sends it.
func (m *Message) Mailbox() *Mailbox { return m.mailbox }

// Enrollment returns the enrollment that it belongs to.
func (m *Message) Enrollment() *Enrollment { return m.e }

// Campaign returns the campaign that it belongs to.
func (m *Message) Campaign() *Campaign { return m.e.campaign }

// Lead returns the lead that it is written to.
func (m *Message) Lead() *Lead { return m.e.lead }

// ClaimedAt returns when it was claimed.
func (m *Message) ClaimedAt() time.Time { return toTime(m.claimed) }

// Last reports whether it belongs to the last step.
func (m *Message) Last() bool { return int(m.e.step)+1 >= len(m.e.planSteps()) }

// MessageSent returns the fact that a message was sent.
func (o *Organization) MessageSent(m *Message, providerID string, at time.Time) events.MessageSent {
	version, step, variant := m.contentIDs()
	sent := events.MessageSent{MessageRef: m.Ref(), AddressHash: o.RecipientOf(m).String(), StepsVersion: version, StepID: step, Step: int(m.e.step) + 1, VariantID: variant, MailboxID: m.mailbox.ID, ProviderID: providerID, AcceptedAt: at}
	if x, arm := o.Experiments.armOf(m); arm != nil {
		sent.ExperimentID, sent.ArmID = x.ID, arm.ID
	}
	return sent
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
