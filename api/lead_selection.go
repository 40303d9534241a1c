package api

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/projections"
)

// choosesByFilter reports whether a body that has either lead_ids or a filter, and a cursor only with the latter, has the filter.
func (c *call) choosesByFilter(hasIDs bool, cursor string) (bool, error) {
	object, _ := c.json.(map[string]any)
	_, byFilter := object["filter"]
	switch {
	case byFilter == hasIDs:
		return false, invalidProblem(gen.FieldError{Field: "lead_ids", Reason: "either lead_ids or filter"})
	case !byFilter && cursor != "":
		return false, invalidProblem(gen.FieldError{Field: "cursor", Reason: "comes with filter"})
	}
	return byFilter, nil
}

// checkSelection wants either all leads or a filter that leaves some out.
func checkSelection(field string, selection gen.LeadSelection) error {
	if selection.All == (selection.SegmentID != uuid.Nil || !leadFilterOf(selection).IsZero()) {
		return invalidProblem(gen.FieldError{Field: field, Reason: "either all: true, or what the leads have in common"})
	}
	return nil
}

// selectedLeads are the leads that a filter finds.
type selectedLeads struct {
	ids   []uuid.UUID
	next  string // where it goes on; "" = nowhere
	bound string // what its cursors are bound to
}

// selectLeads returns up to limit leads that a filter finds behind a cursor. The cursor is bound to the filter, so that one of another
// filter isn't taken for this one's.
func (r *readSide) selectLeads(c *call, filter gen.LeadSelection, cursor string, limit int) (selectedLeads, error) {
	var chosen selectedLeads
	if err := checkSelection("filter", filter); err != nil {
		return chosen, err
	}
	asked := leadFilterOf(filter)
	if err := r.withSegment(c, &asked, filter.SegmentID); err != nil {
		return chosen, err
	}
	b, err := json.Marshal(struct { // a segment that changes meanwhile is another filter
		gen.LeadSelection
		Within *projections.LeadFilter `json:"within,omitempty"`
	}{filter, asked.Within})
	if err != nil {
		return chosen, fmt.Errorf("encode filter: %w", err)
	}
	chosen.bound = string(b)
	after, err := r.cursors.openCursor(c, c.who.Org, cursor, chosen.bound)
	if err != nil {
		return chosen, err
	}
	var page *projections.Page[projections.Lead]
	if err := r.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		page, err = projections.ListLeads(c.ctx, tx, c.who.Org, asked, projections.Listing{After: placeFrom(after), Limit: limit})
		return err
	}); err != nil {
		return chosen, err
	}
	if page.Next != nil {
		chosen.next = placeText(*page.Next)
	}
	chosen.ids = make([]uuid.UUID, len(page.Rows))
	for i, l := range page.Rows {
		chosen.ids[i] = l.LeadID
	}
	return chosen, nil
}
