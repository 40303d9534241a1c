package hostile

import (
	"maps"
	"sync"
)

// tally counts what attackers were answered.
type tally struct {
	begun chan struct{} // closed by the first that is counted, or by begin
	once  sync.Once

	mu    sync.Mutex
	count map[string]int
}

func newTally() *tally { return &tally{begun: make(chan struct{}), count: map[string]int{}} }

// begin says that the attack is under way, or never will be.
func (t *tally) begin() { t.once.Do(func() { close(t.begun) }) }

func (t *tally) add(what string, n int) {
	t.begin()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count[what] += n
}

func (t *tally) all() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.count)
}
