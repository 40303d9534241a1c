package commands

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// MaxAutomaticAnswers bounds the answers of a thread that are sent without a person.
const MaxAutomaticAnswers = 2

// DraftAnswer records what a program would answer to a mail of a person, and sends it if it may.
type DraftAnswer struct {
	ThreadID uuid.UUID       `json:"thread_id"`
	MailID   uuid.UUID       `json:"mail_id"`
	Meaning  string          `json:"meaning"` // of the mail, as the writer knew it
	Writer   string          `json:"writer"`  // template | llm
	Body     events.Sealed   `json:"body"`
	Evidence events.Evidence `json:"evidence"`
	Send     *WriteResponse  `json:"send,omitempty"` // what is sent, where the organisation has that switched on
}

func (DraftAnswer) CommandType() string { return "answer.draft.v1" }

// Decide has nothing to do for a mail that was answered without a person, and refuses a draft that says what may not be said any more. What may not be sent without a person is only recorded.
func (c DraftAnswer) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	t, ok := o.Threads.Get(c.ThreadID)
	if !ok || !o.Heard.Has(c.MailID, aggregates.HeardReply) {
		return nil, errNotFound(c.MailID)
	}
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	if _, answered := o.Known.AnsweredByItself(c.ThreadID, c.MailID); answered {
		return nil, nil
	}
	for _, id := range c.Evidence.FactIDs {
		if !o.Known.MaySay(id, t.Ref().CampaignID, now) {
			return nil, refuseAbout(t.Ref().LeadID, CodeVersionConflict, detailID{id})
		}
	}
	ref := events.AnswerRef{ThreadID: c.ThreadID, LeadID: t.Ref().LeadID, CampaignID: t.Ref().CampaignID, MailID: c.MailID}
	out := []events.Event{events.AnswerDrafted{AnswerRef: ref, Meaning: c.Meaning, Writer: c.Writer, Body: c.Body, Evidence: c.Evidence}}
	if c.Send == nil || !c.maySend(o, t) {
		return out, nil
	}
	send := *c.Send
	send.ThreadID, send.MailID = c.ThreadID, c.MailID
	written, err := send.Decide(now, o)
	if err != nil {
		return out, nil //nolint:nilerr // what can't be sent waits for a person
	}
	return append(append(out, written...), events.AnswerSentByItself{AnswerRef: ref, ResponseID: send.ResponseID, Meaning: c.Meaning}), nil
}

// maySend reports whether no person need look at it: the organisation has it so, each sentence is carried, and the mail is what it was taken for and is still to be answered.
func (c DraftAnswer) maySend(o *aggregates.Organization, t aggregates.Thread) bool {
	n, _ := o.Known.AnsweredByItself(c.ThreadID, c.MailID)
	return slices.Contains(o.Known.AnswersByItself(), c.Meaning) && o.Heard.Meaning(c.MailID) == c.Meaning && !o.Heard.Has(c.MailID, aggregates.HeardAutoReply) && c.Evidence.Unsupported == 0 &&
		n < MaxAutomaticAnswers && t.HasStatus(events.ThreadNeedsAnswer, time.Time{})
}

func (c DraftAnswer) checkFields() error {
	switch {
	case c.Body.IsZero():
		return errInvalid("body", "is missing")
	case len(c.Body.C) > 48<<10:
		return errInvalid("body", "must be at most 48 KiB")
	case c.Writer != events.WriterTemplate && c.Writer != events.WriterLLM:
		return errInvalid("writer", "must be template or llm")
	}
	return firstError(checkText("meaning", c.Meaning, 1, 40), checkEvidence(c.Evidence))
}

// AutomaticMeanings are those of mails that may be answered without a person.
func AutomaticMeanings() []string { return []string{events.MeansMeetingRequest} }

// SetAnswerAutomation says which mails are answered without a person.
type SetAnswerAutomation struct {
	Meanings []string `json:"meanings,omitzero"`
}

func (SetAnswerAutomation) CommandType() string { return "answer.set_automation.v1" }

// Decide has nothing to do where it is so already.
func (c SetAnswerAutomation) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	for i, m := range c.Meanings {
		if !slices.Contains(AutomaticMeanings(), m) || slices.Contains(c.Meanings[:i], m) {
			return nil, errInvalid("meanings", "may hold meeting_request, once")
		}
	}
	if slices.Equal(c.Meanings, o.Known.AnswersByItself()) {
		return nil, nil
	}
	return oneEvent(events.AnswerAutomationSet{AutomationRef: events.AutomationRef{OrganizationID: o.ID}, Meanings: c.Meanings})
}
