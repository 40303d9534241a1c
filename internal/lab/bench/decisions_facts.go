package bench

import (
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
