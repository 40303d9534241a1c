package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

// searchIsOn lets an organisation search.
func searchIsOn() events.AISearchSet {
	return events.AISearchSet{AIRef: aiRef, AISearchSettings: events.AISearchSettings{On: true, Provider: events.AIProviderPlatform}}
}

func TestWebSearches(t *testing.T) {
	t.Parallel()
	at := estest.At
	ann := leadCreated("ann@example.com")
	bob := leadCreated("bob@mail.example")
	bob.FreeMail = true
	own := commands.CompanyID(org, ann.DomainHash)
	site := h("alder.test")
	found := commands.CompanyID(org, site)
	searchID := func(of uuid.UUID, at time.Time) uuid.UUID {
		return es.DeriveID(of, "web search", at.UTC().Format(time.RFC3339Nano))
	}
	readingID := func(of uuid.UUID, at time.Time) uuid.UUID {
		return es.DeriveID(of, "research", at.UTC().Format(time.RFC3339Nano))
	}
	ofBob := func(at time.Time) events.WebSearchRef {
		return events.WebSearchRef{SearchID: searchID(bob.LeadID, at), LeadID: bob.LeadID}
	}
	ofAnn := events.WebSearchRef{SearchID: searchID(own, at), LeadID: ann.LeadID, MailCompanyID: own}
	requested := func(of events.WebSearchRef, at time.Time, reason string) events.WebSearchRequested {
		return events.WebSearchRequested{WebSearchRef: of, Reason: reason, Pages: aggregates.WebSearchPages, RequestedAt: at}
	}
	before := at.Add(-time.Minute)
	open := ofBob(before)
	underWay := given(founded(), ann, bob, searchIsOn(), requested(open, before, events.ResearchAsked))
	finish := func(change func(*commands.FinishWebSearch)) commands.FinishWebSearch {
		c := commands.FinishWebSearch{WebSearchRef: open, Outcome: events.WebSearchFound, Results: 5, Refused: 1, Looked: 2, Pages: 3, DomainHash: site, Company: sealed, EndedAt: at}
		if change != nil {
			change(&c)
		}
		return c
	}
	ended := events.WebSearchEnded{WebSearchRef: open, Outcome: events.WebSearchFound, Results: 5, Refused: 1, Looked: 2, Pages: 3, CompanyID: found, DomainHash: site, EndedAt: at}
	nothing := ended
	nothing.Outcome, nothing.CompanyID, nothing.DomainHash = events.WebSearchNotFound, uuid.Nil, ""
	notFound := finish(func(c *commands.FinishWebSearch) {
		c.Outcome, c.DomainHash, c.Company = events.WebSearchNotFound, "", events.Sealed{}
	})
	reading := func(company, lead uuid.UUID, domain string) events.ResearchRequested {
		return events.ResearchRequested{ResearchRef: events.ResearchRef{ResearchID: readingID(company, at), CompanyID: company, LeadID: lead}, DomainHash: domain, Reason: events.ResearchFound, Pages: 6, RequestedAt: at}
	}
	recorded := events.CompanyRecorded{CompanyRef: events.CompanyRef{CompanyID: found}, DomainHash: site, Details: sealed}
	off := events.ResearchSettingsSet{ResearchSettingsRef: events.ResearchSettingsRef{OrganizationID: org}, ResearchSettings: events.ResearchSettings{Off: true, PagesASite: 6, PagesPerDay: 100, KeepDays: 1}}
	few, six := off, off
	few.Off, few.PagesPerDay = false, 5
	six.Off, six.PagesPerDay = false, 6
	gone := finish(nil)
	failing := events.ResearchRef{ResearchID: uuid.Max, CompanyID: own, LeadID: ann.LeadID}
	begun := events.ResearchRequested{ResearchRef: failing, DomainHash: ann.DomainHash, Reason: events.ResearchAsked, Pages: 6, RequestedAt: before}
	fails := given(founded(), ann, searchIsOn(), begun)
	outcome := events.ResearchOutcome{Pages: 1, Refused: 1, EndedAt: at, Report: sealed}
	failed := func(why string) events.ResearchFailed {
		return events.ResearchFailed{ResearchRef: failing, ResearchOutcome: outcome, Reason: why}
	}
	fail := func(why string) commands.EndResearch {
		return commands.EndResearch{ResearchRef: failing, ResearchOutcome: outcome, Reason: why, Tried: true}
	}
	forAnn := given(append(fails, failed(events.ResearchUnreachable), requested(ofAnn, at, events.ResearchNoSite))...)
	endedForAnn := ended
	endedForAnn.WebSearchRef, endedForAnn.CompanyID, endedForAnn.Site = ofAnn, own, sealed
	kit().Run(t, map[string]estest.Case{
		"for somebody at a mail provider": {Given: given(founded(), bob, searchIsOn()), When: commands.RequestResearch{LeadID: bob.LeadID}, Then: facts{requested(ofBob(at), at, events.ResearchAsked)}, Again: estest.NothingToDo()},
		"not while it is off":             {Given: given(founded(), bob), When: commands.RequestResearch{LeadID: bob.LeadID}, Refused: "invalid"},
		"not while research is off":       {Given: given(founded(), bob, searchIsOn(), off), When: commands.RequestResearch{LeadID: bob.LeadID}, Refused: "invalid"},
		"not while models are stopped":    {Given: given(founded(), bob, searchIsOn(), events.AIStopped{AIRef: aiRef, Reason: "costs"}), When: commands.RequestResearch{LeadID: bob.LeadID}, Noop: true},
		"not beyond the day's pages":      {Given: given(founded(), bob, searchIsOn(), few), When: commands.RequestResearch{LeadID: bob.LeadID}, Refused: "invalid"},
		"not while it goes on":            {Given: underWay, When: commands.RequestResearch{LeadID: bob.LeadID}, Noop: true},
		"a site is found":                 {Given: underWay, When: finish(nil), Then: facts{recorded, ended, reading(found, bob.LeadID, site)}, Again: estest.NothingToDo()},
		"it is known from before": {Given: given(append(underWay, recorded, events.ResearchRequested{ResearchRef: events.ResearchRef{ResearchID: uuid.Max, CompanyID: found}, DomainHash: site, Pages: 6, RequestedAt: before},
			events.ResearchCompleted{ResearchRef: events.ResearchRef{ResearchID: uuid.Max, CompanyID: found}, ResearchOutcome: outcome, FreshUntil: at.AddDate(0, 1, 0)})...), When: finish(nil), Then: facts{ended}, Again: estest.NothingToDo()},
		"none is found":    {Given: underWay, When: notFound, Then: facts{nothing}, Again: estest.NothingToDo()},
		"nobody has asked": {Given: given(founded(), bob, searchIsOn()), When: finish(nil), Noop: true},
		"the lead has gone": {Given: given(append(underWay, events.LeadRemoved{LeadRef: events.LeadRef{LeadID: bob.LeadID}})...), When: gone, Then: facts{func() events.WebSearchEnded {
			e := nothing
			e.Outcome, e.Reason = events.WebSearchSkipped, events.WebSearchGone
			return e
		}()}, Again: estest.NothingToDo()},
		"somebody else's search":       {Given: underWay, When: finish(func(c *commands.FinishWebSearch) { c.LeadID = ann.LeadID }), Refused: "invalid"},
		"found without a site":         {Given: underWay, When: finish(func(c *commands.FinishWebSearch) { c.DomainHash = "" }), Refused: "invalid"},
		"found without details":        {Given: underWay, When: finish(func(c *commands.FinishWebSearch) { c.Company = events.Sealed{} }), Refused: "invalid"},
		"an outcome that nobody knows": {Given: underWay, When: finish(func(c *commands.FinishWebSearch) { c.Outcome = "perhaps" }), Refused: "invalid"},
		"more pages than there can be": {Given: underWay, When: finish(func(c *commands.FinishWebSearch) { c.Pages = 21 }), Refused: "invalid"},
		"what was found is read": {Given: given(append(underWay, recorded, ended)...), When: commands.RequestResearch{LeadID: bob.LeadID}, Then: facts{func() events.ResearchRequested {
			r := reading(found, bob.LeadID, site)
			r.Reason = events.ResearchAsked
			return r
		}()}, Again: estest.NothingToDo()},
		"who is erased has no company":  {Given: given(append(underWay, recorded, ended, events.LeadErased{LeadRef: events.LeadRef{LeadID: bob.LeadID}}, bob)...), When: commands.RequestResearch{LeadID: bob.LeadID}, Then: facts{requested(ofBob(at), at, events.ResearchAsked)}, Again: estest.NothingToDo()},
		"a domain has no site":          {Given: fails, When: fail(events.ResearchUnreachable), Then: facts{failed(events.ResearchUnreachable), requested(ofAnn, at, events.ResearchNoSite)}, Again: estest.NothingToDo()},
		"it leads elsewhere":            {Given: fails, When: fail(events.ResearchElsewhere), Then: facts{failed(events.ResearchElsewhere), requested(ofAnn, at, events.ResearchNoSite)}, Again: estest.NothingToDo()},
		"it wants no programs":          {Given: fails, When: fail(events.ResearchForbidden), Then: facts{failed(events.ResearchForbidden)}, Again: estest.NothingToDo()},
		"nobody searches":               {Given: given(founded(), ann, begun), When: fail(events.ResearchUnreachable), Then: facts{failed(events.ResearchUnreachable)}, Again: estest.NothingToDo()},
		"it was searched for this week": {Given: given(append(forAnn, func() events.WebSearchEnded { e := nothing; e.WebSearchRef = ofAnn; return e }(), begun)...), When: fail(events.ResearchUnreachable), Then: facts{failed(events.ResearchUnreachable)}, Again: estest.NothingToDo()},
		"the day's pages are used up, but for what it leaves": {Given: given(founded(), ann, searchIsOn(), six, begun), When: fail(events.ResearchUnreachable), Then: facts{failed(events.ResearchUnreachable), func() events.WebSearchRequested {
			r := requested(ofAnn, at, events.ResearchNoSite)
			r.Pages = 5
			return r
		}()}, Again: estest.NothingToDo()},
		"and what that leaves is read": {Given: given(founded(), ann, bob, searchIsOn(), six, requested(open, before, events.ResearchAsked)), When: finish(nil), Then: facts{recorded, ended, func() events.ResearchRequested { r := reading(found, bob.LeadID, site); r.Pages = 3; return r }()}, Again: estest.NothingToDo()},
		"another site is found":        {Given: forAnn, When: finish(func(c *commands.FinishWebSearch) { c.WebSearchRef = ofAnn }), Then: facts{endedForAnn, reading(own, ann.LeadID, ann.DomainHash)}, Again: estest.NothingToDo()},
	})
}

