package prospects

import "strings"

// Question is how a subject begins that some answer who would have answered nothing else. They only say that they aren't interested, so that
// such a subject brings answers and no meetings.
const Question = "A question about "

// asksCurious reports whether a message is one that a curious person answers. It draws from chances of its own: who a person is doesn't depend on it.
func (m *receivedMessage) asksCurious() bool {
	k := m.who
	return m.nth == 1 && k.Outcome == noOutcome && strings.HasPrefix(m.of.subject, Question) && doesHappen(chanceFor(m.config.Seed, "curious", k.Address), m.config.Rates.Curious)
}
