package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// RecordHits brings up to MaxItems opens and clicks.
type RecordHits struct {
	Hits []Hit `json:"hits"`
}

// Hit is a fetch of the pixel, or of a tracked link.
type Hit struct {
	events.Answered
	HitID  uuid.UUID     `json:"hit_id"`
	Link   *int          `json:"link,omitzero"` // nil = the pixel
	Class  string        `json:"class"`
	At     time.Time     `json:"at"`
	Client events.Sealed `json:"client,omitzero"`
}

func (RecordHits) CommandType() string { return "message.record_hits.v1" }

// ReclassifyHits corrects who caused hits.
type ReclassifyHits struct {
	Hits []HitClass `json:"hits"`
}

// HitClass is the better class of a hit.
type HitClass struct {
	events.Answered
	HitID  uuid.UUID `json:"hit_id"`
	Class  string    `json:"class"`
	Reason string    `json:"reason"`
}

func (ReclassifyHits) CommandType() string { return "message.reclassify_hits.v1" }

// RecordReply brings an answer by a person.
type RecordReply struct {
	events.Answered
	events.Mail
	From string `json:"from"`
}

func (RecordReply) CommandType() string { return "message.record_reply.v1" }

// RecordAutoReply brings an answer by a machine.
type RecordAutoReply struct {
	events.Answered
	events.Mail
	OutOfOffice bool   `json:"out_of_office"`
	ReturnDate  string `json:"return_date,omitzero"`
}

func (RecordAutoReply) CommandType() string { return "message.record_auto_reply.v1" }

// RecordBounce brings a report of Action: failed about a message that we sent to that recipient.
type RecordBounce struct {
	events.Answered
	Code       int       `json:"code,omitzero"`
	Enhanced   string    `json:"enhanced,omitzero"`
	ReportedAt time.Time `json:"reported_at"`
}

func (RecordBounce) CommandType() string { return "message.record_bounce.v1" }

// RecordComplaint brings a feedback report.
type RecordComplaint struct {
	events.Answered
	Kind       string    `json:"kind"`
	ReportedAt time.Time `json:"reported_at"`
}

func (RecordComplaint) CommandType() string { return "message.record_complaint.v1" }

// Unsubscribe takes a person at their word.
type Unsubscribe struct {
	events.Answered
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

func (Unsubscribe) CommandType() string { return "lead.unsubscribe.v1" }
