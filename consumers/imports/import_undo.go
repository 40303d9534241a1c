package imports

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
)

// Undo removes the leads that an import created, except those that somebody has used since.
func (i *Imports) Undo(ctx context.Context, cause *es.Event, importID uuid.UUID) error {
	if err := i.Position(ctx, cause.Partition, cause.Pseq); err != nil {
		return fmt.Errorf("undo import %s: %w", importID, err)
	}
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
		// A resumed undo finds the numbers of the first attempt taken: it continues with the next free one.
		for outcome := es.Noop; outcome == es.Noop; n++ {
			var a es.Answer
			if a, err = i.submitStep(ctx, cause, importID, "undo "+strconv.Itoa(n), commands.UndoImportChunk{ImportID: importID, Chunk: n, LeadIDs: ids}); err != nil {
				return err
			}
			outcome = a.Outcome
		}
	}
	_, err := i.submitStep(ctx, cause, importID, "undone", commands.CompleteUndo{ImportID: importID})
	return err
}
