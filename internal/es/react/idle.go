package react

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// idle knows which organisations have nothing that a reactor is for, such as an endpoint to be told: their events of some types are passed
// over, without a message for each. It belongs to a partition while that is assigned, and sees the partition's events in their order.
type idle struct {
	mayPass func(string) bool // by event type; nil = every event is delivered

	mu    sync.Mutex
	orgs  map[uuid.UUID]bool
	woken map[uuid.UUID]int64 // Oseq of the newest event of another type, which may give the reactor something to do
}

func newIdle(mayPass func(string) bool) *idle {
	return &idle{mayPass: mayPass, orgs: map[uuid.UUID]bool{}, woken: map[uuid.UUID]int64{}}
}

// passesOver reports whether an event needs no reaction. It must be asked for every wanted event, in their order.
func (i *idle) passesOver(e *es.Event) bool {
	if i.mayPass == nil {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.mayPass(e.Type) {
		return i.orgs[e.Org]
	}
	delete(i.orgs, e.Org)
	i.woken[e.Org] = e.Oseq
	return false
}

func (i *idle) note(e *es.Event) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.woken[e.Org] <= e.Oseq { // else something came since, and what was read may not have it
		i.orgs[e.Org] = true
	}
}

type idleKey struct{}

// NoteIdle says, in the handling of an event, that its organisation has nothing that the reactor is for, by what was read when all up to
// the event was shown. From then on its events that may be passed over (Reactor.MayPass) are, until one that may not comes.
func NoteIdle(ctx context.Context, e *es.Event) {
	if i, ok := ctx.Value(idleKey{}).(*idle); ok {
		i.note(e)
	}
}
