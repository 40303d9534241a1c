package logtail

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// FindTrace finds the events of a correlation, which may also be named by the id of one of its commands or events.
func FindTrace(ctx context.Context, log kafka.Log, id uuid.UUID) (roots []*es.TracedCommand, err error) {
	correlation, found := uuid.Nil, map[int32]bool{} // a caller may use one id for several organisations
	for p := range log.Partitions {
		if _, _, err := reader.Scan(ctx, log, reader.Config{Partition: p, From: es.StartCheckpoint()}, 0, func(_ context.Context, b reader.Batch) error {
			for _, e := range b.Events {
				if e.CorrelationID == id || e.CommandID == id || e.ID == id {
					correlation, found[p] = e.CorrelationID, true
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	for p := range log.Partitions {
		if !found[p] {
			continue
		}
		var all []*es.Event
		if _, _, err := reader.Scan(ctx, log, reader.Config{Partition: p, From: es.StartCheckpoint(), Decode: events.Decode}, 0, func(_ context.Context, b reader.Batch) error {
			for _, e := range b.Events {
				if e.CorrelationID == correlation {
					all = append(all, e)
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
		here := es.Trace(all)
		if err := reader.NameCommands(ctx, log, p, here); err != nil {
			return nil, err
		}
		roots = append(roots, here...)
	}
	if len(roots) == 0 {
		return nil, fmt.Errorf("the log has no correlation, command or event %s", id)
	}
	return roots, nil
}
