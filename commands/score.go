package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	mostScore      = 100
	mostScoreRules = 50
)

// SetScoreRules makes a rule set the one by which leads are scored. Its fields and tests are checked where they are understood, at the edge.
type SetScoreRules struct {
	events.ScoreRules
	Ages      bool `json:"ages"`                // see events.ScoreRulesSet
	IfVersion *int `json:"if_version,omitzero"` // 0 = there must be none
}

func (SetScoreRules) CommandType() string { return "score_rules.set.v1" }

// Decide has nothing to do for the rules that hold.
func (c SetScoreRules) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Scores.HasRules(c.ScoreRules) {
		return nil, nil
	}
	if err := firstError(checkVersion(o.ScoreRules().RulesID, c.IfVersion, o.Scores.Version), c.checkFields()); err != nil {
		return nil, err
	}
	return oneEvent(events.ScoreRulesSet{ScoreRulesRef: o.ScoreRules(), ScoreRules: c.ScoreRules, Version: o.Scores.Version + 1, Ages: c.Ages, Leads: o.Leads.Len(), At: now})
}

func (c SetScoreRules) checkFields() error {
	switch {
	case len(c.Rules) == 0 || len(c.Rules) > mostScoreRules:
		return errInvalid("rules", "must be 1 to "+strconv.Itoa(mostScoreRules))
	case !isScore(c.QualifiedLead) || !isScore(c.QualifiedIntent) || !isScore(c.ReviewLead) || c.ReviewLead > c.QualifiedLead:
		return errInvalid("qualified_lead", "scores are 0 to 100, and review_lead isn't above qualified_lead")
	}
	for i, r := range c.Rules {
		field := "rules." + strconv.Itoa(i) + "."
		switch {
		case r.Of != "lead" && r.Of != "intent":
			return errInvalid(field+"of", "must be lead or intent")
		case r.Weight == 0 || r.Weight < -mostScore || r.Weight > mostScore:
			return errInvalid(field+"weight", "must be -100 to 100, and not 0")
		case len(r.Values) > 100:
			return errInvalid(field+"values", "must be at most 100")
		}
		err := firstError(checkText(field+"name", r.Name, 1, 200), checkText(field+"field", r.Field, 1, 60), checkText(field+"test", r.Test, 1, 20))
		for _, v := range r.Values {
			err = firstError(err, checkText(field+"values", v, 1, 200))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isScore(n int) bool { return n >= 0 && n <= mostScore }

// ScoreItem is what the rules make of a lead, as the edge has added it up: the log has no plain text of what is known.
type ScoreItem struct {
	LeadID        uuid.UUID `json:"lead_id"`
	LeadScore     int       `json:"lead_score"`
	IntentScore   int       `json:"intent_score"`
	Qualification string    `json:"qualification"`
}

// ScoreChunk is a stretch of all leads, by the oseq of their creation.
type ScoreChunk struct {
	After   int64 `json:"after"`
	Through int64 `json:"through"`
	Last    bool  `json:"last"`
}

// ApplyScores records what the rules of a version make of leads.
type ApplyScores struct {
	Version int         `json:"version"`
	Items   []ScoreItem `json:"items,omitzero"`
	Chunk   *ScoreChunk `json:"chunk,omitzero"` // the items are all leads of it
}

func (ApplyScores) CommandType() string { return "score_rules.apply.v1" }

// Decide has nothing to do for rules that don't hold any more, for a chunk that isn't the next, and for leads that are gone or have this score by this version.
func (c ApplyScores) Decide(_ time.Time, o *aggregates.Organization) (out []events.Event, err error) {
	if c.Version != o.Scores.Version || c.Version == 0 {
		return nil, nil
	}
	if len(c.Items) > MaxItems {
		return nil, errInvalid("items", "must be at most "+strconv.Itoa(MaxItems))
	}
	if c.Chunk != nil {
		through, open := o.Scores.Through()
		switch {
		case !open || c.Chunk.After != through:
			return nil, nil
		case c.Chunk.Through < c.Chunk.After:
			return nil, errInvalid("chunk", "must not end ahead of its beginning")
		}
	}
	seen := make(map[uuid.UUID]bool, len(c.Items))
	for i, item := range c.Items {
		if !isScore(item.LeadScore) || !isScore(item.IntentScore) || !isQualification(item.Qualification) {
			return nil, errInvalid("items."+strconv.Itoa(i), "is no score")
		}
		lead := o.Leads.Get(item.LeadID)
		if lead == nil || seen[item.LeadID] || lead.HasScore(aggregates.LeadScore{Version: c.Version, Lead: item.LeadScore, Intent: item.IntentScore, Qualification: item.Qualification}) {
			continue
		}
		seen[item.LeadID] = true
		out = append(out, events.LeadScored{ScoredRef: events.ScoredRef{LeadID: item.LeadID}, Version: c.Version, LeadScore: item.LeadScore, IntentScore: item.IntentScore, Qualification: item.Qualification})
	}
	if c.Chunk != nil {
		out = append(out, events.ScoresApplied{ScoreRulesRef: o.ScoreRules(), Version: c.Version, Through: c.Chunk.Through, Leads: len(c.Items), Changed: len(out), Last: c.Chunk.Last})
	}
	return out, nil
}

func isQualification(s string) bool {
	return s == events.LeadQualified || s == events.LeadNeedsReview || s == events.LeadUnqualified
}

// SetCampaignEntry replaces which leads a campaign takes, by their scores. Who is on it already and has less isn't written to until that changes.
type SetCampaignEntry struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	events.CampaignEntry
	IfVersion *int `json:"if_version,omitzero"`
}

func (SetCampaignEntry) CommandType() string { return "campaign.set_entry.v1" }

// Decide needs rules to score by: without any nobody would have a score.
func (c SetCampaignEntry) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Campaigns[c.CampaignID]
	switch {
	case is == nil:
		return nil, errNotFound(c.CampaignID)
	case is.Entry.MinLeadScore == c.MinLeadScore && is.Entry.MinIntentScore == c.MinIntentScore && slices.Equal(is.Entry.Qualifications, c.Qualifications):
		return nil, nil
	case is.Status == events.CampaignIsCompleted:
		return nil, refuseStatus(is)
	case !isScore(c.MinLeadScore):
		return nil, errInvalid("min_lead_score", "must be 0 to 100")
	case !isScore(c.MinIntentScore):
		return nil, errInvalid("min_intent_score", "must be 0 to 100")
	case o.Scores.Version == 0:
		return nil, errInvalid("min_lead_score", "needs rules to score by, and there are none yet")
	}
	for i, q := range c.Qualifications {
		if !isQualification(q) || slices.Contains(c.Qualifications[:i], q) {
			return nil, errInvalid("qualifications", "must be qualified, needs_review and unqualified, each once")
		}
	}
	if err := checkVersion(c.CampaignID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	return oneEvent(events.CampaignEntrySet{CampaignRef: events.CampaignRef{CampaignID: c.CampaignID}, CampaignEntry: c.CampaignEntry})
}
