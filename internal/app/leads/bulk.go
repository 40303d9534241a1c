package leads

import (
	"slices"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

// CodeTagsFull refuses a lead that would have too many tags.
const CodeTagsFull = "too_many_tags"

// Sorted are leads of a bulk operation by what only the read side knows of them.
type Sorted struct {
	IDs       []uuid.UUID         // of There
	There     []*projections.Lead // to decide on
	Unchanged int                 // whose tags are as they shall be
	Refused   []events.RefusedLead
}

// SortForBulk sorts leads that a bulk operation is about; found are those of them that there are.
func SortForBulk(action string, tags []string, ids []uuid.UUID, found projections.Set[projections.Lead]) (s Sorted) {
	for _, id := range ids {
		lead := found[id]
		if lead == nil || lead.ErasedAt != nil {
			s.Refused = append(s.Refused, events.RefusedLead{LeadID: id, Code: commands.CodeNotFound})
			continue
		}
		lacks := 0
		for _, tag := range tags {
			if !slices.Contains(lead.Tags, tag) {
				lacks++
			}
		}
		switch {
		case action == events.BulkTag && lacks == 0, action == events.BulkUntag && lacks == len(tags):
			s.Unchanged++
		case action == events.BulkTag && len(lead.Tags)+lacks > projections.MaxTags:
			s.Refused = append(s.Refused, events.RefusedLead{LeadID: id, Code: CodeTagsFull})
		default:
			s.IDs, s.There = append(s.IDs, id), append(s.There, lead)
		}
	}
	return s
}
