package commands

import (
	"context"

	"outrider/internal/app/node"
	"outrider/internal/kafka"
	"outrider/internal/lab/demo"
	"outrider/internal/lab/quiescence"
	"outrider/internal/lab/simclock"
)

// JoinClock takes part in simulated time at its coordinator.
func JoinClock(ctx context.Context, address string, log kafka.Log) (node.SimulatedClock, error) {
	c, err := simclock.Dial(ctx, address, demo.ServerName)
	if err != nil {
		return nil, err
	}
	return quiescence.New(c, log)
}
