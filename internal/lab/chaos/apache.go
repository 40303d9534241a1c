package chaos

import (
	"context"
	"fmt"
	"log/slog"

	"outrider/internal/engines"
)

// Apache starts Apache Kafka, of 1 or 3 brokers. It takes Java, and the jars that `make kafka` fetches.
func Apache(brokers int) Start {
	return func(ctx context.Context, dir string, says func(format string, a ...any)) (Broker, error) {
		c, err := engines.StartApache(ctx, engines.ApacheOptions{Data: dir, Brokers: brokers, Quick: true, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			return nil, err
		}
		says("%d broker(s) of Apache Kafka run", brokers)
		return apache{c}, nil
	}
}

// apache is a cluster of it.
type apache struct{ c *engines.ApacheCluster }

func (a apache) Addresses() []string { return a.c.Seeds() }

func (a apache) Kill(ctx context.Context, i int) error {
	b := a.c.Brokers[i]
	if err := b.Kill(); err != nil {
		return fmt.Errorf("kill broker %d: %w", i, err)
	}
	if err := b.Start(ctx); err != nil {
		return fmt.Errorf("start broker %d again: %w", i, err)
	}
	return nil
}

func (a apache) Freeze(i int) error { return a.c.Brokers[i].Freeze() }

func (a apache) Thaw(i int) error { return a.c.Brokers[i].Thaw() }

func (a apache) Stop() { a.c.Stop() }
