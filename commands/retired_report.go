package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RecordBounceV1 is RecordBounce without the server's words.
type RecordBounceV1 struct {
	events.SentMessageRef
	Code       int       `json:"code,omitzero"`
	Enhanced   string    `json:"enhanced,omitzero"`
	ReportedAt time.Time `json:"reported_at"`
}

func (RecordBounceV1) CommandType() string { return "message.record_bounce.v1" }

// Decide reads the codes alone.
func (c RecordBounceV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return RecordBounce{SentMessageRef: c.SentMessageRef, SMTPReply: events.SMTPReply{Code: c.Code, Enhanced: c.Enhanced}, ReportedAt: c.ReportedAt}.Decide(now, o)
}

// RecordBounceV2 is RecordBounce without the address that the message went to.
type RecordBounceV2 struct {
	events.SentMessageRef
	MailID           uuid.UUID `json:"mail_id,omitzero"` // of the report; see events.Mail
	events.SMTPReply           // as quoted in the report; its stage is rcpt if the report says so
	ReportedAt       time.Time `json:"reported_at"`
}

func (RecordBounceV2) CommandType() string { return "message.record_bounce.v2" }

// Decide assumes the address that the lead has.
func (c RecordBounceV2) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return RecordBounce{SentMessageRef: c.SentMessageRef, Report: events.Report{MailID: c.MailID}, SMTPReply: c.SMTPReply, ReportedAt: c.ReportedAt}.Decide(now, o)
}

// RecordComplaintV1 is RecordComplaint without the id of the mail.
type RecordComplaintV1 struct {
	events.SentMessageRef
	Kind       string    `json:"kind"`
	ReportedAt time.Time `json:"reported_at"`
}

func (RecordComplaintV1) CommandType() string { return "message.record_complaint.v1" }

// Decide assumes the address that the lead has.
func (c RecordComplaintV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return RecordComplaint{SentMessageRef: c.SentMessageRef, Kind: c.Kind, ReportedAt: c.ReportedAt}.Decide(now, o)
}

// UnsubscribeV1 is Unsubscribe without the id of the mail.
type UnsubscribeV1 struct {
	events.SentMessageRef
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

func (UnsubscribeV1) CommandType() string { return "lead.unsubscribe.v1" }

// Decide assumes the address that the lead has.
func (c UnsubscribeV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return Unsubscribe{SentMessageRef: c.SentMessageRef, How: c.How, At: c.At}.Decide(now, o)
}
