package reader

import "sync"

// Wanted is the position that somebody waits for: batches up to there don't linger, and who writes them doesn't rest. Nil means that nobody waits.
type Wanted struct {
	mu      sync.Mutex
	pseq    int64
	changed chan struct{}
}

// NewWanted returns a Wanted for one follower.
func NewWanted() *Wanted { return &Wanted{changed: make(chan struct{}, 1)} }

// Raise records that somebody waits for pseq.
func (w *Wanted) Raise(pseq int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if pseq <= w.pseq {
		return
	}
	w.pseq = pseq
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// AnybodyWaits reports whether anybody waits for pseq or a later one.
func (w *Wanted) AnybodyWaits(pseq int64) bool {
	if w == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pseq >= pseq
}

// Pseq is the last position that anybody has waited for.
func (w *Wanted) Pseq() int64 {
	if w == nil {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pseq
}

// Changed has an element when the position was raised; it is for one follower.
func (w *Wanted) Changed() <-chan struct{} {
	if w == nil {
		return nil
	}
	return w.changed
}
