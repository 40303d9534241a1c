package events

import (
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// ScoreRulesRef names the rules by which an organisation scores its leads; there is one such thing, and its id follows from the organisation.
type ScoreRulesRef struct {
	RulesID uuid.UUID `json:"rules_id"`
}

func (r ScoreRulesRef) AggregateID() string { return r.RulesID.String() }

// ScoreRulesID returns the id of an organisation's rules.
func ScoreRulesID(org uuid.UUID) uuid.UUID { return es.DeriveID(org, "score_rules") }

// ScoredRef names a lead that is scored. It isn't a LeadRef, as no score changes the lead.
type ScoredRef struct {
	LeadID uuid.UUID `json:"lead_id"`
}

func (r ScoredRef) AggregateID() string { return r.LeadID.String() }

// ScoreRule adds its weight where its test holds; see internal/score, which judges.
type ScoreRule struct {
	Name   string   `json:"name"`
	Of     string   `json:"of"`    // lead or intent
	Field  string   `json:"field"` // of a lead, custom.NAME, fact.PREDICATE
	Test   string   `json:"test"`
	Values []string `json:"values,omitzero"`
	From   *float64 `json:"from,omitzero"`
	To     *float64 `json:"to,omitzero"`
	Days   int      `json:"days,omitzero"`
	Weight int      `json:"weight"`
}

// ScoreRules are a rule set.
type ScoreRules struct {
	Rules           []ScoreRule `json:"rules"`
	QualifiedLead   int         `json:"qualified_lead"`   // a lead is qualified whose lead score is at least this,
	QualifiedIntent int         `json:"qualified_intent"` // and whose intent score at least that
	ReviewLead      int         `json:"review_lead"`      // below this lead score they are unqualified
}

// ScoreRulesSet makes a rule set the one that holds. All leads are scored by it behind this.
type ScoreRulesSet struct {
	ScoreRulesRef
	ScoreRules
	Version int       `json:"version"` // from 1
	Ages    bool      `json:"ages"`    // time alone can change a score: all leads are scored again once a day
	Leads   int       `json:"leads"`   // that there were
	At      time.Time `json:"at"`
}

func (ScoreRulesSet) EventType() string { return "score_rules.set.v1" }

// ScoringDue has all leads scored again, as facts and dates have become older.
type ScoringDue struct {
	ScoreRulesRef
	Version int       `json:"version"`
	Leads   int       `json:"leads"`
	At      time.Time `json:"at"`
}

func (ScoringDue) EventType() string { return "score_rules.due.v1" }

// ScoresApplied says how far all leads were scored again: those up to an oseq of their creation.
type ScoresApplied struct {
	ScoreRulesRef
	Version int   `json:"version"`
	Through int64 `json:"through"`
	Leads   int   `json:"leads"`   // in this chunk
	Changed int   `json:"changed"` // of them
	Last    bool  `json:"last"`
}

func (ScoresApplied) EventType() string { return "score_rules.applied.v1" }

// Qualification of a lead, by its scores.
const (
	LeadQualified   = "qualified"
	LeadNeedsReview = "needs_review"
	LeadUnqualified = "unqualified"
)

// LeadScored is what the rules make of a lead, when that, or their version, differs from before.
type LeadScored struct {
	ScoredRef
	Version       int    `json:"version"` // of the rules
	LeadScore     int    `json:"lead_score"`
	IntentScore   int    `json:"intent_score"`
	Qualification string `json:"qualification"`
}

func (LeadScored) EventType() string { return "lead.scored.v1" }

// CampaignEntry is which leads a campaign takes, and writes to; the zero value takes all. A lead without a score has none of it.
type CampaignEntry struct {
	MinLeadScore   int      `json:"min_lead_score,omitzero"`
	MinIntentScore int      `json:"min_intent_score,omitzero"`
	Qualifications []string `json:"qualifications,omitzero"` // one of these; none = any
}

// CampaignEntrySet replaces it.
type CampaignEntrySet struct {
	CampaignRef
	CampaignEntry
}

func (CampaignEntrySet) EventType() string { return "campaign.entry_set.v1" }
