package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RecordReply records a person's answer.
type RecordReply struct {
	events.SentMessageRef
	events.Mail
	From    string `json:"from"`
	Meaning string `json:"meaning,omitzero"` // one of events.Means...; empty = nobody has judged it
	events.Judged
}

func (RecordReply) CommandType() string { return "message.record_reply.v3" }

// Decide stops all sequences of whoever answered, or pauses them where they name a day on which to ask again, and if a campaign's settings ask for it, stops those of
// everybody at their company.
func (c RecordReply) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("reply", c.SentMessageRef); err != nil {
		return nil, err
	}
	if o.Heard.Has(c.MailID, aggregates.HeardReply) {
		return nil, nil
	}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByReply), events.MessageReplied(c))
	if err := checkJudged(c.Meaning, c.Judged); err != nil {
		return nil, err
	}
	switch c.From {
	case events.FromLead, events.FromAlias:
		out = append(out, followAnswer(now, o, out, c.SentMessageRef, c.Meaning, c.Judged)...)
		return append(out, o.StopCompany(c.LeadID, &c.MessageID, MaxItems)...), nil
	case events.FromCompany:
		return append(out, o.StopCompany(c.LeadID, &c.MessageID, MaxItems)...), nil
	}
	return nil, errInvalid("from", "must be lead, alias or company")
}

// RecordAutoReply records an automatic answer.
type RecordAutoReply struct {
	events.SentMessageRef
	events.Mail
	OutOfOffice bool   `json:"out_of_office"`
	ReturnDate  string `json:"return_date,omitzero"`
	ForGood     string `json:"for_good,omitzero"` // events.StopLeftCompany or events.StopNotMonitored
}

func (RecordAutoReply) CommandType() string { return "message.record_auto_reply.v2" }

// Decide pauses whoever is out of office until the business day after the date they give, stops when nobody will answer any more,
// and changes nothing for other automatic answers.
func (c RecordAutoReply) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("reply", c.SentMessageRef); err != nil {
		return nil, err
	}
	if !validDate(c.ReturnDate) {
		return nil, errInvalid("return_date", reasonDate)
	}
	if o.Heard.Has(c.MailID, aggregates.HeardAutoReply) {
		return nil, nil
	}
	out := append(resolveDoubt(o, c.MessageID, events.ResolvedByReply), events.MessageAutoReplied(c))
	switch c.ForGood {
	case "":
	case events.StopLeftCompany, events.StopNotMonitored:
		return append(out, stopLead(o, out, c.SentMessageRef, c.ForGood)...), nil
	default:
		return nil, errInvalid("for_good", "must be left_company or not_monitored")
	}
	if !c.OutOfOffice {
		return out, nil
	}
	return append(out, pauseLead(now, o, c.LeadID, events.PausedOutOfOffice, c.ReturnDate)...), nil
}

func checkAnswered(field string, r events.SentMessageRef) error {
	if r.MessageID == uuid.Nil || r.LeadID == uuid.Nil {
		return errInvalid(field+".message_id", "and lead_id are required")
	}
	return nil
}

// checkReport requires the message that a report is about. The hash of its address may be missing.
func checkReport(field string, r events.SentMessageRef, said events.Report) error {
	if err := checkAnswered(field, r); err != nil {
		return err
	}
	if _, ok := aggregates.ParseHash(said.AddressHash); !ok && said.AddressHash != "" {
		return errInvalid(field+".address_hash", reasonHash)
	}
	return nil
}

// stopLead ends all sequences of a lead, except those that earlier events of the same command ended.
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
