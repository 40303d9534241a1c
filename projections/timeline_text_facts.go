package projections

import (
	"strconv"

	"github.com/google/uuid"

	"outrider/events"
)

type factDetail struct {
	Predicate string `json:"predicate"`
	Method    string `json:"method"`
}

type factStaleDetail struct {
	Reason string `json:"reason"`
}

type evidenceDetail struct {
	MessageID   uuid.UUID `json:"message_id"`
	Sentences   int       `json:"sentences,omitzero"`
	Unsupported int       `json:"unsupported,omitzero"`
}

type answerDetail struct {
	ThreadID uuid.UUID `json:"thread_id"`
	Meaning  string    `json:"meaning"`
}

type editDetail struct {
	MessageID uuid.UUID `json:"message_id"`
	Changed   int       `json:"changed"`
	Words     int       `json:"words"`
}

type claimDetail struct {
	Version int    `json:"version"`
	Reason  string `json:"reason,omitzero"`
}

func factTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.FactFound) factDetail { return factDetail{e.Predicate, e.Method} }, func(d factDetail) sentence {
			switch d.Method {
			case events.FactByPerson:
				return sentence{"person", "A fact was entered."}
			case events.FactByImport, events.FactByProvider:
				return sentence{"data", "A fact was brought by data."}
			case events.FactByModel:
				return sentence{"model", "A fact was found on a page by a language model."}
			}
			return sentence{english: "A fact was found on a page."}
		}),
		tellAs(func(e events.FactStale) factStaleDetail { return factStaleDetail{e.Reason} }, func(d factStaleDetail) sentence {
			switch d.Reason {
			case events.FactWithdrawn:
				return sentence{"withdrawn", "A fact was withdrawn."}
			case events.FactPageGone:
				return sentence{"page_gone", "A fact may not be said any more: its page is gone."}
			}
			return sentence{english: "A fact may not be said any more: its page no longer says it."}
		}),
		tellAs(func(e events.EvidenceRecorded) evidenceDetail {
			return evidenceDetail{e.MessageID, e.Sentences, e.Unsupported}
		}, func(d evidenceDetail) sentence {
			if d.Unsupported == 0 {
				return sentence{"supported", "Each sentence of the draft is carried by a fact or approved text."}
			}
			return sentence{english: "Sentences of the draft that no fact carries: " + strconv.Itoa(d.Unsupported) + " of " + strconv.Itoa(d.Sentences) + ". It can't be approved so."}
		}),
		tellAs(func(e events.EvidenceOverruled) evidenceDetail { return evidenceDetail{MessageID: e.MessageID} }, func(evidenceDetail) sentence {
			return sentence{english: "A person answers for sentences of the draft that no fact carries."}
		}),
		tellAs(func(e events.DraftEditMeasured) editDetail { return editDetail{e.MessageID, e.Changed, e.Words} }, func(d editDetail) sentence {
			return sentence{english: "A person changed " + strconv.Itoa(d.Changed) + " of " + strconv.Itoa(d.Words) + " words of the draft before approving it."}
		}),
		tellSentence[events.CompanyRecorded]("A record of the company was made."),
		tellAs(func(e events.AnswerDrafted) answerDetail {
			return answerDetail{ThreadID: e.ThreadID, Meaning: e.Meaning}
		}, func(answerDetail) sentence {
			return sentence{english: "A program drafted an answer. Nobody has sent it."}
		}),
		tellAs(func(e events.AnswerSentByItself) answerDetail { return answerDetail{e.ThreadID, e.Meaning} }, func(d answerDetail) sentence {
			return sentence{english: "An answer is sent without a person" + addReason(d.Meaning) + "."}
		}),
		tellSentence[events.AnswerAutomationSet]("Which mails are answered without a person was set."),
		tellAs(func(e events.ClaimApproved) claimDetail { return claimDetail{Version: e.Version} }, func(d claimDetail) sentence {
			if d.Version > 1 {
				return sentence{"version", "Version " + strconv.Itoa(d.Version) + " of a sentence about ourselves was approved."}
			}
			return sentence{english: "A sentence about ourselves was approved."}
		}),
		tellAs(func(e events.ClaimRetired) claimDetail { return claimDetail{e.Version, e.Reason} }, func(d claimDetail) sentence {
			if d.Reason == events.ClaimExpired {
				return sentence{"expired", "A sentence about ourselves may be said no more: its time is over."}
			}
			return sentence{english: "A sentence about ourselves may be said no more: a person has taken it back."}
		}),
	}
}
