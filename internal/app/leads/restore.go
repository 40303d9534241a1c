package leads

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/profile"
	"outrider/projections"
	"outrider/projections/analytics"
)

// ErrHistoryBehind says that the copy of the history hasn't come as far as it must: ask again.
var ErrHistoryBehind = errors.New("the history isn't visible yet")

// historyPage is how many events about leads are read at once.
const historyPage = 10_000

// Restorer reads removed leads in the history.
type Restorer struct {
	History analytics.History
	Keys    projections.Keys
	Intake  Intake
}

// Items returns what brings removed leads back as they were, in the order of ids; of the others it says that they aren't found. The history must have come to an event.
func (r Restorer) Items(ctx context.Context, org uuid.UUID, ids []uuid.UUID, through int64) (items []commands.LeadItem, lost []events.RefusedLead, err error) {
	if r.History.Conn == nil {
		return nil, nil, errors.New("there is no history to read removed leads in")
	}
	newest, err := r.History.Newest(ctx, org)
	if err != nil {
		return nil, nil, err
	}
	if newest < through {
		return nil, nil, fmt.Errorf("%w: event %d of %d", ErrHistoryBehind, newest, through)
	}
	found, err := r.removed(ctx, org, ids)
	if err != nil {
		return nil, nil, err
	}
	var people []Person
	for _, id := range ids {
		row := found[id]
		if row == nil {
			lost = append(lost, events.RefusedLead{LeadID: id, Code: commands.CodeNotFound})
			continue
		}
		p, err := PersonOf(row)
		if err != nil {
			return nil, nil, err
		}
		people = append(people, p)
	}
	if len(people) == 0 {
		return nil, lost, nil
	}
	items, err = r.Intake.Items(ctx, org, people)
	return items, lost, err
}

func (r Restorer) removed(ctx context.Context, org uuid.UUID, ids []uuid.UUID) (projections.Set[projections.Lead], error) {
	subjects := make([]string, len(ids))
	for i, id := range ids {
		subjects[i] = id.String()
	}
	page := analytics.Page{Limit: historyPage}
	history, err := r.History.BySubjects(ctx, org, subjects, page)
	for last := history; err == nil && len(last) == historyPage; {
		page.After = last[len(last)-1].Oseq
		last, err = r.History.BySubjects(ctx, org, subjects, page)
		history = append(history, last...)
	}
	if err != nil {
		return nil, err
	}
	return projections.RemovedLeads(ctx, r.Keys, history)
}

// RemovedBy returns the leads that a bulk operation was to remove; none where it was no such operation.
func (r Restorer) RemovedBy(ctx context.Context, org, bulk uuid.UUID) ([]uuid.UUID, error) {
	found, err := r.History.BySubjects(ctx, org, []string{bulk.String()}, analytics.Page{Limit: 1})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	p, err := events.Decode(found[0].Type, found[0].Data)
	if err != nil {
		return nil, fmt.Errorf("history of bulk operation %s: %w", bulk, err)
	}
	if job, ok := p.(events.BulkRequested); ok && job.Action == events.BulkRemove {
		return job.LeadIDs, nil
	}
	return nil, nil
}

// PersonOf is who a lead is, to be created again.
func PersonOf(row *projections.Lead) (p Person, err error) {
	p = Person{LeadID: row.LeadID, TimeZone: row.TimeZone, Source: row.Source, Words: profile.Words{Tags: row.Tags, CRMID: row.CRMID, LawfulBasis: row.LawfulBasis}}
	p.Profile, err = ProfileOf(row)
	return p, err
}
