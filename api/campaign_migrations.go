package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

const (
	mostMoved      = 5000 // people of one request
	movedLeadsTold = 100
)

// moveToNewest lets people go on with the newest version of the steps, a command for each 500 of them.
func (h *campaignHandlers) moveToNewest(c *call, id uuid.UUID, body gen.CampaignMigrationCreate) error {
	if _, err := h.loadCampaign(c, id); err != nil {
		return err
	}
	if h.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := h.awaitIn(c, eventsTable); err != nil {
		return err
	}
	var some map[uuid.UUID]bool
	if body.LeadIds != nil {
		some = map[uuid.UUID]bool{}
		for _, lead := range body.LeadIds {
			some[lead] = true
		}
	}
	var found aggregates.StepsMove
	if _, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, _ time.Time) {
		if campaign := o.Campaigns[id]; campaign != nil {
			found = aggregates.MoveOf(campaign, some)
		}
	}); err != nil {
		return err
	}
	out := migrationOf(found)
	if body.DryRun || len(found.Leads) == 0 {
		return c.answerJSON(http.StatusOK, out)
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	var last es.Answer
	for ids := range slices.Chunk(found.Leads[:min(len(found.Leads), mostMoved)], commands.MaxItems) {
		// Who asks again with the same key finds others by then: the part is named after its people.
		a, err := h.submitPart(in, fmt.Sprint("move ", ids[0], ids[len(ids)-1], len(ids)), commands.MoveEnrollments{CampaignID: id, LeadIDs: ids})
		if err != nil {
			return err
		}
		last = a
		var done events.EnrollmentMovesRecorded
		if len(a.Detail) > 0 {
			if err := json.Unmarshal(a.Detail, &done); err != nil {
				return fmt.Errorf("read answer: %w", err)
			}
		}
		out.Moved += done.Moved
		out.Remaining -= len(ids)
	}
	return h.showAfterChange(c, "campaigns", last, func() error { return c.answerJSON(http.StatusOK, out) })
}

func migrationOf(m aggregates.StepsMove) gen.CampaignMigration {
	out := gen.CampaignMigration{ToVersion: m.To, Movable: len(m.Leads), Remaining: len(m.Leads), Groups: []gen.CampaignMigrationGroup{}, Kept: []gen.CampaignMigrationKept{},
		LeadIds: nonNil(m.Leads[:min(len(m.Leads), movedLeadsTold)])}
	for _, g := range m.Groups {
		out.Groups = append(out.Groups, gen.CampaignMigrationGroup{FromVersion: g.From, Step: g.Step, People: g.People, NextStepID: g.NextStep})
	}
	for _, why := range slices.Sorted(maps.Keys(m.Keep)) {
		out.Kept = append(out.Kept, gen.CampaignMigrationKept{Reason: gen.CampaignMigrationKeptReason(why), People: m.Keep[why]})
	}
	return out
}
