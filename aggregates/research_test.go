package aggregates_test

import (
	"fmt"
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

func researchOn(change func(*events.CampaignResearch)) events.CampaignResearchSet {
	set := events.CampaignResearch{On: true, WaitMinutes: 30}
	if change != nil {
		change(&set)
	}
	return events.CampaignResearchSet{ResearchSettingsRef: events.ResearchSettingsRef{CampaignID: spring.CampaignID}, CampaignResearch: set}
}

func reading(who string) events.ResearchRef {
	return events.ResearchRef{ResearchID: name("reading " + who), CompanyID: name("company " + who), LeadID: name(who), CampaignID: spring.CampaignID}
}

func readingBegun(who string, at time.Time) events.ResearchRequested {
	return events.ResearchRequested{ResearchRef: reading(who), DomainHash: hash("at " + who), Reason: events.ResearchEnrolled, Pages: 6, RequestedAt: at}
}

func readingDone(who string, at time.Time) events.ResearchCompleted {
	return events.ResearchCompleted{ResearchRef: reading(who), ResearchOutcome: events.ResearchOutcome{Pages: 2, EndedAt: at}, FreshUntil: at.AddDate(0, 0, 45)}
}

// TestAFirstMessageWaitsForResearch, and never longer than the campaign says.
func TestAFirstMessageWaitsForResearch(t *testing.T) {
	t.Parallel()
	begun := readingBegun("a", at.Add(-10*time.Minute))
	off := events.ResearchSettingsSet{ResearchSettings: events.ResearchSettings{Off: true, PagesASite: 6, PagesPerDay: 100}}
	for sentence, c := range map[string]struct {
		given []events.Event
		until time.Time // zero = it doesn't wait
	}{
		"while the site is read":             {all(one(researchOn(nil)), person("a"), one(begun)), at.Add(20 * time.Minute)},
		"not once it was read":               {all(one(researchOn(nil)), person("a"), one(begun, readingDone("a", at))), time.Time{}},
		"nor once it couldn't be":            {all(one(researchOn(nil)), person("a"), one(begun, events.ResearchFailed{ResearchRef: reading("a"), ResearchOutcome: events.ResearchOutcome{EndedAt: at}})), time.Time{}},
		"nor when nobody asked":              {all(one(researchOn(nil)), person("a")), time.Time{}},
		"nor where the campaign doesn't":     {all(person("a"), one(begun)), time.Time{}},
		"nor where it waits not at all":      {all(one(researchOn(func(c *events.CampaignResearch) { c.WaitMinutes = 0 })), person("a"), one(begun)), time.Time{}},
		"nor where all is switched off":      {all(one(researchOn(nil), off), person("a"), one(begun)), time.Time{}},
		"nor longer than it says":            {all(one(researchOn(func(c *events.CampaignResearch) { c.WaitMinutes = 5 })), person("a"), one(begun)), time.Time{}},
		"nor for a message that is there":    {all(one(researchOn(nil)), person("a"), ready("a"), one(begun)), time.Time{}},
		"nor a follow-up":                    {all(one(researchOn(nil)), person("a"), sent("a", at.AddDate(0, 0, -5)), one(begun)), time.Time{}},
		"nor for the reading of another one": {all(one(researchOn(nil)), person("a"), person("b"), one(readingBegun("b", at))), time.Time{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newHouse(c.given...).ruleOf(t, "a", aggregates.RuleResearch, at)
			if r.Binds != !c.until.IsZero() || !r.Until.Equal(c.until) {
				t.Errorf("binds: %v, until %s, want %s: %v", r.Binds, r.Until, c.until, r.Inputs)
			}
		})
	}
}

// TestTicksHeedResearch asks for nobody's message while their company's site is read, for others' all the same, and has old findings looked at again.
func TestTicksHeedResearch(t *testing.T) {
	t.Parallel()
	a, b := person("a"), person("b")
	begun := readingBegun("a", at.Add(-10*time.Minute))
	known := func(who string) []events.Event {
		return one(readingBegun(who, at.AddDate(0, 0, -2)), readingDone(who, at.AddDate(0, 0, -2)))
	}
	old := func(who string) []events.Event {
		return one(readingBegun(who, at.AddDate(0, 0, -60)), readingDone(who, at.AddDate(0, 0, -60)))
	}
	for sentence, c := range map[string]struct {
		given []events.Event
		then  []string
	}{
		"whoever waits is passed over":       {all(one(researchOn(nil)), a, b, known("b"), one(begun)), []string{"ask b 1", "wait research 20m0s"}},
		"they are asked for when it is done": {all(one(researchOn(nil)), a, one(begun, readingDone("a", at))), []string{"ask a 1", "wait nobody"}},
		"or too late":                        {all(one(researchOn(nil)), a, one(readingBegun("a", at.Add(-30*time.Minute)))), []string{"ask a 1", "wait nobody"}},
		"what is too old is looked at again": {all(one(researchOn(nil)), a, old("a")), []string{"ask a 1", "research.requested.v1", "wait nobody"}},
		"also for a follow-up":               {all(one(researchOn(nil)), a, sent("a", at.AddDate(0, 0, -5)), old("a")), []string{"ask a 2", "research.requested.v1", "wait nobody"}},
		"not what is new":                    {all(one(researchOn(nil)), a, known("a")), []string{"ask a 1", "wait nobody"}},
		"not beyond the day's pages":         {all(one(researchOn(func(c *events.CampaignResearch) { c.PagesPerDay = 5 })), a, old("a")), []string{"ask a 1", "wait nobody"}},
		"not where nobody wants it":          {all(a, old("a")), []string{"ask a 1", "wait nobody"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := story(at, newHouse(c.given...).Pace(at)); fmt.Sprint(got) != fmt.Sprint(c.then) {
				t.Errorf("got  %q\nwant %q", got, c.then)
			}
		})
	}
}
