// Command withengines runs a command, such as go test, with engines for its tests: they are started before and end after. One of each for all
// packages, since a start costs more than most tests.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"outrider/internal/engines"
	"outrider/internal/engines/enginestest"
)

func main() {
	engines.RunChild()
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: withengines kafka|postgres|clickhouse[,...] COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	// Ctrl-C reaches the command too; it ends, and then we do.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := runWithEngines(ctx, strings.Split(os.Args[1], ","), os.Args[2:])
	stop()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		os.Exit(max(ended.ExitCode(), 1))
	case err != nil:
		fmt.Fprintln(os.Stderr, "withengines:", err)
		os.Exit(1)
	}
}

func runWithEngines(ctx context.Context, names, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdin, os.Stdout, os.Stderr, os.Environ()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	for _, name := range names {
		if enginestest.IsShared(name) { // who runs us has started it
			continue
		}
		variable, stop, err := enginestest.StartShared(ctx, name)
		if err != nil {
			return err
		}
		defer stop()
		cmd.Env = append(cmd.Env, variable)
	}
	return cmd.Run()
}
