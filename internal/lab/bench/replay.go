package bench

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// Refold builds every partition's state from its log, as an owner does before it decides: events parsed, decoded and
// applied, answers remembered. It gives the number of events.
func Refold(ctx context.Context, log kafka.Log) (int64, error) {
	var n atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for p := range log.Partitions {
		g.Go(func() error {
			f := es.NewFold(commands.Domain())
			err := reader.ScanRecords(ctx, log, p, es.StartCheckpoint(), func(r *kgo.Record) error {
				_, _, err := f.See(r)
				return err
			})
			n.Add(f.Rule.Complete)
			if err != nil {
				return fmt.Errorf("replay partition %d: %w", p, err)
			}
			return nil
		})
	}
	err := g.Wait()
	return n.Load(), err
}
