package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RecordReply brings an answer by a person.
type RecordReply struct {
	events.SentMessageRef
	events.Mail
	From string `json:"from"`
}

func (RecordReply) CommandType() string { return "message.record_reply.v1" }

// Decide stops all sequences of who answered, and where a campaign wants it, of everybody at their company.
func (c RecordReply) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("reply", c.SentMessageRef); err != nil {
		return nil, err
	}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByReply), events.MessageReplied{SentMessageRef: c.SentMessageRef, Mail: c.Mail, From: c.From})
	switch c.From {
	case events.FromLead, events.FromAlias:
		out = append(out, stopLead(o, out, c.SentMessageRef, events.StopReplied)...)
		return append(out, o.StopCompany(c.LeadID, &c.MessageID, MaxItems)...), nil
	case events.FromCompany:
		return append(out, o.StopCompany(c.LeadID, &c.MessageID, MaxItems)...), nil
	}
	return nil, errInvalid("from", "must be lead, alias or company")
}

// RecordAutoReply brings an answer by a machine.
type RecordAutoReply struct {
	events.SentMessageRef
	events.Mail
	OutOfOffice bool   `json:"out_of_office"`
	ReturnDate  string `json:"return_date,omitzero"`
}

func (RecordAutoReply) CommandType() string { return "message.record_auto_reply.v1" }

// Decide pauses who is out of office until the business day after the date they give, and changes nothing for other
// automatic answers.
func (c RecordAutoReply) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("reply", c.SentMessageRef); err != nil {
		return nil, err
	}
	if !validDate(c.ReturnDate) {
		return nil, errInvalid("return_date", reasonDate)
	}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByReply), events.MessageAutoReplied{SentMessageRef: c.SentMessageRef, Mail: c.Mail, OutOfOffice: c.OutOfOffice, ReturnDate: c.ReturnDate})
	if !c.OutOfOffice {
		return out, nil
	}
	for _, e := range o.EnrollmentsOf(c.LeadID) {
		until := o.BackAt(now, e, c.ReturnDate, outOfOfficeDays)
		if until.After(now) && !e.PausedBeyond(until) {
			out = append(out, events.EnrollmentPaused{EnrollmentRef: e.Ref(), Reason: events.PausedOutOfOffice, Until: until})
		}
	}
	return out, nil
}

func checkAnswered(field string, r events.SentMessageRef) error {
	if r.MessageID == uuid.Nil || r.LeadID == uuid.Nil {
		return errInvalid(field+".message_id", "and lead_id are required")
	}
	return nil
}

// stopLead ends all sequences of a lead but those that events before it in the same command have ended.
func stopLead(o *aggregates.Organization, before []events.Event, r events.SentMessageRef, reason string) (out []events.Event) {
	for _, e := range o.EnrollmentsOf(r.LeadID) {
		ended := false
		for _, b := range before {
			done, ok := b.(events.EnrollmentCompleted)
			ended = ended || ok && done.EnrollmentRef == e.Ref()
		}
		if !ended {
			out = append(out, e.Stop(reason, &r.MessageID)...)
		}
	}
	return out
}

// Days that an absence without a date lasts.
const outOfOfficeDays = 14
