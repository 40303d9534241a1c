package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func scoreRules(qualified int) events.ScoreRules {
	return events.ScoreRules{QualifiedLead: qualified, ReviewLead: 10, Rules: []events.ScoreRule{{Name: "Has a job", Of: "lead", Field: "job_title", Test: "exists", Weight: 20}}}
}

func rulesSet(version, qualified, leads int) events.ScoreRulesSet {
	return events.ScoreRulesSet{ScoreRulesRef: events.ScoreRulesRef{RulesID: events.ScoreRulesID(org)}, ScoreRules: scoreRules(qualified), Version: version, Leads: leads, At: estest.At}
}

func scored(address string, version, n int) events.LeadScored {
	return events.LeadScored{ScoredRef: events.ScoredRef{LeadID: leadID(address)}, Version: version, LeadScore: n, IntentScore: 5, Qualification: events.LeadNeedsReview}
}

func TestScoreRules(t *testing.T) {
	t.Parallel()
	set := func(qualified int, change ...func(*commands.SetScoreRules)) commands.SetScoreRules {
		c := commands.SetScoreRules{ScoreRules: scoreRules(qualified)}
		for _, f := range change {
			f(&c)
		}
		return c
	}
	rule := func(change func(*events.ScoreRule)) commands.SetScoreRules {
		return set(60, func(c *commands.SetScoreRules) { change(&c.Rules[0]) })
	}
	ages := rulesSet(1, 60, 0)
	ages.Ages = true
	kit().Run(t, map[string]estest.Case{
		"the first rules are version 1":  {Given: given(leadCreated(ann)), When: set(60), Then: facts{rulesSet(1, 60, 1)}, Again: estest.NothingToDo()},
		"others are the next":            {Given: given(rulesSet(1, 60, 0)), When: set(70, func(c *commands.SetScoreRules) { c.IfVersion = ptr(1) }), Then: facts{rulesSet(2, 70, 0)}, Again: estest.NothingToDo()},
		"the same are nothing new":       {Given: given(rulesSet(1, 60, 0)), When: set(60), Noop: true},
		"they may be set back":           {Given: given(rulesSet(1, 60, 0), rulesSet(2, 70, 0)), When: set(60), Then: facts{rulesSet(3, 60, 0)}, Again: estest.NothingToDo()},
		"somebody else was faster":       {Given: given(rulesSet(1, 60, 0)), When: set(70, func(c *commands.SetScoreRules) { c.IfVersion = ptr(0) }), Refused: "version_conflict"},
		"there is a rule":                {Given: given(), When: set(60, func(c *commands.SetScoreRules) { c.Rules = nil }), Refused: "invalid"},
		"scores are up to 100":           {Given: given(), When: set(101), Refused: "invalid"},
		"review is below qualified":      {Given: given(), When: set(9), Refused: "invalid"},
		"a rule adds to one of two":      {Given: given(), When: rule(func(r *events.ScoreRule) { r.Of = "luck" }), Refused: "invalid"},
		"a rule weighs something":        {Given: given(), When: rule(func(r *events.ScoreRule) { r.Weight = 0 }), Refused: "invalid"},
		"a rule has a name":              {Given: given(), When: rule(func(r *events.ScoreRule) { r.Name = "" }), Refused: "invalid"},
		"values of a rule are bounded":   {Given: given(), When: rule(func(r *events.ScoreRule) { r.Values = make([]string, 101) }), Refused: "invalid"},
		"a value says something":         {Given: given(), When: rule(func(r *events.ScoreRule) { r.Values = []string{""} }), Refused: "invalid"},
		"what ages is scored every day":  {Given: given(ages, applied(1, 0, true)), At: estest.At.Add(24 * time.Hour), When: commands.AdvanceClock{}, Then: facts{due(estest.At.Add(24 * time.Hour))}, Again: estest.NothingToDo()},
		"not earlier":                    {Given: given(ages, applied(1, 0, true)), At: estest.At.Add(23 * time.Hour), When: commands.AdvanceClock{}, Noop: true},
		"nor while that still goes on":   {Given: given(ages), At: estest.At.Add(24 * time.Hour), When: commands.AdvanceClock{}, Noop: true},
		"what doesn't age is left alone": {Given: given(rulesSet(1, 60, 0), applied(1, 0, true)), At: estest.At.Add(24 * time.Hour), When: commands.AdvanceClock{}, Noop: true},
	})
}

func due(at time.Time) events.ScoringDue {
	return events.ScoringDue{ScoreRulesRef: events.ScoreRulesRef{RulesID: events.ScoreRulesID(org)}, Version: 1, At: at}
}

func applied(version int, through int64, last bool) events.ScoresApplied {
	return events.ScoresApplied{ScoreRulesRef: events.ScoreRulesRef{RulesID: events.ScoreRulesID(org)}, Version: version, Through: through, Last: last}
}

