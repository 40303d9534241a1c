package aggregates

import (
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// knownAnswers are what is answered without a person.
type knownAnswers struct {
	meanings []string          // of mails that are
	count    map[uuid.UUID]int // of answers that were, by thread
	mails    map[uuid.UUID]bool
}

// AnswersByItself returns which mails are answered without a person, by what they mean.
func (k *Known) AnswersByItself() []string { return k.answers.meanings }

// AnsweredByItself returns how many answers of a thread were sent without a person, and whether one was to a mail of it.
func (k *Known) AnsweredByItself(thread, mail uuid.UUID) (n int, mailToo bool) {
	return k.answers.count[thread], k.answers.mails[mail]
}

func (a *knownAnswers) applyEvent(event events.AnswerEvent) {
	switch e := event.(type) {
	case events.AnswerDrafted: // changes nothing here
	case events.AnswerSentByItself:
		putInMap(&a.count, e.ThreadID, a.count[e.ThreadID]+1)
		putInMap(&a.mails, e.MailID, true)
	case events.AnswerAutomationSet:
		a.meanings = slices.Clone(e.Meanings)
	}
}
