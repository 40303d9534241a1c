package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// What one request enrolls by a filter.
const (
	mostChunks  = 5   // of commands.MaxItems leads
	mostRefused = 100 // that the answer names
)

// enrollByFilter handles the leads that a filter finds behind a cursor, a command for each chunk of them.
func (s *Server) enrollByFilter(c *call, campaign uuid.UUID, body gen.EnrollmentCreate) error {
	chosen, err := s.selectLeads(c, body.Filter, body.Cursor, mostChunks*commands.MaxItems)
	if err != nil {
		return err
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	if len(chosen.ids) == 0 { // no command will say whether there is such a campaign
		if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			_, err := projections.GetCampaign(c.ctx, tx, c.who.Org, campaign)
			return err
		}); err != nil {
			return err
		}
	}
	result := gen.EnrollmentResult{CampaignID: campaign, Refused: []gen.RefusedLead{}, RefusedByCode: map[string]int{}}
	if chosen.next != "" {
		if result.NextCursor, err = s.cursors.sealCursor(c, c.who.Org, chosen.next, chosen.bound); err != nil {
			return err
		}
	}
	var full error
	chunk := 0
	for ids := range slices.Chunk(chosen.ids, commands.MaxItems) {
		quota, err := s.enrollChunk(in, chunk, &result, commands.EnrollLeads{CampaignID: campaign, LeadIDs: ids, SkipActiveElsewhere: body.SkipActiveElsewhere})
		if err != nil {
			return err
		}
		if quota != nil {
			full = quota
		}
		chunk++
	}
	if full != nil && result.Enrolled+result.Already == 0 {
		return full
	}
	return c.answerJSON(200, result)
}

// enrollChunk adds what became of some leads; full is the problem when the quota let none of them in.
func (s *Server) enrollChunk(in *writeRequest, chunk int, result *gen.EnrollmentResult, enroll commands.EnrollLeads) (full, err error) {
	ids := enroll.LeadIDs
	a, err := s.submitPart(in, "chunk "+strconv.Itoa(chunk), enroll)
	switch code := refusalCode(err); {
	case err == nil:
		return nil, addEnrolled(result, a, len(ids), mostRefused)
	case code == commands.CodeQuotaExceeded:
		full = err
	case len(ids) > 1 || code != commands.CodeSuppressed && code != commands.CodeScoreTooLow && code != commands.CodeActiveElsewhere && code != commands.CodeSequenceEnded && (code != commands.CodeNotFound || !concernsLead(err, ids[0])):
		return nil, err
	}
	for _, id := range ids {
		addRefused(result, id, refusalCode(err), mostRefused)
	}
	return full, nil
}

// concernsLead reports whether a problem names an id.
func concernsLead(err error, id uuid.UUID) bool {
	var p *problem
	return errors.As(err, &p) && p.ID == id
}

func addRefused(result *gen.EnrollmentResult, lead uuid.UUID, code string, most int) {
	result.RefusedCount++
	result.RefusedByCode[code]++
	if len(result.Refused) < most {
		result.Refused = append(result.Refused, gen.RefusedLead{LeadID: lead, Code: code})
	}
}

// addEnrolled adds the answer to a command that asked for n leads.
func addEnrolled(result *gen.EnrollmentResult, a es.Answer, n, most int) error {
	switch {
	case a.Outcome == es.Noop:
		result.Already += n
	case len(a.Detail) == 0: // a single lead
		result.Enrolled++
	default:
		var batch events.EnrollmentBatchRecorded
		if err := json.Unmarshal(a.Detail, &batch); err != nil {
			return fmt.Errorf("read answer: %w", err)
		}
		result.Enrolled += batch.Enrolled
		result.Already += batch.Already
		for _, r := range batch.Refused {
			addRefused(result, r.LeadID, r.Code, most)
		}
	}
	return nil
}
