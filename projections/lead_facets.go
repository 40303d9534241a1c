package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// LeadFacet is a value that leads have, with how many of them.
type LeadFacet struct {
	Value string
	Count int
}

// LeadFacets are what leads can be filtered by. Each is counted among those that the other filters leave, so that a count is how many would be
// listed if that value were chosen.
type LeadFacets struct {
	OutreachStatus, Source, Tags, Countries, Suppressed, Qualification []LeadFacet
	Custom                                                             []LeadFacet // names of fields of the organisation's own
}

// mostFacets bounds how many values of one kind are shown, those that most leads have.
const mostFacets = 100

// CountLeadFacets counts them.
func CountLeadFacets(ctx context.Context, tx pgx.Tx, org uuid.UUID, f LeadFilter) (*LeadFacets, error) {
	var out LeadFacets
	for _, facet := range []struct {
		into  *[]LeadFacet
		value string // never null where a lead has one
		each  string // that the leads are joined with
		free  func(*LeadFilter)
	}{
		{&out.OutreachStatus, `t.outreach_status`, ``, func(f *LeadFilter) { f.OutreachStatus = "" }},
		{&out.Source, `t.source`, ``, func(f *LeadFilter) { f.Source = "" }},
		{&out.Qualification, `t.qualification`, ``, func(f *LeadFilter) { f.Qualification = "" }},
		{&out.Suppressed, `(t.suppressed_by <> '')::text`, ``, func(f *LeadFilter) { f.Suppressed = nil }},
		{&out.Countries, `t.country`, ``, func(f *LeadFilter) { f.Country = "" }},
		{&out.Tags, `tag`, `cross join unnest(t.tags) tag `, func(f *LeadFilter) { f.Tag = "" }},
		{&out.Custom, `name`, `cross join jsonb_object_keys(t.custom) name `, func(*LeadFilter) {}},
	} {
		others := f
		facet.free(&others)
		q := others.query(org)
		q.from = `read.leads t ` + facet.each + `where `
		q.where(facet.value + ` <> ''`)
		rows, err := tx.Query(ctx, `select `+facet.value+` as value, count(*) as count from `+q.narrowed()+` group by 1 order by 2 desc, 1 limit `+fmt.Sprint(mostFacets), q.args...)
		if err != nil {
			return nil, fmt.Errorf("count leads by %s: %w", facet.value, err)
		}
		if *facet.into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[LeadFacet]); err != nil {
			return nil, fmt.Errorf("count leads by %s: %w", facet.value, err)
		}
	}
	return &out, nil
}
