package api

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/projections/analytics"
)

// createRestore brings removed leads back: they are in no list, so they are named, or the operation is that removed them.
func (b *bulkHandlers) createRestore(c *call, body gen.BulkCreate) error {
	object, _ := c.json.(map[string]any)
	if _, filtered := object["filter"]; filtered || body.Cursor != "" || (body.LeadIds == nil) == (body.RemovedBy == uuid.Nil) {
		return invalidField("lead_ids", "either lead_ids or removed_by: who was removed is found by no filter")
	}
	if b.columns == nil || b.past.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := b.awaitIn(c, eventsTable); err != nil {
		return err
	}
	restorer := leads.Restorer{History: analytics.History{Conn: b.columns}, Keys: b.vault, Intake: leads.Intake{Hasher: b.vault.Hasher}}
	cmd := commands.RequestBulk{Action: string(body.Action), Tags: unique(body.Tags), CampaignID: body.CampaignID, LeadIDs: unique(body.LeadIds)}
	if body.RemovedBy != uuid.Nil {
		var err error
		if cmd.LeadIDs, err = restorer.RemovedBy(c.ctx, c.who.Org, body.RemovedBy); err != nil {
			return err
		}
		if len(cmd.LeadIDs) == 0 {
			return newProblem(commands.CodeNotFound, "there is no bulk operation that removed leads under this id")
		}
	}
	if !body.DryRun {
		return b.requestBulk(c, cmd, "")
	}
	var items []commands.LeadItem
	var lost []events.RefusedLead
	for from := 0; from < len(cmd.LeadIDs); from += commands.MaxItems {
		some, gone, err := restorer.Items(c.ctx, c.who.Org, cmd.LeadIDs[from:min(from+commands.MaxItems, len(cmd.LeadIDs))], 0)
		if err != nil {
			return err
		}
		items, lost = append(items, some...), append(lost, gone...)
	}
	return b.answerPreview(c, cmd, selectedLeads{ids: cmd.LeadIDs}, func(now time.Time, o *aggregates.Organization) (events.BulkChunkRecorded, error) {
		return commands.PreviewRestore(now, o, cmd, items, lost)
	})
}
