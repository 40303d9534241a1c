package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/app/suppressions"
	"outrider/projections"
)

// previewBulk says what an operation would do: the same decisions, on a fold of the log.
func (b *bulkHandlers) previewBulk(c *call, cmd commands.RequestBulk, chosen selectedLeads) error {
	if b.past.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := b.awaitIn(c, eventsTable); err != nil {
		return err
	}
	chunk, err := b.sortLeads(c, cmd)
	if err != nil {
		return err
	}
	return b.answerPreview(c, cmd, chosen, func(now time.Time, o *aggregates.Organization) (events.BulkChunkRecorded, error) {
		return commands.PreviewBulk(now, o, cmd, chunk)
	})
}

func (b *bulkHandlers) answerPreview(c *call, cmd commands.RequestBulk, chosen selectedLeads, preview func(time.Time, *aggregates.Organization) (events.BulkChunkRecorded, error)) error {
	var done events.BulkChunkRecorded
	var refused error
	if _, err := b.past.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		done, refused = preview(laterOf(b.now(), last), o)
	}); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	out := gen.BulkPreview{Asked: len(cmd.LeadIDs), Done: done.Done, Unchanged: done.Unchanged, RefusedCount: len(done.Refused), RefusedByCode: map[string]int{}, Refused: []gen.RefusedLead{}}
	for _, r := range done.Refused {
		out.RefusedByCode[r.Code]++
		if len(out.Refused) < refusedShown {
			out.Refused = append(out.Refused, gen.RefusedLead{LeadID: r.LeadID, Code: r.Code})
		}
	}
	if chosen.next != "" {
		var err error
		if out.NextCursor, err = b.cursors.sealCursor(c, c.who.Org, chosen.next, chosen.bound); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

// refusedShown is how many of the refused leads a preview names.
const refusedShown = 100

// sortLeads finds what the read side knows of the leads of an operation, as the operation itself does.
func (b *bulkHandlers) sortLeads(c *call, cmd commands.RequestBulk) (out commands.RecordBulkChunk, err error) {
	if cmd.Action == events.BulkEnroll || cmd.Action == events.BulkRemove {
		out.LeadIDs = cmd.LeadIDs
		return out, nil
	}
	found := projections.Set[projections.Lead]{}
	for ids := range slices.Chunk(cmd.LeadIDs, commands.MaxItems) {
		if err := b.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			some, err := projections.Leads(c.ctx, tx, c.who.Org, ids)
			for id, l := range some {
				found[id] = l
			}
			return err
		}); err != nil {
			return out, err
		}
	}
	sorted := leads.SortForBulk(cmd.Action, cmd.Tags, cmd.LeadIDs, found)
	out.LeadIDs, out.Unchanged, out.Rejected = sorted.IDs, sorted.Unchanged, sorted.Refused
	if cmd.Action != events.BulkSuppress {
		return out, nil
	}
	h, err := b.vault.Hasher(c.ctx, c.who.Org)
	if err != nil {
		return out, err
	}
	out.LeadIDs = []uuid.UUID{}
	for _, l := range sorted.There {
		entry, err := suppressions.Clean(events.SuppressAddress, valueOrZero(l.Email), nil)
		if err != nil { // nobody can read it
			out.Rejected = append(out.Rejected, events.RefusedLead{LeadID: l.LeadID, Code: commands.CodeNotFound})
			continue
		}
		out.LeadIDs, out.Addresses = append(out.LeadIDs, l.LeadID), append(out.Addresses, entry.Item(h, events.SuppressedManual))
	}
	return out, nil
}
