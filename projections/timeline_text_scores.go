package projections

import (
	"fmt"
	"strconv"
	"strings"

	"outrider/events"
)

type leadScoredDetail struct {
	Version       int    `json:"version"`
	LeadScore     int    `json:"lead_score"`
	IntentScore   int    `json:"intent_score"`
	Qualification string `json:"qualification"`
}

type scoreRulesDetail struct {
	Version int `json:"version"`
	Rules   int `json:"rules,omitzero"`
	Leads   int `json:"leads,omitzero"`
}

func scoreTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.LeadScored) leadScoredDetail {
			return leadScoredDetail{e.Version, e.LeadScore, e.IntentScore, e.Qualification}
		}, func(d leadScoredDetail) sentence {
			return sentence{d.Qualification, fmt.Sprintf("Scored %d, intent %d: %s, by version %d of the rules.", d.LeadScore, d.IntentScore, strings.ReplaceAll(d.Qualification, "_", " "), d.Version)}
		}),
		tellAs(func(e events.ScoreRulesSet) scoreRulesDetail {
			return scoreRulesDetail{e.Version, len(e.Rules), e.Leads}
		}, func(d scoreRulesDetail) sentence {
			return sentence{english: "Version " + strconv.Itoa(d.Version) + " of the rules for scores was set."}
		}),
		tellAs(func(e events.ScoringDue) scoreRulesDetail {
			return scoreRulesDetail{Version: e.Version, Leads: e.Leads}
		}, func(scoreRulesDetail) sentence {
			return sentence{english: "All leads are scored again, as facts and dates have become older."}
		}),
		tellNothing[events.ScoresApplied](),
	}
}
