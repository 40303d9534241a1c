package projections

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// mailHeard is when a mail came, and whether a person has written it.
type mailHeard struct {
	At    time.Time `json:"at"`
	Human bool      `json:"human,omitzero"`
}

// heardIn returns the mail that an event tells of.
func heardIn(e *es.Event) (mail uuid.UUID, is mailHeard, ok bool) {
	switch p := e.Payload.(type) {
	case events.MessageReplied:
		return p.MailID, mailHeard{p.ReceivedAt, p.Human()}, true
	case events.MessageAutoReplied:
		return p.MailID, mailHeard{p.ReceivedAt, false}, true
	case events.ReplyReclassified:
		return p.MailID, mailHeard{p.ReceivedAt, p.Human()}, true
	}
	return uuid.Nil, mailHeard{}, false
}

// hearMail adds what an event says of a mail to those that came before, in answer to the same message or from the same person. It returns when the first of people came, and the
// first of machines: computed from all mails, so that a correction counts as if it had been known from the start.
func hearMail(before json.RawMessage, e *es.Event) (after json.RawMessage, byPerson, byMachine *time.Time, err error) {
	mail, is, ok := heardIn(e)
	if !ok {
		return nil, nil, nil, fmt.Errorf("event %s tells of no mail", e.Type)
	}
	mails := map[uuid.UUID]mailHeard{}
	if before != nil {
		if err := json.Unmarshal(before, &mails); err != nil {
			return nil, nil, nil, fmt.Errorf("read mails: %w", err)
		}
	}
	is.At = is.At.UTC().Truncate(time.Microsecond) // as the database keeps it
	if was, known := mails[mail]; known && was.At.Before(is.At) {
		is.At = was.At
	}
	mails[mail] = is
	for _, m := range mails {
		if m.Human {
			byPerson = earlierOf(byPerson, m.At)
		} else {
			byMachine = earlierOf(byMachine, m.At)
		}
	}
	after, err = es.Marshal(mails)
	return after, byPerson, byMachine, err
}
