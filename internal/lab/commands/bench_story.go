package commands

import (
	"context"
	"fmt"
	"strings"
	"time"

	"outrider/events"
	"outrider/internal/app/node"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/internal/lab/mailserver"
)

// appendTimes are when facts of one kind were appended, by the broker's clock.
type appendTimes struct {
	n           int
	first, last time.Time
}

func (m *appendTimes) addMoment(at time.Time) {
	if m.n++; m.first.IsZero() || at.Before(m.first) {
		m.first = at
	}
	if at.After(m.last) {
		m.last = at
	}
}

// benchTimings is what a log says of a run.
type benchTimings struct {
	requested, drafted, sent appendTimes
	events                   int             // since the run began
	took                     []time.Duration // from each claim to its result
}

// readTimings reads a whole log after the run, so that reading costs it nothing.
func readTimings(ctx context.Context, r node.Running, began time.Time) (s benchTimings, err error) {
	log, err := kafka.Log{Seeds: strings.Split(r.Kafka, ","), Generation: 1}.Measure(ctx)
	if err != nil {
		return s, err
	}
	kinds := map[string]*appendTimes{events.MessageRequested{}.EventType(): &s.requested, events.MessageDrafted{}.EventType(): &s.drafted, events.MessageSent{}.EventType(): &s.sent}
	claimed := map[string]time.Time{} // by lead: each gets one message
	for p := range log.Partitions {
		if err := reader.ScanRaw(ctx, log, p, es.StartCheckpoint(), false, func(raw reader.Raw) error {
			e := raw.Entry.Event
			if e == nil || raw.Verdict == es.Void {
				return nil
			}
			if at := raw.Record.Timestamp; !at.Before(began.Truncate(time.Millisecond)) {
				s.events++
			}
			switch e.Type {
			case events.MessageClaimed{}.EventType():
				claimed[e.Subject] = raw.Record.Timestamp
			case events.MessageSent{}.EventType():
				s.took = append(s.took, raw.Record.Timestamp.Sub(claimed[e.Subject]))
			}
			if m := kinds[e.Type]; m != nil {
				m.addMoment(raw.Record.Timestamp)
			}
			return nil
		}); err != nil {
			return s, err
		}
	}
	return s, nil
}

// arrivedOnce says when the mail server accepted the last of so many messages, of which each person got one.
func arrivedOnce(journal string, want int) (last time.Time, err error) {
	lines, err := mailserver.ReadJournal(journal)
	if err != nil {
		return last, err
	}
	got := map[string]int{}
	for _, l := range lines {
		if l.Kind != mailserver.Accepted || len(l.To) != 1 || l.IsToSelf() { // who tries a mailbox writes to itself
			continue
		}
		if got[l.To[0]]++; got[l.To[0]] > 1 {
			return last, fmt.Errorf("%s got %d messages", l.To[0], got[l.To[0]])
		}
		if l.Real.After(last) {
			last = l.Real
		}
	}
	if len(got) != want {
		return last, fmt.Errorf("%d people got a message, %d should have", len(got), want)
	}
	return last, nil
}