func TestApplyScores(t *testing.T) {
	t.Parallel()
	apply := func(version int, chunk *commands.ScoreChunk, items ...commands.ScoreItem) commands.ApplyScores {
		return commands.ApplyScores{Version: version, Chunk: chunk, Items: items}
	}
	is := func(address string, n int) commands.ScoreItem {
		return commands.ScoreItem{LeadID: leadID(address), LeadScore: n, IntentScore: 5, Qualification: events.LeadNeedsReview}
	}
	two := given(leadCreated(ann), leadCreated(bob), rulesSet(1, 60, 2))
	first := &commands.ScoreChunk{Through: 2}
	chunk := applied(1, 2, false)
	chunk.Leads, chunk.Changed = 2, 1
	last := applied(1, 9, true)
	kit().Run(t, map[string]estest.Case{
		"a lead is scored":                      {Given: two, When: apply(1, nil, is(ann, 20)), Then: facts{scored(ann, 1, 20)}, Again: estest.NothingToDo()},
		"the same score is nothing new":         {Given: append(given(two...), scored(ann, 1, 20)), When: apply(1, nil, is(ann, 20)), Noop: true},
		"by another version it is":              {Given: append(given(two...), scored(ann, 1, 20), rulesSet(2, 70, 2)), When: apply(2, nil, is(ann, 20)), Then: facts{scored(ann, 2, 20)}, Again: estest.NothingToDo()},
		"rules that no longer hold say nothing": {Given: append(given(two...), rulesSet(2, 70, 2)), When: apply(1, nil, is(ann, 20)), Noop: true},
		"without rules there are no scores":     {Given: given(leadCreated(ann)), When: apply(0, nil, is(ann, 20)), Noop: true},
		"who is gone has none":                  {Given: two, When: apply(1, nil, is("eve@example.com", 20)), Noop: true},
		"a chunk says how far it is":            {Given: append(given(two...), scored(bob, 1, 30)), When: apply(1, first, is(ann, 20), is(bob, 30)), Then: facts{scored(ann, 1, 20), chunk}, Again: estest.NothingToDo()},
		"a chunk comes once":                    {Given: append(given(two...), applied(1, 2, false)), When: apply(1, first, is(ann, 20)), Noop: true},
		"the last one ends it":                  {Given: append(given(two...), applied(1, 2, false)), When: apply(1, &commands.ScoreChunk{After: 2, Through: 9, Last: true}), Then: facts{last}, Again: estest.NothingToDo()},
		"nothing comes behind the last":         {Given: append(given(two...), last), When: apply(1, &commands.ScoreChunk{After: 9, Through: 10}), Noop: true},
		"a day later it begins anew":            {Given: append(given(two...), last, due(estest.At)), When: apply(1, first), Then: facts{applied(1, 2, false)}, Again: estest.NothingToDo()},
		"a chunk doesn't go back":               {Given: append(given(two...), applied(1, 2, false)), When: apply(1, &commands.ScoreChunk{After: 2, Through: 1}), Refused: "invalid"},
		"a score is up to 100":                  {Given: two, When: apply(1, nil, is(ann, 101)), Refused: "invalid"},
		"items are bounded":                     {Given: two, When: apply(1, nil, make([]commands.ScoreItem, commands.MaxItems+1)...), Refused: "invalid"},
	})
}

func TestCampaignEntry(t *testing.T) {
	t.Parallel()
	ref := events.CampaignRef{CampaignID: campaign}
	sixty := events.CampaignEntry{MinLeadScore: 60}
	set := func(e events.CampaignEntry) commands.SetCampaignEntry {
		return commands.SetCampaignEntry{CampaignID: campaign, CampaignEntry: e}
	}
	rules := given(campaignCreated(), rulesSet(1, 60, 0))
	demanding := given(campaignCreated(), leadCreated(ann), leadCreated(bob), rulesSet(1, 60, 2), events.CampaignEntrySet{CampaignRef: ref, CampaignEntry: sixty})
	batch := events.EnrollmentBatchRecorded{CampaignRef: ref, Enrolled: 1, Refused: []events.RefusedLead{{LeadID: leadID(ann), Code: "score_too_low"}}}
	kit().Run(t, map[string]estest.Case{
		"a campaign demands a score":         {Given: rules, When: set(sixty), Then: facts{events.CampaignEntrySet{CampaignRef: ref, CampaignEntry: sixty}}, Again: estest.NothingToDo()},
		"what it demands already":            {Given: append(given(rules...), events.CampaignEntrySet{CampaignRef: ref, CampaignEntry: sixty}), When: set(sixty), Noop: true},
		"without rules nobody would have it": {Given: given(campaignCreated()), When: set(sixty), Refused: "invalid"},
		"an unknown campaign demands none":   {Given: given(rulesSet(1, 60, 0)), When: set(sixty), Refused: "not_found"},
		"nor more than there is":             {Given: rules, When: set(events.CampaignEntry{MinLeadScore: 101}), Refused: "invalid"},
		"nor less than nothing":              {Given: rules, When: set(events.CampaignEntry{MinIntentScore: -1}), Refused: "invalid"},
		"nor what nobody is":                 {Given: rules, When: set(events.CampaignEntry{Qualifications: []string{"rich"}}), Refused: "invalid"},
		"each qualification is named once":   {Given: rules, When: set(events.CampaignEntry{Qualifications: []string{events.LeadQualified, events.LeadQualified}}), Refused: "invalid"},
		"somebody else was faster":           {Given: rules, When: commands.SetCampaignEntry{CampaignID: campaign, CampaignEntry: sixty, IfVersion: ptr(9)}, Refused: "version_conflict"},
		"who has less isn't enrolled":        {Given: append(given(demanding...), scored(ann, 1, 59)), When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}, Refused: "score_too_low"},
		"who has enough is":                  {Given: append(given(demanding...), scored(ann, 1, 60)), When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}, Then: facts{started(ann, true)}, Again: estest.NothingToDo()},
		"of several the others are":          {Given: append(given(demanding...), scored(bob, 1, 60)), When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann), leadID(bob)}}, Then: facts{started(bob, true), batch}, Again: estest.OnceMore()},
	})
}
