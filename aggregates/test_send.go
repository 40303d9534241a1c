package aggregates

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// TestSends are those that aren't finished, and how many were asked for of late.
type TestSends struct {
	open  map[uuid.UUID]TestSend
	asked []int64 // when, of the last 24 h; oldest first
}

// TestSend is one that isn't finished.
type TestSend struct {
	Mailbox uuid.UUID
	To      Hash
	Claimed bool
}

// Get returns one that isn't finished, and whether there is one.
func (t *TestSends) Get(id uuid.UUID) (TestSend, bool) {
	x, ok := t.open[id]
	return x, ok
}

// Asked counts those that were asked for in the 24 hours before a time.
func (t *TestSends) Asked(now time.Time) (n int) {
	since := toMicros(now) - 24*60*minute
	for _, at := range t.asked {
		if at > since {
			n++
		}
	}
	return n
}

// maxOpenTests bounds those that are remembered: a sender that has ended says nothing more of what it had claimed.
const maxOpenTests = 100

func (t *TestSends) applyEvent(event events.TestSendEvent) {
	switch e := event.(type) {
	case events.TestSendRequested:
		asked := toMicros(e.RequestedAt)
		t.asked = append(slices.DeleteFunc(t.asked, func(at int64) bool { return at <= asked-24*60*minute }), asked)
		if len(t.open) >= maxOpenTests {
			t.open = nil
		}
		putInMap(&t.open, e.TestSendID, TestSend{Mailbox: e.MailboxID, To: hashOf(e.AddressHash)})
	case events.TestSendClaimed:
		if x, ok := t.open[e.TestSendID]; ok {
			x.Claimed = true
			t.open[e.TestSendID] = x
		}
	case events.TestSendFinished:
		delete(t.open, e.TestSendID)
	}
}
