package privacy

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/consumers/reaction"
	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/projections"
)

// checkpointsTogether is how many are signed in one transaction.
const checkpointsTogether = 1000

// CheckpointConfig is what the signer needs.
type CheckpointConfig struct {
	Pool *pgxpool.Pool // of the projector: it sees every organisation
	Ring *audit.Keyring
	Now  func() time.Time
	Log  *slog.Logger
}

// CheckpointSigner signs the end of each organisation's history whenever it has grown.
type CheckpointSigner struct {
	CheckpointConfig
}

// NewCheckpointSigner returns a signer, or an error that names what is missing.
func NewCheckpointSigner(c CheckpointConfig) (*CheckpointSigner, error) {
	if err := (reaction.Required{"pool": c.Pool != nil, "ring": c.Ring != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("checkpoint signer"); err != nil {
		return nil, err
	}
	return &CheckpointSigner{CheckpointConfig: c}, nil
}

// Round signs the histories that have grown since the last round. A checkpoint isn't in the log, so it doesn't make a history grow.
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
		all[i] = &audit.Checkpoint{Org: g.OrgID, Oseq: g.Oseq, Chain: es.ChainHash(g.Chain.Chain), Time: now, Previous: g.Signed}
		all[i].Sign(k.Ring)
	}
	return len(all), audit.Add(ctx, tx, all)
}

// reportBroken logs the organisations whose histories are no longer signed.
func (k *CheckpointSigner) reportBroken(ctx context.Context) error {
	return pgx.BeginFunc(ctx, k.Pool, func(tx pgx.Tx) error {
		broken, err := projections.BrokenChains(ctx, tx)
		for _, c := range broken {
			k.Log.Error("the history of an organisation doesn't fit its chain; no checkpoint is signed", "org", c.OrgID, "oseq", *c.Broken)
		}
		return err
	})
}
