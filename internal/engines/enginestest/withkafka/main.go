// Command withkafka runs a command, such as go test, with an Apache Kafka for its tests: it is started before and ends
// after, and its address is in OUTRIDER_TEST_KAFKA. One for all packages, since Java takes seconds to start.
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
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: withkafka COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	// Ctrl-C reaches the command too; it ends, and then we do.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		os.Exit(max(ended.ExitCode(), 1))
	case err != nil:
		fmt.Fprintln(os.Stderr, "withkafka:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, command []string) error {
	data, err := os.MkdirTemp("", "outrider-test-kafka-")
	if err != nil {
		return fmt.Errorf("make a data folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(data) }()
	c, err := engines.StartApache(ctx, engines.ApacheOptions{Data: data, Quick: true})
	if err != nil {
		return err
	}
	defer c.Stop()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), enginestest.KafkaVariable+"="+strings.Join(c.Seeds(), ","))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	return cmd.Run()
}
