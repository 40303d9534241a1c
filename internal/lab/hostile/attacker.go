package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"outrider/internal/lab/mailserver/child"
)

// ChildArgument is the argument with which main must call Main.
const ChildArgument = "child-hostile"

// Main is the process of an attacker: main calls it when the first argument is ChildArgument, and ends with its result.
func Main() int { return child.Run(runAttacker) }

// orders are what an attacker is told: all of it at once.
type orders struct {
	URL      string
	Requests []requestFlood
	Conns    []connFlood
	Burn     float64 // processors to keep busy
	Upright  bool    // it doesn't stand back
}

// nice is how far an attacker stands behind whom it attacks where both want the same processor: it comes over the network elsewhere.
const nice = 10

// attackFrom runs an attacker in a process of its own until ctx ends.
func (a *arena) attackFrom(ctx context.Context, o orders, seen *tally) error {
	o.URL = a.world.URL()
	var said bytes.Buffer // read once the process has ended
	p, err := child.Start(ctx, child.Spec{Name: ChildArgument, Orders: o, Log: &said})
	if err != nil {
		return err
	}
	a.spent.begin(p.PID)
	defer a.spent.end(p.PID)
	<-ctx.Done()
	if err := p.Stop(); err != nil {
		_, _ = a.log.Write(said.Bytes())
		return fmt.Errorf("attacker: %w", err)
	}
	for line := range bytes.Lines(said.Bytes()) {
		counts := map[string]int{}
		if json.Unmarshal(line, &counts) != nil {
			_, _ = a.log.Write(line)
			continue
		}
		for what, n := range counts {
			seen.add(what, n)
		}
	}
	return nil
}

func runAttacker(ctx context.Context, o orders, _ []net.Listener, ready func()) error {
	if !o.Upright {
		standBack()
	}
	seen := newTally()
	var all sync.WaitGroup
	for _, f := range o.Requests {
		f.start(ctx, o.URL, &all, seen)
	}
	for _, f := range o.Conns {
		f.start(ctx, o.URL, &all, seen)
	}
	if o.Burn > 0 {
		burnProcessors(ctx, o.Burn, &all)
	}
	ready()
	<-ctx.Done()
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(5 * time.Second): // who waits for an answer is of no interest
	}
	return json.NewEncoder(os.Stdout).Encode(seen.all())
}

// standBack lets others go before this process. Each thread has its own niceness on Linux, and gives it to those that it starts.
func standBack() {
	tasks, _ := filepath.Glob("/proc/self/task/*")
	for _, t := range tasks {
		if id, err := strconv.Atoi(filepath.Base(t)); err == nil {
			_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, nice) // it attacks all the same
		}
	}
}
