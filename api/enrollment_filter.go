package api

import (
	"encoding/json"
	"errors"
	"fmt"
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

// enrollByFilter handles the leads that a filter finds behind a cursor, a command for each chunk of them. The cursor is bound
// to the filter, so that one of another filter isn't taken for this one's.
func (s *Server) enrollByFilter(c *call, campaign uuid.UUID, filter gen.LeadSelection, cursor string) error {
	f := projections.LeadFilter{EmailPrefix: filter.Email, Tag: filter.Tag, Source: string(filter.Source), ImportID: filter.ImportID, Limit: mostChunks*commands.MaxItems + 1}
	narrowed := f.EmailPrefix != "" || f.Tag != "" || f.Source != "" || f.ImportID != uuid.Nil
	if filter.All == narrowed {
		return invalidProblem(gen.FieldError{Field: "filter", Reason: "either all: true, or what the leads have in common"})
	}
	bound, err := json.Marshal(filter)
	if err != nil {
		return fmt.Errorf("encode filter: %w", err)
	}
	after, err := s.cursors.openCursor(c, c.who.Org, cursor, string(bound))
	if err != nil {
		return err
	}
	f.After, _ = strconv.ParseInt(after, 10, 64) // "" = 0 = the begin; anything else is what we wrote
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	var leads []*projections.Lead
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		leads, err = projections.ListLeads(c.ctx, tx, c.who.Org, f)
		if err == nil && len(leads) == 0 { // no command will say whether there is such a campaign
			_, err = projections.GetCampaign(c.ctx, tx, c.who.Org, campaign)
		}
		return err
	}); err != nil {
		return err
	}
	result := gen.EnrollmentResult{CampaignID: campaign, Refused: []gen.RefusedLead{}}
	if len(leads) == f.Limit {
		leads = leads[:f.Limit-1]
		if result.NextCursor, err = s.cursors.sealCursor(c, c.who.Org, strconv.FormatInt(leads[len(leads)-1].Oseq, 10), string(bound)); err != nil {
			return err
		}
	}
	var full error
	for chunk := 0; chunk*commands.MaxItems < len(leads); chunk++ {
		part := leads[chunk*commands.MaxItems : min((chunk+1)*commands.MaxItems, len(leads))]
		quota, err := s.enrollChunk(in, chunk, &result, part)
		if err != nil {
			return err
		}
		if quota != nil {
			full = quota
		}
	}
	if full != nil && result.Enrolled+result.Already == 0 {
		return full
	}
	return c.answerJSON(200, result)
}

// enrollChunk adds what became of some leads; full is the problem when the quota let none of them in.
func (s *Server) enrollChunk(in *writeRequest, chunk int, result *gen.EnrollmentResult, leads []*projections.Lead) (full, err error) {
	ids := make([]uuid.UUID, len(leads))
	for i, l := range leads {
		ids[i] = l.LeadID
	}
	a, err := s.submitPart(in, "chunk "+strconv.Itoa(chunk), commands.EnrollLeads{CampaignID: result.CampaignID, LeadIDs: ids})
	switch code := refusalCode(err); {
	case err == nil:
		return nil, addEnrolled(result, a, len(ids), mostRefused)
	case code == commands.CodeQuotaExceeded:
		full = err
	case len(ids) > 1 || code != commands.CodeSuppressed && (code != commands.CodeNotFound || !concernsLead(err, ids[0])):
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
