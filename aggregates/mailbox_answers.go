package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// CorrectedAnswers are the mails of which somebody said later what they are, with the number of the event that did so last.
type CorrectedAnswers map[uuid.UUID]int64

// Add notes a correction; other events change nothing.
func (c CorrectedAnswers) Add(event events.Event, oseq int64) {
	if e, ok := event.(events.ReplyReclassified); ok && e.MailID != uuid.Nil {
		c[e.MailID] = max(c[e.MailID], oseq)
	}
}

// Tells reports whether an event is the one that says what its mail counts as: of each answer there is one. Events about nothing of that kind all do.
func (c CorrectedAnswers) Tells(event events.Event, oseq int64) bool {
	switch e := events.Newest(event).(type) {
	case events.MessageReplied:
		return c[e.MailID] == 0
	case events.ReplyReclassified:
		return e.MailID == uuid.Nil || c[e.MailID] == oseq
	}
	return true
}
