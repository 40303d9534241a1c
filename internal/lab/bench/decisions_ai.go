package bench

import (
	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
)

// aiSituations has as many calls of language models at once as reactors make.
func (w *decisionWorld) aiSituations() []situation {
	const many = 500
	price := events.AIPrice{Input: 400_000, Cached: 100_000, Output: 1_600_000}
	call := func(n int) events.AICallRef {
		return events.AICallRef{CallID: w.id("ai call", n), CampaignID: w.campaigns[0], LeadID: w.lead(n)}
	}
	holder := func(n int) uuid.UUID { return w.id("ai holder", n) }
	settings := events.AISettings{Provider: events.AIProviderOwn, BaseURL: "https://models.example.com/v1", Models: map[string]events.AIModel{events.AITaskWrite: {Model: "big", Price: price}}}
	return []situation{
		{"of one's own", 1, func(int) commands.Command { return commands.SetAISettings{AISettings: settings} }},
		{"as it was sent before", 3, func(n int) commands.Command {
			return commands.SetCampaignWritingV1{CampaignID: w.campaigns[n], CampaignWritingV1: events.CampaignWritingV1{Refused: events.RefusedReplaced}}
		}},
		{"with many at once", many, func(n int) commands.Command {
			return commands.ReserveAICall{AICallRef: call(n), Task: events.AITaskWrite, Provider: events.AIProviderOwn, Model: "big", Price: price, AtMostMicros: 10_000, Holder: holder(n), PromptHash: "hash", Settings: w.o.AI.Version}
		}},
		{"with many at once", many / 2, func(n int) commands.Command {
			return commands.SettleAICall{CallID: call(many - n - 1).CallID, Holder: holder(many - n - 1), Outcome: events.AIAnswered, InputTokens: 1000, OutputTokens: 200, Answer: decisionSealed}
		}},
		{"with many at once", 10, func(n int) commands.Command { return commands.GiveUpAICall{CallID: call(n).CallID} }},
		{"of a draft", 3, func(n int) commands.Command {
			return commands.RecordAIFallback{AICallRef: call(n), Task: events.AITaskWrite, To: events.AIFallbackTemplate, Reason: "budget"}
		}},
		{"of a campaign", 3, func(n int) commands.Command {
			return commands.SetCampaignWriting{CampaignID: w.campaigns[n], CampaignWriting: events.CampaignWriting{Refused: events.RefusedDropped}}
		}},
		{"as it was sent before", 1, func(int) commands.Command {
			return commands.SetAISettingsV1{AISettingsV1: events.AISettingsV1{Provider: settings.Provider, BaseURL: settings.BaseURL, Models: settings.Models, LimitMicros: 5_000_000}}
		}},
		{"with many at once", 1, func(int) commands.Command { return commands.StopAI{Reason: "odd texts"} }},
		{"with many at once", 1, func(int) commands.Command { return commands.ResumeAI{} }},
	}
}
