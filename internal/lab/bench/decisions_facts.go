package bench

import (
	"strconv"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
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
