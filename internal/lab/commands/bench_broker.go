package commands

import (
	"context"
	"fmt"
	"time"

	"outrider/internal/engines"
)

// benchKafka is the choice of a broker for a bench; what writes a history first finds it warm.
type benchKafka struct {
	Kafka string `default:"embedded" enum:"embedded,apache" help:"embedded, or apache: a real Apache Kafka (make kafka)."`
}

const howSynced = "no fsync of batches; postgres fsync on, projector synchronous_commit off"

// brokerName says in the conditions of a result what the broker was.
func (b benchKafka) brokerName() string {
	if b.Kafka == engines.Apache {
		return "Apache Kafka, one node, warm from the writing, " + howSynced
	}
	return "embedded (kfake), " + howSynced
}

// benchBroker is the choice of a broker for a bench of the whole product.
type benchBroker struct {
	benchKafka
	Warm time.Duration `help:"How long the server works before anything is measured: Java is slow until it has worked for a while. Default: 2s, or 30s with --kafka apache." placeholder:"DURATION"`
}

func (b benchBroker) warmUpTime() time.Duration {
	switch {
	case b.Warm > 0:
		return b.Warm
	case b.Kafka == engines.Apache:
		return 30 * time.Second
	}
	return 2 * time.Second
}

// brokerName says in the conditions of a result what the broker was.
func (b benchBroker) brokerName() string {
	if b.Kafka == engines.Apache {
		return fmt.Sprintf("Apache Kafka, one node, warmed for %s, %s", b.warmUpTime(), howSynced)
	}
	return b.benchKafka.brokerName()
}

// warmUp makes a server work before a bench that doesn't do so itself: campaigns of organisations that the bench doesn't look at.
func (b benchBroker) warmUp(ctx context.Context, s *benchServer) error {
	if b.Kafka != engines.Apache && b.Warm == 0 {
		return nil
	}
	_, err := benchCommandsCmd{benchBroker: b, Concurrency: 64, Organizations: 8, Command: "campaign"}.measureCommands(ctx, s)
	return err
}
