package hostile

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"
)

func TestAControlRunMovesTheBound(t *testing.T) {
	t.Parallel()
	ms := func(n ...int) (out []time.Duration) {
		for _, x := range n {
			out = append(out, time.Duration(x)*time.Millisecond)
		}
		return out
	}
	does := map[string]func(context.Context) error{doWrite: nil, doRead: nil}
	n := &neighbour{does: does, took: map[string]map[string][]time.Duration{
		alone: {doWrite: ms(10, 10), doRead: ms(10, 10)}, "an attack": {doWrite: ms(50, 50), doRead: ms(200, 200)}}}
	l := Line{Kinds: map[string]Kind{}}
	if n.compare(&l, "an attack"); len(l.Slow) != 2 || l.Bound != 30 {
		t.Errorf("without a control run %v, bound %.0f", l.Slow, l.Bound)
	}
	n.took[controlName("an attack")] = map[string][]time.Duration{doWrite: ms(20, 20), doRead: ms(20, 20)}
	if n.compare(&l, "an attack"); len(l.Slow) != 1 || l.Bound != 60 || l.Beside != 20 || l.Kinds[doRead].Beside != 20 {
		t.Errorf("beside as much work %+v", l)
	}
}

func TestWhatABurnSpendsIsSeen(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	before := processorTime(os.Getpid())
	var all sync.WaitGroup
	burnProcessors(ctx, 0.5, &all)
	for late := time.Now().Add(5 * time.Minute); processorTime(os.Getpid())-before < 50*time.Millisecond; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("a burn is not seen in what the process has used")
		}
	}
	stop()
	all.Wait()
	if processorTime(-1) != 0 {
		t.Error("nobody has used something")
	}
}
