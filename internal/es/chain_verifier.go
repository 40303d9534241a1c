package es

import (
	"errors"
	"fmt"
	"time"
)

// ErrDamaged says that a copy of an organisation's history isn't what was written: something is missing, or has changed.
var ErrDamaged = errors.New("the history is damaged")

// Trail follows the history of one organisation from its first event and recomputes its chain. The zero value is before the
// first event.
type Trail struct {
	Oseq  int64     // of the last event
	Chain Hash      // recomputed up to and with it
	Time  time.Time // of it
	Whole bool      // it was the last of its command

	scratch []byte
}

// Follow takes the next event; what doesn't follow is ErrDamaged, and the trail stays where it was.
func (t *Trail) Follow(e *Event) error {
	if e.Oseq != t.Oseq+1 {
		return fmt.Errorf("%w: organisation %s goes from event %d to event %d", ErrDamaged, e.Org, t.Oseq, e.Oseq)
	}
	var link Hash
	link, t.scratch = Link(t.Chain, e, t.scratch)
	if link != e.Chain {
		return fmt.Errorf("%w: the chain of organisation %s breaks at event %d: %s is written, %s follows from the content", ErrDamaged, e.Org, e.Oseq, e.Chain, link)
	}
	t.Oseq, t.Chain, t.Time, t.Whole = e.Oseq, link, e.Time, e.Last
	return nil
}
