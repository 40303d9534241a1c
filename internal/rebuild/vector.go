package rebuild

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/es/project"
)

// vector is where a projection stands on each partition.
type vector map[int32]es.Checkpoint

func (v vector) eventCount() (n int64) {
	for _, c := range v {
		n += c.Pseq
	}
	return n
}

// pseqByPartition returns pseq by partition.
func (v vector) pseqByPartition() map[int32]int64 {
	out := map[int32]int64{}
	for p, c := range v {
		out[p] = c.Pseq
	}
	return out
}

// errApart means that projections which are built together stand at different positions.
var errApart = errors.New("stand at different positions: wait until both go on, or mend the one that stands still")

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// loadPositions returns the positions of some projections. Where they differ it is the lesser one, or an error when exact.
func loadPositions(ctx context.Context, db querier, keys []project.ProjectionKey, exact bool) (vector, error) {
	v := vector{}
	for i, k := range keys {
		rows, err := db.Query(ctx, `select partition, epoch, pseq, "offset", leader_epoch from kernel.checkpoints where projection = $1 and version = $2`, k.Name, k.Version)
		if err != nil {
			return nil, fmt.Errorf("read positions of %s: %w", k, err)
		}
		var partition int32
		var c es.Checkpoint
		if _, err := pgx.ForEachRow(rows, []any{&partition, &c.Epoch, &c.Pseq, &c.Offset, &c.LeaderEpoch}, func() error {
			before, known := v[partition]
			if exact && i > 0 && before.Pseq != c.Pseq {
				return fmt.Errorf("%s and %s %w (partition %d, pseq %d and %d)", keys[0], k, errApart, partition, before.Pseq, c.Pseq)
			}
			if !known || c.Pseq < before.Pseq {
				v[partition] = c
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("read positions of %s: %w", k, err)
		}
	}
	return v, nil
}
