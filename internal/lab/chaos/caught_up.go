package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/projections"
	"outrider/projections/analytics"
)

// endsOf gives the newest pseq that counts in each partition.
func endsOf(ctx context.Context, at runOutput) ([]int64, error) {
	ends := make([]int64, at.log.Partitions)
	for p := range at.log.Partitions {
		end, _, err := reader.Scan(ctx, at.log, reader.Config{Partition: p, From: es.StartCheckpoint()}, 0, func(context.Context, reader.Batch) error { return nil })
		if err != nil {
			return nil, fmt.Errorf("find the end of partition %d: %w", p, err)
		}
		ends[p] = end.Pseq
	}
	return ends, nil
}

// caughtUp waits until every projection has come to the end of every partition, and names those that don't move any more.
func caughtUp(ctx context.Context, s storePair, ends []int64, wait time.Duration) (late []string, err error) {
	var before string
	for moved := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		late = nil
		rows, err := s.pools.Projector.Query(ctx, `select projection, partition, pseq from kernel.checkpoints order by 1, 2`)
		if err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		there := map[string][]int64{}
		for _, p := range projections.All(nil) {
			there[p.Name] = make([]int64, len(ends))
		}
		for _, c := range analytics.Rebuildable() {
			there[c.Name] = make([]int64, len(ends))
		}
		var name string
		var partition int
		var pseq int64
		if _, err := pgx.ForEachRow(rows, []any{&name, &partition, &pseq}, func() error {
			if of := there[name]; of != nil && partition < len(of) {
				of[partition] = pseq
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("read checkpoints: %w", err)
		}
		for name, of := range there {
			for p, pseq := range of {
				if pseq != ends[p] {
					late = append(late, fmt.Sprintf("%s of partition %d is at pseq %d of %d", name, p, pseq, ends[p]))
				}
			}
		}
		now := fmt.Sprint(there)
		if now != before {
			before, moved = now, time.Now()
		}
		if len(late) == 0 || time.Since(moved) > wait {
			return late, nil
		}
	}
}
