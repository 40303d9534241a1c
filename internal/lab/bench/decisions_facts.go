package bench

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// facts returns ten facts about a person.
func (w *decisionWorld) facts(n int) (out []commands.FactItem) {
	for i := range 10 {
		out = append(out, commands.FactItem{FactID: w.id("fact", n*10+i), Predicate: "uses", Method: events.FactByRule, Confidence: 90, Content: decisionSealed, FoundAt: w.now})
	}
	return out
}

// claim is a sentence about the organisation.
func (w *decisionWorld) claim(n int) commands.ClaimItem {
	return commands.ClaimItem{ClaimID: w.id("claim", n), Text: "We say sentence " + strconv.Itoa(n) + ".", Source: "a document"}
}

// draftWithEvidence is a draft of a model, some of whose sentences no fact carries.
func (w *decisionWorld) draftWithEvidence(message uuid.UUID, unsupported int) commands.DraftWithEvidence {
	return commands.DraftWithEvidence{MessageID: message, Draft: events.Draft{Subject: decisionSealed, Body: decisionSealed, Writer: events.WriterLLM},
		Evidence: events.Evidence{Gate: 1, Sentences: 5, Unsupported: unsupported, Report: decisionSealed}}
}

// researchSituations asks for web sites to be read, and records what they say.
func (w *decisionWorld) researchSituations() []situation {
	whose := func(n int) int { return 9*n + 8 } // no mail provider's
	ref := func(n int) events.ResearchRef {
		company := commands.CompanyID(w.org, w.domain(whose(n)))
		return events.ResearchRef{ResearchID: es.DeriveID(company, "research", w.now.UTC().Format(time.RFC3339Nano)), CompanyID: company, LeadID: w.lead(whose(n))}
	}
	ended := func() events.ResearchOutcome {
		return events.ResearchOutcome{Pages: 6, Read: 5, Refused: 1, EndedAt: w.now, Report: decisionSealed}
	}
	search := func(n int) events.WebSearchRef {
		lead := w.lead(9 * n) // a mail provider's
		return events.WebSearchRef{SearchID: es.DeriveID(lead, "web search", w.now.UTC().Format(time.RFC3339Nano)), LeadID: lead}
	}
	return []situation{
		{"with the platform's key", 1, func(int) commands.Command {
			return commands.SetAISearch{AISearchSettings: events.AISearchSettings{On: true, Provider: events.AIProviderPlatform}}
		}},
		{"of a lead at a mail provider", 10, func(n int) commands.Command { return commands.RequestResearch{LeadID: w.lead(9 * n)} }},
		{"that found one", 10, func(n int) commands.Command {
			return commands.FinishWebSearch{WebSearchRef: search(n), Outcome: events.WebSearchFound, Results: 5, Looked: 3, Pages: 3, DomainHash: w.hash("found", n), Company: decisionSealed, EndedAt: w.now}
		}},
		{"of a campaign", 3, func(n int) commands.Command {
			return commands.SetCampaignResearch{CampaignID: w.campaigns[n], CampaignResearch: events.CampaignResearch{On: true, WaitMinutes: n + 1}}
		}},
		{"of an organisation", 3, func(n int) commands.Command {
			return commands.SetResearch{ResearchSettings: events.ResearchSettings{PagesASite: 6, PagesPerDay: 100_000 - n, KeepDays: 30}}
		}},
		{"of a lead's company", 20, func(n int) commands.Command { return commands.RequestResearch{LeadID: w.lead(whose(n))} }},
		{"with ten facts", 10, func(n int) commands.Command {
			return commands.CompleteResearch{ResearchRef: ref(n), ResearchOutcome: ended(), DomainHash: w.domain(whose(n)), Company: decisionSealed, Facts: w.facts(100_000 + n), FreshUntil: w.now.Add(time.Hour)}
		}},
		{"that can't be read", 10, func(n int) commands.Command {
			return commands.EndResearch{ResearchRef: ref(10 + n), ResearchOutcome: ended(), Reason: events.ResearchForbidden, Tried: true}
		}},
	}
}

// testSituations send texts of a campaign to the mailbox that they leave from.
func (w *decisionWorld) testSituations() []situation {
	ref := func(n int) events.TestSendRef { return events.TestSendRef{TestSendID: w.id("test", n)} }
	return []situation{
		{"to the mailbox", 3, func(n int) commands.Command {
			return commands.RequestTestSend{TestSendRef: ref(n), CampaignID: w.campaigns[0], MailboxID: w.boxes[0], AddressHash: w.o.Mailboxes.Get(w.boxes[0]).Address.String(), DomainHash: w.hash("ours", 0), Subject: "Hi", Body: "Hello"}
		}},
		{"one", 3, func(n int) commands.Command {
			return commands.ClaimTestSend{TestSendRef: ref(n), DomainHash: w.hash("ours", 0)}
		}},
		{"one", 3, func(n int) commands.Command {
			return commands.FinishTestSend{TestSendRef: ref(n), Outcome: events.TestSendSent, At: w.now}
		}},
	}
}
