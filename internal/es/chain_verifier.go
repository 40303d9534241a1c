package es

import (
	"errors"
	"fmt"
	"time"
)

// ErrDamaged reports that a copy of an organisation's history isn't what was written: something is missing, or was changed.
var ErrDamaged = errors.New("the history is damaged")

// ChainVerifier follows the history of one organisation from its first event and recomputes its chain. The zero value is before the
// first event.
type ChainVerifier struct {
	Oseq  int64     // of the last event
	Chain ChainHash // recomputed up to and with it
	Time  time.Time // of it
	Whole bool      // it was the last of its command

	scratch []byte
}

// Follow takes the next event; it returns ErrDamaged for one that doesn't follow, and stays where it was.
func (v *ChainVerifier) Follow(e *Event) error {
	if e.Oseq != v.Oseq+1 {
		return fmt.Errorf("%w: organisation %s goes from event %d to event %d", ErrDamaged, e.Org, v.Oseq, e.Oseq)
	}
	var link ChainHash
	link, v.scratch = Link(v.Chain, e, v.scratch)
	if link != e.Chain {
		return fmt.Errorf("%w: the chain of organisation %s breaks at event %d: %s is written, %s follows from the content", ErrDamaged, e.Org, e.Oseq, e.Chain, link)
	}
	v.Oseq, v.Chain, v.Time, v.Whole = e.Oseq, link, e.Time, e.Last
	return nil
}