func TestSearchSettings(t *testing.T) {
	t.Parallel()
	set := func(change func(*commands.SetAISearch)) commands.SetAISearch {
		c := commands.SetAISearch{AISearchSettings: searchIsOn().AISearchSettings}
		if change != nil {
			change(&c)
		}
		return c
	}
	withKey := events.AISearchSettings{On: true, Provider: events.AIProviderOwn, KeyID: other}
	kit().Run(t, map[string]estest.Case{
		"on":                      {Given: given(), When: set(nil), Then: facts{searchIsOn()}, Again: estest.NothingToDo()},
		"with a key of one's own": {Given: given(searchIsOn()), When: commands.SetAISearch{AISearchSettings: withKey}, Then: facts{events.AISearchSet{AIRef: aiRef, AISearchSettings: withKey}}, Again: estest.NothingToDo()},
		"which it needs":          {Given: given(), When: set(func(c *commands.SetAISearch) { c.Provider = events.AIProviderOwn }), Refused: "invalid"},
		"and others don't":        {Given: given(), When: set(func(c *commands.SetAISearch) { c.KeyID = other }), Refused: "invalid"},
		"of nobody":               {Given: given(), When: set(func(c *commands.SetAISearch) { c.Provider = "" }), Refused: "invalid"},
		"of a version":            {Given: given(searchIsOn()), When: set(func(c *commands.SetAISearch) { c.On, c.IfVersion = false, ptr(0) }), Refused: "version_conflict"},
	})
}

