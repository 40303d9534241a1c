package hostile

import (
	"maps"
	"sync"
)

// tally counts what attackers were answered.
type tally struct {
	begun chan struct{} // closed at the first

	mu    sync.Mutex
	count map[string]int
}

func newTally() *tally { return &tally{begun: make(chan struct{}), count: map[string]int{}} }

func (t *tally) add(what string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.count) == 0 {
		close(t.begun)
	}
	t.count[what] += n
}

func (t *tally) all() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.count)
}
