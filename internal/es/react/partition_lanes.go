package react

import (
	"container/heap"
	"sync"
)

// turns decides which lane hands out its next event, the one that was taken first: so what is finished stays close
// behind what is committed, and a restart repeats little.
type turns struct {
	mu     sync.Mutex
	change sync.Cond
	heap   turnHeap
	taken  uint64
	ended  bool
}

// turn is a lane whose next event may go.
type turn struct {
	number uint64 // of the event, in the order of taking
	p      *partition
	lane   lane
}

type turnHeap []turn

func (h turnHeap) Len() int           { return len(h) }
func (h turnHeap) Less(i, j int) bool { return h[i].number < h[j].number }
func (h turnHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *turnHeap) Push(x any)        { *h = append(*h, x.(turn)) }
func (h *turnHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	old[len(old)-1] = turn{}
	*h = old[:len(old)-1]
	return x
}

func newTurns() *turns {
	t := &turns{}
	t.change.L = &t.mu
	return t
}

// newNumber returns the next number in the order of taking.
func (t *turns) newNumber() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken++
	return t.taken
}

func (t *turns) addTurn(x turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	heap.Push(&t.heap, x)
	t.change.Signal()
}

// nextTurn waits for a turn; false means that there are no more.
func (t *turns) nextTurn() (turn, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.heap) == 0 && !t.ended {
		t.change.Wait()
	}
	if t.ended {
		return turn{}, false
	}
	return heap.Pop(&t.heap).(turn), true
}

func (t *turns) endTurns() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.change.Broadcast()
}
