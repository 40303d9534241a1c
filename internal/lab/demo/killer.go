package demo

import (
	"context"
	"sync"
	"time"
)

// killer kills the server every now and then, and starts it again. It does nothing on nil.
type killer struct {
	d    *demonstration
	end  context.CancelCauseFunc
	now  chan int // how often it must have been done
	quit context.CancelFunc
	done chan struct{}

	mu    sync.Mutex
	asked int // kills that the progress asked for
}

// leastKills is how often the server is killed, however short the play.
const leastKills = 2

func (d *demonstration) startKiller(ctx context.Context, end context.CancelCauseFunc) *killer {
	if d.killEvery <= 0 {
		return nil
	}
	ctx, quit := context.WithCancel(ctx)
	k := &killer{d: d, end: end, now: make(chan int, leastKills), quit: quit, done: make(chan struct{})}
	go k.killUntilDone(ctx)
	return k
}

func (k *killer) killUntilDone(ctx context.Context) {
	defer close(k.done)
	every := time.NewTicker(k.d.killEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		case least := <-k.now:
			if k.d.server.killCount() >= least {
				continue // it was done meanwhile
			}
		}
		began := time.Now()
		k.d.screen.printNote("kill the server at %s", k.d.world.Clock.Now().Format(time.RFC3339))
		// Without the killer's own end: a restart that has begun is finished.
		if err := k.d.server.killAndRestart(context.WithoutCancel(ctx)); err != nil {
			k.end(err)
			return
		}
		every.Reset(max(k.d.killEvery, 2*time.Since(began))) // on a machine with much else to do, it runs longer than it starts
	}
}

// reportProgress sees to it that it happens at least twice, a while before the end: at share (0 to 1) of the play.
func (k *killer) reportProgress(share float64) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	due := int(share * (leastKills + 1))
	for k.asked < min(due, leastKills) && k.d.server.killCount() < due {
		k.asked++
		k.now <- k.asked
	}
}

// stopKilling waits until the last restart is over.
func (k *killer) stopKilling() {
	if k != nil {
		k.quit()
		<-k.done
	}
}
