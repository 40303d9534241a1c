package projections

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// LeadFilter narrows a list; zero values don't.
type LeadFilter struct {
	Search         string // in address, name or company, case ignored
	EmailPrefix    string // case is ignored, as in the next
	CompanyPrefix  string
	Country        string // ASCII case is ignored
	Tag            string
	Source         string
	OutreachStatus string
	Suppressed     *bool
	ImportID       uuid.UUID
	CampaignID     uuid.UUID         // was enrolled in it
	Custom         map[string]string // values of fields of the organisation's own, ASCII case ignored
	CreatedFrom    time.Time         // inclusive, as UpdatedFrom
	CreatedTo      time.Time         // exclusive, as UpdatedTo
	UpdatedFrom    time.Time
	UpdatedTo      time.Time
	Qualification  string
	MinLeadScore   int // 0 = any, also none
	MaxLeadScore   *int
	MinIntentScore int
	ThroughOseq    int64       // no newer than this
	SortedBy       string      // name of a field of the organisation's own that the list may be sorted by
	Within         *LeadFilter // that must hold besides: of a segment; nil = none
}

// IsZero reports whether it narrows nothing.
func (f LeadFilter) IsZero() bool {
	return len(f.Custom) == 0 && reflect.DeepEqual(f, LeadFilter{Custom: f.Custom})
}

func leadOrders() map[string]sorting {
	return map[string]sorting{"updated_at": {"t.updated_at", "timestamptz"}, "email": {"coalesce(t.email, '')", "text"}, "last_name": byLetters("t.last_name"),
		"company_name": byLetters("t.company_name"), "outreach_status": {"t.outreach_status", "text"}, "lead_score": {"t.lead_score", "int"}, "intent_score": {"t.intent_score", "int"}}
}

// ListLeads returns the newest first unless another order is asked for.
func ListLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, f LeadFilter, l Listing) (*Page[Lead], error) {
	if own, ok := strings.CutPrefix(strings.TrimPrefix(l.Sort, "-"), customPrefix); ok {
		f.SortedBy = own
	}
	return readPage(ctx, tx, f.query(org), l, "leads", func(l *Lead) int64 { return l.Oseq })
}

// query returns the filter in SQL. Conditions on the search text come last: with row-level security Postgres can't use an index for them.
func (f LeadFilter) query(org uuid.UUID) *query {
	orders := leadOrders()
	if f.SortedBy != "" && isCustomName(f.SortedBy) { // letters, digits and _ alone
		orders[customPrefix+f.SortedBy] = byLetters(`(t.custom ->> '` + f.SortedBy + `')`)
	}
	q := newQuery("leads", "-"+byAge, org, orders)
	if f.Within != nil {
		f.Within.narrow(q)
	}
	f.narrow(q)
	return q
}

func (f LeadFilter) narrow(q *query) {
	q.whereSet(`t.source = ?`, f.Source)
	q.whereSet(`t.outreach_status = ?`, f.OutreachStatus)
	q.whereSet(`t.qualification = ?`, f.Qualification)
	if f.MinLeadScore > 0 {
		q.where(`t.lead_score >= ?`, f.MinLeadScore)
	}
	if f.MaxLeadScore != nil {
		q.where(`t.lead_score between 0 and ?`, *f.MaxLeadScore)
	}
	if f.MinIntentScore > 0 {
		q.where(`t.intent_score >= ?`, f.MinIntentScore)
	}
	q.whereID(`t.import_id = ?`, f.ImportID)
	q.whereID(`t.lead_id in (select e.lead_id from read.enrollments e where e.org_id = $1 and e.campaign_id = ?)`, f.CampaignID)
	q.whereTime(`t.created_at >= ?`, f.CreatedFrom)
	q.whereTime(`t.created_at < ?`, f.CreatedTo)
	q.whereTime(`t.updated_at >= ?`, f.UpdatedFrom)
	q.whereTime(`t.updated_at < ?`, f.UpdatedTo)
	if f.Suppressed != nil && *f.Suppressed {
		q.where(`t.suppressed_by <> ''`) // as an index says it
	} else if f.Suppressed != nil {
		q.where(`t.suppressed_by = ''`)
	}
	if f.ThroughOseq != 0 {
		q.where(`t.oseq <= ?`, f.ThroughOseq)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Custom)) {
		q.where(`lower(t.custom ->> ?) = lower(?)`, name, f.Custom[name])
	}
	q.whereSet(`lower(t.country) = lower(?)`, f.Country)
	q.whereSet(`? = any(t.tags)`, f.Tag)
	if prefix := searchable(f.EmailPrefix); prefix != "" {
		q.where(`t.email ~>=~ ? and t.email ~<=~ ?`, prefix, prefix+"\U0010FFFF") // an index serves these, unlike "like"
	}
	if prefix := searchable(f.CompanyPrefix); prefix != "" {
		q.where(`t.company_key ~>=~ ? and t.company_key ~<=~ ?`, prefix, prefix+"\U0010FFFF")
	}
	q.whereSet(`strpos(t.search, ?) > 0`, searchable(f.Search))
}

// customPrefix comes before the name of a field of the organisation's own.
const customPrefix = "custom."

// isCustomName reports whether a text can be the name of one: then it can stand in a query as it is.
func isCustomName(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// searchable returns a text in the form of search texts.
func searchable(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "\n", " ")
}
