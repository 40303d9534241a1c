package chaos

import (
	"context"
	"fmt"
	"syscall"

	"outrider/internal/engines"
)

// Broker is what holds the log: one broker or several, by number from 0.
type Broker interface {
	Addresses() []string                   // that each gives of itself
	Kill(ctx context.Context, i int) error // kill -9; returns when it answers again
	Freeze(i int) error
	Thaw(i int) error
	Stop()
}

// Start starts a broker below a folder; nil = the embedded one.
type Start func(ctx context.Context, dir string, says func(format string, a ...any)) (Broker, error)

// embeddedBroker is the one of the engines.
type embeddedBroker struct{ e *engines.Engines }

func (b embeddedBroker) Addresses() []string { return []string{b.e.Kafka} }

func (b embeddedBroker) Kill(ctx context.Context, _ int) error {
	return killEngine(ctx, b.e, engines.Kafka)
}

func (b embeddedBroker) Freeze(int) error {
	return signalTree(b.e.PIDs()[engines.Kafka], syscall.SIGSTOP)
}

func (b embeddedBroker) Thaw(int) error {
	return signalTree(b.e.PIDs()[engines.Kafka], syscall.SIGCONT)
}

func (b embeddedBroker) Stop() {} // with the engines

func killEngine(ctx context.Context, e *engines.Engines, name string) error {
	if err := e.WaitReady(ctx, name); err != nil {
		return err
	}
	if err := e.Kill(name); err != nil {
		return fmt.Errorf("kill %s: %w", name, err)
	}
	return e.WaitReady(ctx, name)
}
