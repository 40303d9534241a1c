package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// DraftWithEvidence records a text that a language model wrote, with what the evidence gate says of it.
type DraftWithEvidence struct {
	MessageID uuid.UUID `json:"message_id"`
	events.Draft
	LeadVersion int             `json:"lead_version"`
	Evidence    events.Evidence `json:"evidence"`
}

func (DraftWithEvidence) CommandType() string { return "message.draft_with_evidence.v1" }

// Decide accepts a draft until the message has a slot. One with a sentence that no fact carries waits for a person, whatever the campaign's approval.
func (c DraftWithEvidence) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return draftWithEvidence(now, o, DraftMessage{MessageID: c.MessageID, Draft: c.Draft, LeadVersion: c.LeadVersion}, c.Evidence)
}

func draftWithEvidence(now time.Time, o *aggregates.Organization, c DraftMessage, e events.Evidence) ([]events.Event, error) {
	msg, err := writableMessage(o, c.MessageID, c.LeadVersion)
	if err != nil {
		return nil, err
	}
	if err := firstError(c.checkFields(), checkEvidence(e)); err != nil {
		return nil, err
	}
	for _, id := range e.FactIDs {
		if !o.Known.MaySay(id, msg.Campaign().ID, now) { // it went stale while the text was written
			return nil, refuseAbout(msg.Lead().ID, CodeVersionConflict, detailID{id})
		}
	}
	number := msg.Drafts() + 1
	out := []events.Event{events.MessageDrafted{MessageRef: msg.Ref(), Draft: c.Draft, Number: number},
		events.EvidenceRecorded{EvidenceRef: evidenceRef(msg), Evidence: e, Number: number}}
	if !msg.NeedsApproval() && e.Unsupported == 0 && !o.Doubts(msg, e.FactIDs) {
		out = append(out, events.MessageApproved{MessageRef: msg.Ref(), By: "policy"})
	}
	return out, nil
}

func evidenceRef(msg *aggregates.Message) events.EvidenceRef {
	return events.EvidenceRef{MessageID: msg.ID, LeadID: msg.Lead().ID, CampaignID: msg.Ref().CampaignID}
}

func checkEvidence(e events.Evidence) error {
	switch {
	case e.Gate <= 0:
		return errInvalid("gate", "is missing")
	case e.Sentences < 0 || e.Unsupported < 0 || e.Unsupported > e.Sentences:
		return errInvalid("unsupported", "must be 0 to sentences")
	case len(e.FactIDs) > MaxFacts:
		return errInvalid("fact_ids", "are too many")
	case e.Report.IsZero():
		return errInvalid("report", "is missing")
	case len(e.Report.C) > 128<<10:
		return errInvalid("report", "must be at most 128 KiB")
	case e.CostMicros < 0 || e.InputTokens < 0 || e.OutputTokens < 0:
		return errInvalid("cost_micros", "must be 0 or more")
	}
	return firstError(checkText("model", e.Model, 0, 100), checkText("prompt_hash", e.PromptHash, 0, 64))
}

// EditDraftWithEvidence replaces a text that is held against facts by what a person wrote.
type EditDraftWithEvidence struct {
	MessageID uuid.UUID       `json:"message_id"`
	Subject   events.Sealed   `json:"subject"`
	Body      events.Sealed   `json:"body,omitzero"`
	BodyRef   string          `json:"body_ref,omitzero"`
	IfDraft   int             `json:"if_draft"`
	Evidence  events.Evidence `json:"evidence"`
}

func (EditDraftWithEvidence) CommandType() string { return "message.edit_draft_with_evidence.v1" }

// Decide takes the text as EditDraft does. What a person wrote is held against facts like what a model wrote.
func (c EditDraftWithEvidence) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := editable(o, c.MessageID, c.IfDraft); err != nil {
		return nil, err
	}
	draft := events.Draft{Subject: c.Subject, Body: c.Body, BodyRef: c.BodyRef, Writer: events.WriterPerson}
	return draftWithEvidence(now, o, DraftMessage{MessageID: c.MessageID, Draft: draft}, c.Evidence)
}

// OverruleEvidence answers for the sentences of a draft that no fact carries.
type OverruleEvidence struct {
	MessageID uuid.UUID     `json:"message_id"`
	Draft     int           `json:"draft"` // number of the draft that was before the person's eyes
	Reason    events.Sealed `json:"reason"`
}

func (OverruleEvidence) CommandType() string { return "message.overrule_evidence.v1" }

// Decide has nothing to do for a draft whose sentences are all supported, or answered for.
func (c OverruleEvidence) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := editable(o, c.MessageID, c.Draft); err != nil {
		return nil, err
	}
	switch {
	case c.Reason.IsZero():
		return nil, errInvalid("reason", "is missing")
	case len(c.Reason.C) > 4<<10:
		return nil, errInvalid("reason", "must be at most 4 KiB")
	}
	msg := o.Messages[c.MessageID]
	lapsed := o.Known.Unsayable(msg, now)
	if o.Known.Unsupported(c.MessageID) == 0 && len(lapsed) == 0 {
		return nil, nil
	}
	var out []events.Event
	if len(lapsed) > 0 && !o.Known.Lapsed(c.MessageID) { // its time is over, and nobody has said so yet
		out = append(out, events.MessageApprovalLapsed{MessageRef: msg.Ref(), Reason: lapseOf(o, lapsed)})
	}
	return append(out, events.EvidenceOverruled{EvidenceRef: evidenceRef(msg), Number: c.Draft, Reason: c.Reason}), nil
}

// lapseOf says why something may not be said any more when nobody has said that it may not: its time is over.
func lapseOf(o *aggregates.Organization, ids []uuid.UUID) string {
	if _, fact := o.Known.Fact(ids[0]); fact {
		return events.LapsedFactExpired
	}
	return events.LapsedClaimExpired
}

// unsupported returns how many sentences of a message keep it from being approved.
func unsupported(now time.Time, o *aggregates.Organization, msg *aggregates.Message) int {
	return max(o.Known.Unsupported(msg.ID), len(o.Known.Unsayable(msg, now)))
}
