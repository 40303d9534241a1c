package bench

import (
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

// draftWithEvidence is a draft of a model, some of whose sentences no fact carries.
func (w *decisionWorld) draftWithEvidence(message uuid.UUID, unsupported int) commands.DraftWithEvidence {
	return commands.DraftWithEvidence{MessageID: message, Draft: events.Draft{Subject: decisionSealed, Body: decisionSealed, Writer: events.WriterLLM},
		Evidence: events.Evidence{Gate: 1, Sentences: 5, Unsupported: unsupported, Report: decisionSealed}}
}
