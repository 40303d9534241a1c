package facts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/evidence"
	"outrider/projections"
)

// maxRead bounds the facts that are read for a message.
const maxRead = 400

// Known returns what may be said of a lead, and what may no longer: fields of the lead, facts about them, and about their company (uuid.Nil = none).
func Known(ctx context.Context, tx pgx.Tx, lead *projections.Lead, company uuid.UUID, at time.Time) ([]evidence.Fact, error) {
	rows, err := projections.FactsAbout(ctx, tx, lead.OrgID, lead.LeadID, company, maxRead)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	person, firm := LeadNames(text(lead.FirstName), text(lead.LastName)), CompanyNames(text(lead.CompanyName))
	out := fieldFacts(lead, person)
	for _, row := range rows {
		names := firm
		if row.LeadID != nil {
			names = person
		}
		if row.Object != nil {
			out = append(out, Evidence(row, names, at))
		}
	}
	return out, nil
}

// fieldFacts returns what the fields of a lead say.
func fieldFacts(lead *projections.Lead, names []string) (out []evidence.Fact) {
	role, company := strings.TrimSpace(text(lead.JobTitle)), strings.TrimSpace(text(lead.CompanyName))
	switch {
	case role != "" && company != "":
		out = append(out, evidence.Fact{ID: "field:role", About: evidence.AboutLead, Names: names, Predicate: "role", Object: role + " at " + company})
	case role != "":
		out = append(out, evidence.Fact{ID: "field:role", About: evidence.AboutLead, Names: names, Predicate: "role", Object: role})
	}
	if city := strings.TrimSpace(text(lead.City)); city != "" {
		out = append(out, evidence.Fact{ID: "field:city", About: evidence.AboutLead, Names: names, Predicate: "location", Object: city})
	}
	return out
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// IDs returns the ids of stored facts among those that verdicts rest on.
func IDs(verdicts []evidence.Verdict) (out []uuid.UUID) {
	seen := map[uuid.UUID]bool{}
	for _, v := range verdicts {
		if id, err := uuid.Parse(v.Fact); err == nil && v.Passed && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
