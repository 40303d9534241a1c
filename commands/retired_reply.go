package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// RecordAutoReplyV1 is RecordAutoReply without ForGood.
type RecordAutoReplyV1 struct {
	events.SentMessageRef
	events.Mail
	OutOfOffice bool   `json:"out_of_office"`
	ReturnDate  string `json:"return_date,omitzero"`
}

func (RecordAutoReplyV1) CommandType() string { return "message.record_auto_reply.v1" }

// Decide pauses whoever is out of office.
func (c RecordAutoReplyV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return RecordAutoReply{SentMessageRef: c.SentMessageRef, Mail: c.Mail, OutOfOffice: c.OutOfOffice, ReturnDate: c.ReturnDate}.Decide(now, o)
}

// RecordReplyV2 is RecordReply without reasons.
type RecordReplyV2 struct {
	events.SentMessageRef
	events.Mail
	From    string `json:"from"`
	Meaning string `json:"meaning,omitzero"`
}

func (RecordReplyV2) CommandType() string { return "message.record_reply.v2" }

// Decide stops the sequences of whoever answered.
func (c RecordReplyV2) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return RecordReply{SentMessageRef: c.SentMessageRef, Mail: c.Mail, From: c.From, Meaning: c.Meaning}.Decide(now, o)
}

// RecordReplyV1 is RecordReply without Meaning.
type RecordReplyV1 struct {
	events.SentMessageRef
	events.Mail
	From string `json:"from"`
}

func (RecordReplyV1) CommandType() string { return "message.record_reply.v1" }

// Decide stops the sequences of whoever answered.
func (c RecordReplyV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return RecordReply{SentMessageRef: c.SentMessageRef, Mail: c.Mail, From: c.From}.Decide(now, o)
}
