package consumers

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/projections"
)

// checkpointsTogether is how many are signed in one transaction.
const checkpointsTogether = 1000

// CheckpointSigner signs how far the history of each organisation is, once it has grown.
type CheckpointSigner struct {
	Pool *pgxpool.Pool // of the projector: it sees every organisation
	Ring *audit.Keyring
	Now  func() time.Time
	Log  *slog.Logger
}

// Round signs what has grown since the last one. A checkpoint isn't in the log, so it makes no history grow.
func (k *CheckpointSigner) Round(ctx context.Context) error {
	for {
		signed := 0
		if err := pgx.BeginFunc(ctx, k.Pool, func(tx pgx.Tx) error {
			ours, err := audit.Turn(ctx, tx)
			if err != nil || !ours {
				return err
			}
			signed, err = k.signGrown(ctx, tx)
			return err
		}); err != nil {
			return fmt.Errorf("sign checkpoints: %w", err)
		}
		if signed < checkpointsTogether {
			return k.reportBroken(ctx)
		}
	}
}

func (k *CheckpointSigner) signGrown(ctx context.Context, tx pgx.Tx) (int, error) {
	grown, err := projections.GrownChains(ctx, tx, checkpointsTogether)
	if err != nil || len(grown) == 0 {
		return 0, err
	}
	now := k.Now()
	all := make([]*audit.Checkpoint, len(grown))
	for i, g := range grown {
		all[i] = &audit.Checkpoint{Org: g.OrgID, Oseq: g.Oseq, Chain: es.Hash(g.Chain.Chain), Time: now, Previous: g.Signed}
		all[i].Sign(k.Ring)
	}
	return len(all), audit.Add(ctx, tx, all)
}

// reportBroken says of which organisations nothing is signed any more.
func (k *CheckpointSigner) reportBroken(ctx context.Context) error {
	return pgx.BeginFunc(ctx, k.Pool, func(tx pgx.Tx) error {
		broken, err := projections.BrokenChains(ctx, tx)
		for _, c := range broken {
			k.Log.Error("the history of an organisation doesn't fit its chain; no checkpoint is signed", "org", c.OrgID, "oseq", *c.Broken)
		}
		return err
	})
}
