package main

import (
	"context"
	"fmt"
	"time"

	"outrider/internal/embedded"
)

// benchBroker is the choice of a broker for a bench.
type benchBroker struct {
	Kafka string        `default:"embedded" enum:"embedded,apache" help:"embedded, or apache: a real Apache Kafka (make kafka). Java is slow until it has worked for a while, so commands run first, for as long as --warm says."`
	Warm  time.Duration `help:"How long the server works before anything is measured. Default: 2s, or 30s with --kafka apache." placeholder:"DURATION"`
}

func (b benchBroker) warm() time.Duration {
	switch {
	case b.Warm > 0:
		return b.Warm
	case b.Kafka == embedded.Apache:
		return 30 * time.Second
	}
	return 2 * time.Second
}

// named says in the conditions of a result what the broker was.
func (b benchBroker) named() string {
	if b.Kafka == embedded.Apache {
		return fmt.Sprintf("Apache Kafka, one node, warmed for %s, no fsync of batches; postgres fsync on, projector synchronous_commit off", b.warm())
	}
	return embeddedBroker
}

// ready makes a server work before a bench that doesn't do so itself: campaigns of organisations that the bench doesn't look at.
func (b benchBroker) ready(ctx context.Context, s *benchServer) error {
	if b.Kafka != embedded.Apache && b.Warm == 0 {
		return nil
	}
	_, err := benchCommandsCmd{benchBroker: b, Concurrency: 64, Organizations: 8, Command: "campaign"}.run(ctx, s)
	return err
}
