package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// judgedDraft is what is known of a message whose drafts are held against facts.
type judgedDraft struct {
	facts       []uuid.UUID // that the newest draft says
	unsupported int         // sentences of it that no fact carries, and for which nobody answers
}

// Judged reports whether the drafts of a message are held against facts: then what a model or a person writes of it must be.
func (k *Known) Judged(message uuid.UUID) bool {
	_, ok := k.judged[message]
	return ok
}

// Unsupported returns how many sentences of a message no fact carries.
func (k *Known) Unsupported(message uuid.UUID) int { return k.judged[message].unsupported }

// Saying returns the messages that say one of some facts, in order.
func (k *Known) Saying(facts []uuid.UUID) (messages []uuid.UUID) {
	for id, j := range k.judged {
		if slices.ContainsFunc(j.facts, func(f uuid.UUID) bool { return slices.Contains(facts, f) }) {
			messages = append(messages, id)
		}
	}
	slices.SortFunc(messages, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return messages
}

// draft forgets what was said of an older draft: what is said of a new one follows.
func (k *Known) draft(message uuid.UUID) {
	if _, ok := k.judged[message]; ok {
		k.judged[message] = judgedDraft{}
	}
}

func (k *Known) judge(e events.EvidenceRecorded) {
	putInMap(&k.judged, e.MessageID, judgedDraft{e.FactIDs, e.Unsupported})
}

func (k *Known) overrule(message uuid.UUID) {
	if j, ok := k.judged[message]; ok {
		j.unsupported = 0
		k.judged[message] = j
	}
}
