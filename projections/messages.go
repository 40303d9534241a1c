package projections

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// States of a message.
const (
	MessageRequested = "requested"
	MessageDrafted   = "drafted"
	MessageHeld      = "held"
	MessageApproved  = "approved"
	MessageScheduled = "scheduled"
	MessageClaimed   = "claimed"
	MessageDeferred  = "deferred"
	MessageSent      = "sent"
	MessageFailed    = "failed"
	MessageInDoubt   = "in_doubt"
	MessageCancelled = "cancelled"
)

// Message is a row of read.messages.
type Message struct {
	OrgID        uuid.UUID       `db:"org_id"`
	MessageID    uuid.UUID       `db:"message_id"`
	Oseq         int64           `db:"oseq"`
	EnrollmentID uuid.UUID       `db:"enrollment_id"`
	LeadID       uuid.UUID       `db:"lead_id"`
	CampaignID   uuid.UUID       `db:"campaign_id"`
	MailboxID    uuid.UUID       `db:"mailbox_id"`
	StepsVersion int             `db:"steps_version"`
	StepID       uuid.UUID       `db:"step_id"`
	Step         int             `db:"step"` // from 1
	Steps        int             `db:"steps"`
	VariantID    uuid.UUID       `db:"variant_id"`
	ExperimentID *uuid.UUID      `db:"experiment_id"`
	ArmID        *uuid.UUID      `db:"arm_id"`
	Attempt      int             `db:"attempt"`
	PreviousID   *uuid.UUID      `db:"previous_id"` // the message before it in the thread
	State        string          `db:"state"`
	Reason       string          `db:"reason"`  // why it is held, postponed or cancelled
	Missing      json.RawMessage `db:"missing"` // names of variables
	Approval     bool            `db:"approval"`
	Draft        int             `db:"draft"` // number of the newest, 0 = none
	Writer       string          `db:"writer"`
	Model        string          `db:"model"`
	Fallback     bool            `db:"fallback"`
	CostMicros   int64           `db:"cost_micros"` // of all drafts, USD micro-units
	Earliest     time.Time       `db:"earliest"`
	WaitingUntil *time.Time      `db:"waiting_until"`
	ScheduledAt  *time.Time      `db:"scheduled_at"`
	ClaimedAt    *time.Time      `db:"claimed_at"`
	SentAt       *time.Time      `db:"sent_at"` // accepted by the provider
	FailedAt     *time.Time      `db:"failed_at"`
	DoubtedAt    *time.Time      `db:"doubted_at"`
	ResolvedBy   string          `db:"resolved_by"`
	ProviderID   string          `db:"provider_id"`
	AddressHash  string          `db:"address_hash"` // of the address that it went to; empty when the log doesn't have it
	Tries        int             `db:"tries"`
	SMTPStage    string          `db:"smtp_stage"` // of the newest refusal; so are the next three
	SMTPCode     int             `db:"smtp_code"`
	SMTPEnhanced string          `db:"smtp_enhanced"`
	SMTPText     string          `db:"smtp_text"`

	Opens            int             `db:"opens"` // by people
	Clicks           int             `db:"clicks"`
	FirstOpenedAt    *time.Time      `db:"first_opened_at"`
	MachineOpenedAt  *time.Time      `db:"machine_opened_at"` // proxies and scanners
	FirstClickedAt   *time.Time      `db:"first_clicked_at"`
	ScannerClickedAt *time.Time      `db:"scanner_clicked_at"`
	RepliedAt        *time.Time      `db:"replied_at"`
	AutoRepliedAt    *time.Time      `db:"auto_replied_at"`
	Mails            json.RawMessage `db:"mails"` // of mailHeard, by the mail: those that the two above follow from; nil = none came
	BouncedAt        *time.Time      `db:"bounced_at"`
	BounceKind       string          `db:"bounce_kind"`
	BouncedAtRCPT    bool            `db:"bounced_at_rcpt"` // so it was never sent
	ComplainedAt     *time.Time      `db:"complained_at"`
	UnsubscribedAt   *time.Time      `db:"unsubscribed_at"`
	MeetingAt        *time.Time      `db:"meeting_at"`
	DeliveredAt      *time.Time      `db:"delivered_at"` // as its provider says; nil where nobody tells
	DelayedAt        *time.Time      `db:"delayed_at"`   // the newest time that the receiver put it off
	Delays           int             `db:"delays"`       // how often
	DroppedAt        *time.Time      `db:"dropped_at"`
	DropReason       string          `db:"drop_reason"`

	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`
}

// MessageText is a row of read.message_texts: the text of the newest draft.
type MessageText struct {
	OrgID     uuid.UUID       `db:"org_id"`
	MessageID uuid.UUID       `db:"message_id"`
	LeadID    uuid.UUID       `db:"lead_id"`
	Oseq      int64           `db:"oseq"`
	Subject   *string         `db:"subject"`  // nil once the person is erased
	Body      *string         `db:"body"`     // likewise, and when it is stored under BodyRef
	BodyRef   string          `db:"body_ref"` // in the blob bucket, sealed
	Variables json.RawMessage `db:"variables"`
}

// MessageHit is a row of read.message_hits: one fetch of a pixel or a link.
type MessageHit struct {
	OrgID     uuid.UUID `db:"org_id"`
	HitID     uuid.UUID `db:"hit_id"`
	MessageID uuid.UUID `db:"message_id"`
	Oseq      int64     `db:"oseq"`
	Kind      string    `db:"kind"` // open | click
	Class     string    `db:"class"`
	Link      int       `db:"link"`
	At        time.Time `db:"at"`
}

// Kinds of hit.
const (
	HitOpen  = "open"
	HitClick = "click"
)
