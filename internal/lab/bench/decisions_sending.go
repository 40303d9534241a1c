package bench

import (
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// mostTicks bounds the ticks of one time.
const mostTicks = 400

// startSending lets time pass until everything that can be asked for is, and is written.
func (w *decisionWorld) startSending() error {
	defer pauseCollector()()
	return w.tickUntilQuiet("asks for messages")
}

// tickUntilQuiet advances the clock while something is due now, and takes down what it brings; messages that are asked for are written
// in the same instant.
func (w *decisionWorld) tickUntilQuiet(situation string) error {
	for n := 0; n < mostTicks; n++ {
		due := w.state.Due()
		if due.IsZero() || due.After(w.now.Add(200*time.Millisecond)) {
			return nil
		}
		if due.After(w.now) {
			w.now = due
		}
		asked, err := w.command(commands.AdvanceClock{}, es.ActorClock)
		if err != nil {
			return err
		}
		out, err := w.measureOne(situation, asked)
		if err != nil {
			return err
		}
		for _, e := range out {
			switch e := e.(type) {
			case events.MessageRequested:
				if err := w.measure("of a message that was asked for", w.draft(e.MessageID)); err != nil {
					return err
				}
				w.ready = append(w.ready, e.MessageRef)
			case events.MessageScheduled:
				w.scheduled = append(w.scheduled, e)
			}
		}
	}
	return nil
}

func (w *decisionWorld) draft(message uuid.UUID) commands.DraftMessage {
	return commands.DraftMessage{MessageID: message, Draft: events.Draft{Subject: decisionSealed, Body: decisionSealed, Writer: "template"}}
}

// sendSome claims what has a slot, 24 at a time, and says that it was sent.
func (w *decisionWorld) sendSome(atMost int) error {
	byBox := map[uuid.UUID][]uuid.UUID{}
	var boxes []uuid.UUID
	for _, s := range w.scheduled[:min(atMost, len(w.scheduled))] {
		if byBox[s.MailboxID] == nil {
			boxes = append(boxes, s.MailboxID)
		}
		byBox[s.MailboxID] = append(byBox[s.MailboxID], s.MessageID)
	}
	w.scheduled = w.scheduled[min(atMost, len(w.scheduled)):]
	for _, box := range boxes {
		for ids := byBox[box]; len(ids) > 0; ids = ids[min(24, len(ids)):] {
			if err := w.sendBatch(box, ids[:min(24, len(ids))]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *decisionWorld) sendBatch(box uuid.UUID, ids []uuid.UUID) error {
	if err := w.measure("24 at once", commands.ClaimMessages{MailboxID: box, MessageIDs: ids, InboxReadAt: w.now}); err != nil {
		return err
	}
	var results []commands.SendResult
	for _, id := range ids {
		if m := w.o.Messages[id]; m != nil && m.Claimed() {
			results = append(results, commands.SendResult{MessageID: id, Sent: true, At: w.now})
			w.sent = append(w.sent, w.o.MessageSent(m, "", w.now))
		}
	}
	if len(results) == 0 {
		return nil
	}
	return w.measure("24 at once", commands.RecordResults{MailboxID: box, Results: results})
}

// measure asks a command and remembers what it took.
func (w *decisionWorld) measure(situation string, c commands.Command) error {
	asked, err := w.command(c, es.ActorOperator)
	if err != nil {
		return err
	}
	_, err = w.measureOne(situation, asked)
	return err
}
