package aggregates

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// judgedDraft is what is known of a message whose drafts are held against facts.
type judgedDraft struct {
	facts       []uuid.UUID // that the newest draft says
	unsupported int         // sentences of it that no fact carries, and for which nobody answers
	lapsed      bool        // something that it says doesn't hold any more, and nobody answers for that
}

// Judged reports whether the drafts of a message are held against facts: then what a model or a person writes of it must be.
func (k *Known) Judged(message uuid.UUID) bool {
	_, ok := k.judged[message]
	return ok
}

// Unsupported returns how many sentences of a message no fact carries; at least 1 where something that it says doesn't hold any more.
func (k *Known) Unsupported(message uuid.UUID) int {
	j := k.judged[message]
	if j.lapsed {
		return max(j.unsupported, 1)
	}
	return j.unsupported
}

// Lapsed reports whether it is known of a message that something that it says doesn't hold any more.
func (k *Known) Lapsed(message uuid.UUID) bool { return k.judged[message].lapsed }

// Unsayable returns what the newest draft of a message says and may not be said at a time, in order.
func (k *Known) Unsayable(m *Message, now time.Time) (out []uuid.UUID) {
	for _, id := range k.judged[m.ID].facts {
		if !k.MaySay(id, m.e.campaign.ID, now) {
			out = append(out, id)
		}
	}
	return out
}

// LeastSure returns the lowest confidence of the facts that are among some, in percent; 100 without any.
func (k *Known) LeastSure(ids []uuid.UUID) int {
	least := 100
	for _, id := range ids {
		if f, ok := k.facts[id]; ok {
			least = min(least, int(f.Confidence))
		}
	}
	return least
}

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
	putInMap(&k.judged, e.MessageID, judgedDraft{facts: e.FactIDs, unsupported: e.Unsupported})
}

func (k *Known) overrule(message uuid.UUID) {
	if j, ok := k.judged[message]; ok {
		if j.lapsed { // they answer for that too
			j.facts, j.lapsed = nil, false
		}
		j.unsupported = 0
		k.judged[message] = j
	}
}

func (k *Known) lapse(message uuid.UUID) {
	j := k.judged[message]
	j.lapsed = true
	putInMap(&k.judged, message, j)
}
