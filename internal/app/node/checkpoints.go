package node

import (
	"context"
	"errors"
	"time"

	"outrider/consumers/privacy"
)

// Auditing says how often histories are signed.
type Auditing struct {
	CheckpointEvery time.Duration `default:"1m" help:"How often the history of each organisation that has grown is signed (at most once an hour of simulated time)."`
}

// Validate says what can't be so.
func (a Auditing) Validate() error {
	if a.CheckpointEvery < 0 {
		return errors.New("--checkpoint-every must not be negative")
	}
	return nil
}

// checkpointInterval gives an interval that suits the clock: simulated weeks pass in minutes.
func (a Auditing) checkpointInterval(at clock) time.Duration {
	d := a.CheckpointEvery
	if d <= 0 {
		d = time.Minute
	}
	if at.simulated != nil {
		d = max(d, time.Hour)
	}
	return d
}

// signCheckpoints goes on until ctx ends.
func (n *Node) signCheckpoints(ctx context.Context) error {
	k, err := privacy.NewCheckpointSigner(privacy.CheckpointConfig{Pool: n.Pools.Projector, Ring: n.Stores.audit, Now: n.clock.Now, Log: n.log})
	if err != nil {
		return err
	}
	n.clock.runEvery(ctx, n.auditing.checkpointInterval(n.clock), func(ctx context.Context) {
		if err := k.Round(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("checkpoints were not signed; the next round tries again", "error", err)
		}
	})
	return nil
}
