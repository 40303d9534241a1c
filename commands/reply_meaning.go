package commands

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// followAnswer returns what follows for the sequences of a person from what their answer means: a pause until the day that they name, else the end. What isn't sure ends
// them: a person looks at it.
func followAnswer(now time.Time, o *aggregates.Organization, before []events.Event, r events.SentMessageRef, meaning string, j events.Judged) []events.Event {
	if j.Pauses(meaning) && o.Flags.On(events.FeatureAskAgain) {
		return pauseLead(now, o, r.LeadID, events.PausedNotNow, j.AskAgain)
	}
	if meaning == events.MeansLeftCompany {
		return stopLead(o, before, r, events.StopLeftCompany)
	}
	return stopLead(o, before, r, events.StopReplied)
}

// pauseLead pauses all sequences of a lead until the business day after a date.
func pauseLead(now time.Time, o *aggregates.Organization, lead uuid.UUID, reason, date string) (out []events.Event) {
	for _, e := range o.EnrollmentsOf(lead) {
		until := o.BackAt(now, e, date, outOfOfficeDays)
		if until.After(now) && !e.PausedBeyond(until) {
			out = append(out, events.EnrollmentPaused{EnrollmentRef: e.Ref(), Reason: reason, Until: until})
		}
	}
	return out
}

func checkJudged(meaning string, j events.Judged) error {
	switch {
	case meaning != "" && !slices.Contains(events.Meanings(), meaning):
		return errInvalid("meaning", "is none that an answer can have")
	case !validDate(j.AskAgain):
		return errInvalid("ask_again", reasonDate)
	case j.Confidence < 0 || j.Confidence > 100:
		return errInvalid("confidence", "must be 0 to 100")
	case len(j.Evidence.C)+len(j.Referral.C) > 16<<10:
		return errInvalid("evidence", "must be at most 16 KiB, with referral")
	}
	switch j.Source {
	case "", events.JudgedByHeader, events.JudgedByWords, events.JudgedByModel, events.JudgedByPerson:
		return nil
	}
	return errInvalid("source", "must be header, words, model or person")
}

// ReclassifyReply corrects what an answer means, or confirms it.
type ReclassifyReply struct {
	events.SentMessageRef
	MailID      uuid.UUID     `json:"mail_id"`
	From        string        `json:"from,omitzero"`
	ReceivedAt  time.Time     `json:"received_at"`
	AddressHash string        `json:"address_hash,omitzero"` // that the message went to
	Meaning     string        `json:"meaning"`
	AskAgain    string        `json:"ask_again,omitzero"`
	Referral    events.Sealed `json:"referral,omitzero"`
}

func (ReclassifyReply) CommandType() string { return "message.reclassify_reply.v1" }

// Decide records the correction and does what the answer would have done. It ends no pause by hand, lifts no suppression and starts no sequence anew: what has ended stays ended.
func (c ReclassifyReply) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkAnswered("reply", c.SentMessageRef); err != nil {
		return nil, err
	}
	j := events.Judged{Confidence: 100, Source: events.JudgedByPerson, AskAgain: c.AskAgain, Referral: c.Referral}
	switch {
	case !o.Heard.Has(c.MailID, aggregates.HeardReply) && !o.Heard.Has(c.MailID, aggregates.HeardAutoReply):
		return nil, errNotFound(c.MailID)
	case c.Meaning == "":
		return nil, errInvalid("meaning", "is missing")
	case c.AskAgain != "" && c.Meaning != events.MeansNotNow && c.Meaning != events.MeansOutOfOffice:
		return nil, errInvalid("ask_again", "is for not_now and out_of_office only")
	case !c.Referral.IsZero() && c.Meaning != events.MeansReferral && c.Meaning != events.MeansWrongPerson && c.Meaning != events.MeansLeftCompany:
		return nil, errInvalid("referral", "is for referral, wrong_person and left_company only")
	}
	if err := checkJudged(c.Meaning, j); err != nil {
		return nil, err
	}
	was := o.Heard.Meaning(c.MailID)
	done := c.consequences(now, o, j)
	if was == c.Meaning && o.Heard.Has(c.MailID, aggregates.HeardCorrection) && len(done) == 0 && c.Referral.IsZero() {
		return nil, nil
	}
	return append([]events.Event{events.ReplyReclassified{SentMessageRef: c.SentMessageRef, MailID: c.MailID, From: c.From, ReceivedAt: c.ReceivedAt, Meaning: c.Meaning, Was: was, Judged: j}}, done...), nil
}

func (c ReclassifyReply) consequences(now time.Time, o *aggregates.Organization, j events.Judged) []events.Event {
	switch c.Meaning {
	case events.MeansAutomatic:
		return nil
	case events.MeansOutOfOffice:
		return pauseLead(now, o, c.LeadID, events.PausedOutOfOffice, c.AskAgain)
	case events.MeansUnsubscribe:
		out, err := Unsubscribe{SentMessageRef: c.SentMessageRef, Report: events.Report{MailID: c.MailID, AddressHash: c.AddressHash}, How: events.UnsubscribeReply, At: now}.Decide(now, o)
		if err == nil {
			return out
		}
	}
	out := followAnswer(now, o, nil, c.SentMessageRef, c.Meaning, j)
	return append(out, o.StopCompany(c.LeadID, &c.MessageID, MaxItems-min(len(out), MaxItems-1))...)
}

// SettleReferral says what became of a person whom an answer names.
type SettleReferral struct {
	ThreadID  uuid.UUID `json:"thread_id"`
	MailID    uuid.UUID `json:"mail_id"`
	NewLeadID uuid.UUID `json:"new_lead_id,omitzero"` // zero = they don't become one
}

func (SettleReferral) CommandType() string { return "thread.settle_referral.v1" }

// Decide records it, and another decision after that.
func (c SettleReferral) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	t, ok := o.Threads.Get(c.ThreadID)
	switch {
	case !ok:
		return nil, errNotFound(c.ThreadID)
	case !o.Heard.Has(c.MailID, aggregates.HeardReply) && !o.Heard.Has(c.MailID, aggregates.HeardAutoReply):
		return nil, errNotFound(c.MailID)
	case c.NewLeadID != uuid.Nil && o.Leads.Get(c.NewLeadID) == nil:
		return nil, errNotFound(c.NewLeadID)
	}
	return oneEvent(events.ReferralSettled{ThreadRef: t.Ref(), MailID: c.MailID, NewLeadID: c.NewLeadID})
}
