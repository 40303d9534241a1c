package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/pii"
	"outrider/internal/score"
)

// ScoreInput is a lead with what is known of them.
type ScoreInput struct {
	*Lead
	score.Input
}

// ScorePick is which leads are read: those of Leads, those at a company, or those behind an oseq.
type ScorePick struct {
	Leads   []uuid.UUID
	Company string // the hash of its domain
	After   int64
	Limit   int
	// At is for when they are scored. KnownAt returns for when of a lead facts are taken; nil = At.
	At      time.Time
	KnownAt func(*Lead) time.Time
	Facts   bool // are needed
	Written bool // only who was written to
}

// ReadScoreInputs returns leads that can be scored, in the order of their creation: nobody who was erased.
func ReadScoreInputs(ctx context.Context, tx pgx.Tx, org uuid.UUID, pick ScorePick) ([]*ScoreInput, error) {
	where, args := `where org_id = $1 and oseq > $2 and erased_at is null`, []any{org, pick.After, pick.Limit}
	switch {
	case pick.Leads != nil:
		where, args = where+` and lead_id = any($4)`, append(args, pick.Leads)
	case pick.Company != "":
		where, args = where+` and (domain_hash = $4 or lead_id = any(array(select lead_id from read.web_searches where org_id = $1 and company_id = $5 and mail_company_id is null)))`, append(args, pick.Company, events.CompanyID(org, pick.Company))
	}
	if pick.Written {
		where += ` and contacted_at is not null`
	}
	rows, err := tx.Query(ctx, selectFrom[Lead]("leads")+where+` order by oseq limit $3`, args...)
	leads, err := collectAll[Lead](rows, err, "read leads to score")
	if err != nil || len(leads) == 0 {
		return nil, err
	}
	facts := map[uuid.UUID][]*Fact{}
	if pick.Facts {
		if facts, err = factsOfLeads(ctx, tx, org, leads); err != nil {
			return nil, err
		}
	}
	out := make([]*ScoreInput, len(leads))
	for i, l := range leads {
		known := pick.At
		if pick.KnownAt != nil {
			known = pick.KnownAt(l)
		}
		if out[i], err = scoreInput(l, facts[l.LeadID], pick.At, known); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func factsOfLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, leads []*Lead) (map[uuid.UUID][]*Fact, error) {
	ids, companies := make([]uuid.UUID, len(leads)), make([]uuid.UUID, len(leads))
	var searched []uuid.UUID
	for i, l := range leads {
		if ids[i] = l.LeadID; l.isFreeMail() {
			searched = append(searched, l.LeadID)
		} else {
			companies[i] = events.CompanyID(org, l.DomainHash)
		}
	}
	if len(searched) > 0 {
		found, err := foundCompanies(ctx, tx, org, searched)
		if err != nil {
			return nil, err
		}
		for i, l := range leads {
			if companies[i] == uuid.Nil {
				companies[i] = found[l.LeadID]
			}
		}
	}
	rows, err := tx.Query(ctx, selectFrom[Fact]("facts")+`where org_id = $1 and (lead_id = any($2) or company_id = any($3)) order by oseq`, org, ids, companies)
	all, err := collectAll[Fact](rows, err, "read facts to score by")
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]*Fact{}
	for _, f := range all {
		subject := f.LeadID
		if subject == nil {
			subject = f.CompanyID
		}
		out[*subject] = append(out[*subject], f)
	}
	for i, l := range leads {
		out[l.LeadID] = append(out[l.LeadID], out[companies[i]]...)
	}
	return out, nil
}

func scoreInput(l *Lead, facts []*Fact, at, known time.Time) (*ScoreInput, error) {
	in := &ScoreInput{Lead: l, Input: score.Input{At: at, Tags: l.Tags, Fields: l.PersonalFields(), Dates: map[string]time.Time{score.FieldCreated: l.CreatedAt}}}
	in.Fields[score.FieldSource] = l.Source
	if domain := pii.Domain(in.Fields["email"]); domain != "" && !pii.IsFreeMail(domain) {
		in.Fields[score.FieldCompanyDomain] = domain
	}
	if len(l.Custom) > 2 {
		var own map[string]string
		if err := json.Unmarshal(l.Custom, &own); err != nil {
			return nil, fmt.Errorf("read fields of lead %s: %w", l.LeadID, err)
		}
		for name, v := range own {
			in.Fields[customPrefix+name] = v
		}
	}
	for _, f := range facts {
		if f.knownAt(known) {
			in.Facts = append(in.Facts, score.Fact{ID: f.FactID.String(), Predicate: f.Predicate, Object: *f.Object, FoundAt: f.FoundAt})
		}
	}
	return in, nil
}

// knownAt reports whether a fact could be said at a time: it was found, wasn't stale, and hadn't expired.
func (f *Fact) knownAt(at time.Time) bool {
	return f.Object != nil && !f.RecordedAt.After(at) && (f.StaleAt == nil || at.Before(*f.StaleAt)) && (f.ExpiresAt == nil || at.Before(*f.ExpiresAt))
}

// IsScoreField reports whether a rule can ask for a field, or a fact, of this name.
func IsScoreField(field string, isPredicate func(string) bool) bool {
	if own, ok := strings.CutPrefix(field, customPrefix); ok {
		return isCustomName(own)
	}
	if predicate, ok := strings.CutPrefix(field, score.FactPrefix); ok {
		return isPredicate(predicate)
	}
	switch field {
	case score.FieldTag, score.FieldSource, score.FieldCreated, score.FieldCompanyDomain:
		return true
	case "email":
		return false // an address is no reason
	}
	_, ok := (&Lead{}).PersonalFields()[field]
	return ok
}
