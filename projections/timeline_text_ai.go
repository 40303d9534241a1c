package projections

import (
	"fmt"

	"github.com/google/uuid"

	"outrider/events"
)

type aiCallDetail struct {
	CallID     uuid.UUID `json:"call_id"`
	MessageID  uuid.UUID `json:"message_id,omitzero"`
	Task       string    `json:"task"`
	Model      string    `json:"model"`
	Outcome    string    `json:"outcome"`
	Reason     string    `json:"reason,omitzero"`
	CostMicros int64     `json:"cost_micros"`
}

type aiReservedDetail struct {
	CallID       uuid.UUID `json:"call_id"`
	MessageID    uuid.UUID `json:"message_id,omitzero"`
	Task         string    `json:"task"`
	Model        string    `json:"model"`
	AtMostMicros int64     `json:"at_most_micros"`
}

type aiFallbackDetail struct {
	CallID    uuid.UUID `json:"call_id,omitzero"`
	MessageID uuid.UUID `json:"message_id,omitzero"`
	Task      string    `json:"task"`
	To        string    `json:"to"`
	Reason    string    `json:"reason"`
	Detail    string    `json:"detail,omitzero"`
}

type aiSettingsDetail struct {
	Provider string `json:"provider"`
}

type aiWritingDetail struct {
	Off          bool   `json:"off,omitzero"`
	Refused      string `json:"refused"`
	Instructions string `json:"instructions,omitzero"`
}

func aiTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.AISettingsChanged) aiSettingsDetail { return aiSettingsDetail{e.Provider} }, func(d aiSettingsDetail) sentence {
			if d.Provider == events.AIProviderOwn {
				return sentence{"own", "The settings of language models were changed: an endpoint of the organisation's own is asked."}
			}
			return sentence{"platform", "The settings of language models were changed: those of the platform are asked."}
		}),
		tellAs(func(e events.AISearchSet) events.AISearchSettings {
			return events.AISearchSettings{On: e.On, Provider: e.Provider}
		}, func(d events.AISearchSettings) sentence {
			if d.On {
				return sentence{"on", "Web sites of companies are searched for where none is known."}
			}
			return sentence{english: "Web sites of companies aren't searched for any more."}
		}),
		tellAs(func(e events.AIStopped) factStaleDetail { return factStaleDetail{e.Reason} }, func(d factStaleDetail) sentence {
			return sentence{english: "Language models were stopped" + addReason(d.Reason) + "."}
		}),
		tellSentence[events.AIResumed]("Language models may be asked again."),
		tellAs(func(e events.CampaignWritingSet) aiWritingDetail {
			return aiWritingDetail{e.Off, e.Refused, e.Instructions}
		}, func(d aiWritingDetail) sentence {
			if d.Off {
				return sentence{"off", "No language model writes messages of this campaign from now on: its templates do."}
			}
			switch d.Refused {
			case events.RefusedDropped:
				return sentence{d.Refused, "How a language model writes was set: a sentence that nothing carries is left out."}
			case events.RefusedReplaced:
				return sentence{d.Refused, "How a language model writes was set: where a sentence isn't carried, the fact that it cites is said in its own words."}
			}
			return sentence{english: "How a language model writes was set: a message with a sentence that nothing carries waits for a person."}
		}),
		tellAs(func(e events.AICallReserved) aiReservedDetail {
			return aiReservedDetail{e.CallID, e.MessageID, e.Task, e.Model, e.AtMostMicros}
		}, func(d aiReservedDetail) sentence {
			return sentence{english: fmt.Sprintf("The language model %s is being asked (%s), for at most %s.", d.Model, d.Task, spellDollars(d.AtMostMicros))}
		}),
		tellAs(func(e events.AICallSettled) aiCallDetail {
			return aiCallDetail{e.CallID, e.MessageID, e.Task, e.Model, e.Outcome, e.Reason, e.CostMicros}
		}, func(d aiCallDetail) sentence {
			cost := spellDollars(d.CostMicros)
			switch d.Outcome {
			case events.AIAnswered:
				return sentence{d.Outcome, fmt.Sprintf("The language model %s was asked (%s) and answered, for %s.", d.Model, d.Task, cost)}
			case events.AIUnusable:
				return sentence{d.Outcome, fmt.Sprintf("The language model %s was asked (%s); its answer can't be used. It cost %s.", d.Model, d.Task, cost)}
			case events.AIFailed:
				return sentence{d.Outcome, fmt.Sprintf("The language model %s could not be asked (%s).", d.Model, d.Task)}
			}
			return sentence{english: fmt.Sprintf("The language model %s was asked (%s), and no answer is known. It counts as %s, the most that it can have cost.", d.Model, d.Task, cost)}
		}),
		tellAs(func(e events.AIFellBack) aiFallbackDetail {
			return aiFallbackDetail{e.CallID, e.MessageID, e.Task, e.To, e.Reason, e.Detail}
		}, func(d aiFallbackDetail) sentence {
			switch d.To {
			case events.AIFallbackSmaller:
				return sentence{d.To, "The language model was asked again with less" + addReason(d.Reason) + "."}
			case events.AIFallbackHold:
				return sentence{d.To, "Nothing stands in for the language model: a person looks at it" + addReason(d.Reason) + "."}
			case events.AIFallbackRules:
				return sentence{d.To, "Rules stand in for the language model" + addReason(d.Reason) + "."}
			}
			return sentence{events.AIFallbackTemplate, "The template stands in for the language model" + addReason(d.Reason) + "."}
		}),
	}
}

// spellDollars writes an amount to its last millionth.
func spellDollars(micros int64) string {
	return fmt.Sprintf("$%d.%06d", micros/1_000_000, micros%1_000_000)
}
