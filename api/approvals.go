package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/editdistance"
	"outrider/internal/zone"
	"outrider/projections"
)

// approvalHandlers answer about drafts that people approve.
type approvalHandlers struct {
	*readSide
	bodies storedBodies
}

func (s *Server) approvals() *approvalHandlers { return &approvalHandlers{s.readSide, s.bodies} }

// measureEdits says how far the drafts that people wrote, of those that are approved, are from what programs wrote before.
func (h *approvalHandlers) measureEdits(c *call, messages []uuid.UUID) (out []commands.MeasuredEdit, err error) {
	var machine []*projections.MachineText
	var texts projections.Set[projections.MessageText]
	var rows projections.Set[projections.Message]
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if machine, err = projections.MachineTexts(c.ctx, tx, c.who.Org, messages); err != nil || len(machine) == 0 {
			return err
		}
		if texts, err = projections.MessageTexts(c.ctx, tx, c.who.Org, messages); err != nil {
			return err
		}
		rows, err = projections.Messages(c.ctx, tx, c.who.Org, messages)
		return err
	}); err != nil {
		return nil, err
	}
	for _, was := range machine {
		row, is := rows[was.MessageID], texts[was.MessageID]
		if row == nil || is == nil || row.State != projections.MessageDrafted {
			continue
		}
		before, err := h.bodies.open(c.ctx, c.who.Org, row.LeadID, was.Body, was.BodyRef)
		if err != nil {
			return nil, err
		}
		after, err := h.bodies.open(c.ctx, c.who.Org, row.LeadID, is.Body, is.BodyRef)
		if err != nil {
			return nil, err
		}
		e := commands.MeasuredEdit{MessageID: was.MessageID, From: was.Draft, Number: row.Draft}
		e.Changed, e.Words = editdistance.Words(valueOrZero(was.Subject)+"\n"+valueOrZero(before), valueOrZero(is.Subject)+"\n"+valueOrZero(after))
		out = append(out, e)
	}
	return out, nil
}

// waitingDraft is what is told of a message that waits for a person.
type waitingDraft struct {
	slotLostAt  time.Time
	unsupported int // sentences that keep it from being approved
}

// waitingDrafts tells of those of some messages that wait for a person: until when each must be approved to leave with its slot, as the window of the recipient that is open, or
// opens next, when it may leave at the earliest, ends then; and what keeps it from being approved.
func waitingDrafts(c *call, tx pgx.Tx, rows []*projections.Message, now time.Time) (map[uuid.UUID]waitingDraft, error) {
	out := map[uuid.UUID]waitingDraft{}
	var waiting []*projections.Message
	for _, m := range rows {
		if m.State == projections.MessageDrafted {
			waiting = append(waiting, m)
		}
	}
	if len(waiting) == 0 {
		return out, nil
	}
	org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
	if err != nil {
		return nil, err
	}
	campaigns, err := projections.Campaigns(c.ctx, tx, c.who.Org, idsOf(waiting, func(m *projections.Message) uuid.UUID { return m.CampaignID }))
	if err != nil {
		return nil, err
	}
	zones, err := projections.ZonesOfLeads(c.ctx, tx, c.who.Org, idsOf(waiting, func(m *projections.Message) uuid.UUID { return m.LeadID }))
	if err != nil {
		return nil, err
	}
	unsupported, err := projections.UnsupportedDrafts(c.ctx, tx, c.who.Org, idsOf(waiting, func(m *projections.Message) uuid.UUID { return m.MessageID }))
	if err != nil {
		return nil, err
	}
	for _, m := range waiting {
		draft := waitingDraft{unsupported: unsupported[m.MessageID]}
		x := campaigns[m.CampaignID]
		if x == nil {
			out[m.MessageID] = draft
			continue
		}
		settings := commands.DefaultSettings()
		if len(x.Settings) > 0 {
			settings = events.CampaignSettings{}
			if err := json.Unmarshal(x.Settings, &settings); err != nil {
				return nil, fmt.Errorf("read settings: %w", err)
			}
		}
		w := aggregates.NewWindow(settings.Window, settings.Holidays)
		draft.slotLostAt = w.Closes(laterTime(now, m.Earliest), firstZone(zones[m.LeadID], settings.TimeZone, x.TimeZone, org.TimeZone))
		out[m.MessageID] = draft
	}
	return out, nil
}

func laterTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// firstZone is the first that is known of some; UTC where none is.
func firstZone(names ...string) *time.Location {
	for _, name := range names {
		if name == "" {
			continue
		}
		if loc, err := zone.Load(name); err == nil {
			return loc
		}
	}
	return time.UTC
}

// campaignApprovals tells of the drafts of a campaign that people have approved, and of those that wait.
func (h *campaignHandlers) campaignApprovals(c *call, id uuid.UUID) error {
	var figures projections.ApprovalFigures
	var out gen.CampaignApprovals
	if _, err := h.loadCampaign(c, id); err != nil {
		return err
	}
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if figures, err = projections.CountApprovals(c.ctx, tx, c.who.Org, id); err != nil {
			return err
		}
		page, err := projections.ListMessages(c.ctx, tx, c.who.Org, projections.MessageFilter{CampaignID: id, State: projections.MessageDrafted}, projections.Listing{Sort: "created_at", Limit: mostSlots, Total: true})
		if err != nil {
			return err
		}
		drafts, err := waitingDrafts(c, tx, page.Rows, h.now())
		for _, d := range drafts {
			if !d.slotLostAt.IsZero() && (out.NextSlotLostAt.IsZero() || d.slotLostAt.Before(out.NextSlotLostAt)) {
				out.NextSlotLostAt = d.slotLostAt
			}
		}
		out.Waiting = page.Total
		return err
	}); err != nil {
		return err
	}
	out.Approved, out.Edited, out.ChangedWords, out.Words = figures.Approved, figures.Edited, figures.Changed, figures.Words
	return c.answerJSON(http.StatusOK, out)
}

// mostSlots bounds the drafts that are looked at for the next slot: the oldest wait longest.
const mostSlots = 200