// TestASearchIsACallOfTheLedger: it is reserved and settled as those of models are, at its one price.
func TestASearchIsACallOfTheLedger(t *testing.T) {
	t.Parallel()
	reserve := reserveAI("a", 5000)
	reserve.Task, reserve.Model, reserve.Price, reserve.Settings = events.AITaskSearch, "brave", events.AIPrice{}, 1
	reserved := aiReserved("a", 5000)
	reserved.Task, reserved.Model, reserved.Price = events.AITaskSearch, "brave", events.AIPrice{}
	settle := commands.SettleAICall{CallID: reserved.CallID, Holder: reserved.Holder, Outcome: events.AIAnswered, Answer: sealed}
	settled := func(outcome string, micros int64, answer events.Sealed) events.AICallSettled {
		return events.AICallSettled{AICallRef: reserved.AICallRef, Task: events.AITaskSearch, Provider: reserved.Provider, Model: "brave", Outcome: outcome, CostMicros: micros, PromptHash: reserved.PromptHash, Seed: reserved.Seed, Answer: answer, PeriodFrom: anchor}
	}
	failed := settle
	failed.Outcome, failed.Answer = events.AIFailed, events.Sealed{}
	own := searchIsOn()
	own.Provider, own.KeyID = events.AIProviderOwn, other
	kit().Run(t, map[string]estest.Case{
		"it is reserved":               {Given: given(searchIsOn()), At: anchor, When: reserve, Then: facts{reserved}, Again: estest.RefusedAs("ai_call_open")},
		"not while it is off":          {Given: given(), At: anchor, When: reserve, Refused: "ai_stopped", Detail: map[string]string{"reason": "searching the web is switched off"}},
		"nor while models are stopped": {Given: given(searchIsOn(), events.AIStopped{AIRef: aiRef, Reason: "costs"}), At: anchor, When: reserve, Refused: "ai_stopped", Detail: map[string]string{"reason": "costs"}},
		"nor with another's key":       {Given: given(own), At: anchor, When: reserve, Refused: "version_conflict"},
		"an answer has its price":      {Given: given(searchIsOn(), reserved), At: anchor, When: settle, Then: facts{settled(events.AIAnswered, 5000, sealed)}, Again: estest.NothingToDo()},
		"a refusal costs nothing":      {Given: given(searchIsOn(), reserved), At: anchor, When: failed, Then: facts{settled(events.AIFailed, 0, events.Sealed{})}, Again: estest.NothingToDo()},
	})
}
