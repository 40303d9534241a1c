package imports

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
)

// undoRows are in a chunk of an undo: whoever else is on the partition waits for one.
const undoRows = 100

// Undo removes the leads that an import created, except those that somebody has used since.
func (i *Imports) Undo(ctx context.Context, cause *es.Event, importID uuid.UUID) error {
	if err := i.Position(ctx, cause.Partition, cause.Pseq); err != nil {
		return fmt.Errorf("undo import %s: %w", importID, err)
	}
	var shown sync.WaitGroup
	defer shown.Wait()
	after, n := int64(0), 1
	for {
		var leads []*projections.Lead
		err := postgres.InOrg(ctx, i.Reads, cause.Org, func(tx pgx.Tx) (err error) {
			leads, err = projections.ImportedLeads(ctx, tx, cause.Org, importID, after, commands.MaxItems)
			return err
		})
		if err != nil {
			return fmt.Errorf("undo import %s: %w", importID, err)
		}
		if len(leads) == 0 {
			break
		}
		ids := make([]uuid.UUID, len(leads))
		for k, l := range leads {
			ids[k] = l.LeadID
		}
		after = leads[len(leads)-1].Oseq
		for some := range slices.Chunk(ids, undoRows) {
			// A resumed undo finds the numbers of the first attempt taken: it continues with the next free one.
			for outcome := es.Noop; outcome == es.Noop; n++ {
				if outcome, err = i.undoChunk(ctx, cause, commands.UndoImportChunk{ImportID: importID, Chunk: n, LeadIDs: some}, &shown); err != nil {
					return err
				}
			}
		}
	}
	_, err := i.submitStep(ctx, cause, importID, "undone", commands.CompleteUndo{ImportID: importID})
	return err
}

// undoChunk removes some leads once the read model is near enough; shown counts who waits for it meanwhile.
func (i *Imports) undoChunk(ctx context.Context, cause *es.Event, cmd commands.UndoImportChunk, shown *sync.WaitGroup) (es.Outcome, error) {
	passage, err := i.Pace.Enter(ctx, cause.Partition, cause.Org, len(cmd.LeadIDs))
	if err != nil {
		return "", fmt.Errorf("undo import %s: %w", cmd.ImportID, err)
	}
	a, err := i.submitStep(ctx, cause, cmd.ImportID, "undo "+strconv.Itoa(cmd.Chunk), cmd)
	if err != nil {
		passage.Leave()
		return "", err
	}
	shown.Go(func() {
		defer passage.Leave()
		i.awaitShown(ctx, passage, cmd.ImportID, a)
	})
	return a.Outcome, nil
}
