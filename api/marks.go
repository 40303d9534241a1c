package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/projections"
	"outrider/projections/analytics"
)

const mostMarks = 500

// markOf is the kind of mark that an event of a campaign makes, by the middle of its type.
func markOf(eventType string) (gen.MarkKind, bool) {
	parts := strings.Split(eventType, ".") // campaign.launched.v1
	kind, ok := map[string]gen.MarkKind{"launched": gen.MarkKindLaunch, "revised": gen.MarkKindEdit, "settings_changed": gen.MarkKindEdit, "mailboxes_assigned": gen.MarkKindEdit,
		"paused": gen.MarkKindPause, "resumed": gen.MarkKindResume, "completed": gen.MarkKindComplete}[parts[1]]
	return kind, ok && parts[0] == "campaign"
}

// listMarks reads them from the history.
func (h *historyHandlers) listMarks(c *call) error {
	f := analytics.AuditFilter{Types: []string{"campaign.launched.", "campaign.revised.", "campaign.settings_changed.", "campaign.mailboxes_assigned.", "campaign.paused.", "campaign.resumed.", "campaign.completed."}}
	if id := c.uuidParam("campaign_id"); id != uuid.Nil {
		f.Subject = id.String()
	}
	var err error
	if f.From, err = c.instantParam("from"); err != nil {
		return err
	}
	if f.To, err = c.instantParam("to"); err != nil {
		return err
	}
	log, err := analytics.History{Conn: h.columns}.Audit(c.ctx, c.who.Org, f, analytics.Page{Limit: mostMarks, Newest: true})
	if err != nil {
		return err
	}
	slices.Reverse(log)
	out := gen.MarkList{Data: []gen.Mark{}}
	var ids []uuid.UUID
	for _, e := range log {
		kind, ok := markOf(e.Type)
		campaign, err := uuid.Parse(e.Subject)
		if ok && err == nil {
			ids = append(ids, campaign)
			out.Data = append(out.Data, gen.Mark{At: e.Time, Kind: kind, EventID: e.ID, CampaignID: campaign, Text: tellEvent(e)})
		}
	}
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		named, err := projections.Campaigns(c.ctx, tx, c.who.Org, ids)
		for i, m := range out.Data {
			if x := named[m.CampaignID]; x != nil {
				out.Data[i].Campaign = x.Name
			}
		}
		return err
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}
