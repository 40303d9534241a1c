package engines

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// RunChild must be the first thing that main and every TestMain call: an embedded engine is this same program started
// again. In such a child it runs the engine and ends the process; anywhere else it does nothing.
func RunChild() {
	if len(os.Args) != 2 || !strings.HasPrefix(os.Args[1], "internal-") {
		return
	}
	told := os.Getenv(childVariable)
	if told == "" {
		fmt.Fprintln(os.Stderr, os.Args[1]+" is started by outrider itself, not by hand")
		os.Exit(2)
	}
	ready := os.NewFile(readyFD, "ready")
	var o childOrders
	err := json.Unmarshal([]byte(told), &o)
	if err == nil {
		err = o.runEngine(untilParentEnds(), ready)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		fmt.Fprintln(ready, strings.ReplaceAll(err.Error(), "\n", " "))
		os.Exit(1)
	}
	os.Exit(0)
}

// childPatience is how long a child may take to end after its parent has.
const childPatience = 10 * time.Second

// untilParentEnds is done when the parent closes our stdin or dies, or on SIGTERM.
func untilParentEnds() context.Context {
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	context.AfterFunc(ctx, func() {
		time.Sleep(childPatience)
		os.Exit(3) // whatever hangs, no child outlives its parent for long
	})
	return ctx
}

func (o *childOrders) runEngine(ctx context.Context, ready *os.File) error {
	l, err := net.FileListener(os.NewFile(listenerFD, "listener"))
	if err != nil {
		return fmt.Errorf("take over the listener: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return unwritableProblem(o.Dir, err)
	}
	up := func() {
		fmt.Fprintln(ready, readyLine)
		_ = ready.Close()
	}
	switch o.Engine {
	case Kafka:
		return o.runKafka(ctx, l, up)
	case ClickHouse:
		return o.runClickHouse(ctx, l, up)
	}
	return fmt.Errorf("no engine is called %q", o.Engine)
}
