package client

import (
	"context"

	"github.com/google/uuid"
)

// EnrollAll enrolls everybody whom a filter finds, request after request, and adds up the answers. skipActive leaves out who is on
// another campaign and not at the end there.
func (c *Client) EnrollAll(ctx context.Context, campaign uuid.UUID, filter LeadSelection, skipActive bool) (EnrollmentResult, error) {
	total := EnrollmentResult{CampaignID: campaign, Refused: []RefusedLead{}, RefusedByCode: map[string]int{}}
	body := EnrollmentCreate{Filter: &filter, SkipActiveElsewhere: &skipActive}
	for {
		r, _, err := ReadDecided[EnrollmentResult](c.EnrollLeads(ctx, campaign, nil, body))
		if err != nil {
			return total, err
		}
		total.Enrolled += r.Enrolled
		total.Already += r.Already
		total.RefusedCount += r.RefusedCount
		total.Refused = append(total.Refused, r.Refused...)
		for code, n := range r.RefusedByCode {
			total.RefusedByCode[code] += n
		}
		if r.NextCursor == nil {
			return total, nil
		}
		body.Cursor = r.NextCursor
	}
}
