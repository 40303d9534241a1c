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

func TestResearch(t *testing.T) {
	t.Parallel()
	lead := leadCreated("ann@example.com")
	company := commands.CompanyID(org, lead.DomainHash)
	at := estest.At
	ref := func(at time.Time) events.ResearchRef {
		return events.ResearchRef{ResearchID: es.DeriveID(company, "research", at.UTC().Format(time.RFC3339Nano)), CompanyID: company, LeadID: lead.LeadID}
	}
	asked := func(r events.ResearchRef, at time.Time, reason string) events.ResearchRequested {
		return events.ResearchRequested{ResearchRef: r, DomainHash: lead.DomainHash, Reason: reason, Pages: aggregates.DefaultResearch().PagesASite, RequestedAt: at}
	}
	open := ref(at.Add(-time.Minute))
	underWay := given(founded(), lead, asked(open, at.Add(-time.Minute), events.ResearchAsked))
	fact := func(n string, expires time.Time) commands.FactItem {
		return commands.FactItem{FactID: es.DeriveID(company, n), OfCompany: true, Predicate: "uses", Method: events.FactByRule, Confidence: 80, Content: sealed, FoundAt: at, ExpiresAt: expires}
	}
	found := func(n string, expires time.Time) events.FactFound {
		return events.FactFound{FactRef: events.FactRef{FactID: es.DeriveID(company, n), CompanyID: company}, Predicate: "uses", Method: events.FactByRule, Confidence: 80, Content: sealed, FoundAt: at, ExpiresAt: expires}
	}
	outcome := events.ResearchOutcome{Pages: 3, Read: 2, Refused: 1, EndedAt: at, Report: sealed}
	year := at.AddDate(1, 0, 0)
	complete := func(change func(*commands.CompleteResearch)) commands.CompleteResearch {
		c := commands.CompleteResearch{ResearchRef: open, ResearchOutcome: outcome, DomainHash: lead.DomainHash, Company: sealed, Facts: []commands.FactItem{fact("a", year)}, Dropped: 1, FreshUntil: at.AddDate(0, 1, 0)}
		if change != nil {
			change(&c)
		}
		return c
	}
	completed := func(facts, stale int) events.ResearchCompleted {
		return events.ResearchCompleted{ResearchRef: open, ResearchOutcome: outcome, Facts: facts, Dropped: 1, Stale: stale, FreshUntil: at.AddDate(0, 1, 0)}
	}
	recorded := events.CompanyRecorded{CompanyRef: events.CompanyRef{CompanyID: company}, DomainHash: lead.DomainHash, Details: sealed}
	knows := given(append(underWay, recorded, found("a", year), found("b", year))...)
	off := events.ResearchSettingsSet{ResearchSettingsRef: events.ResearchSettingsRef{OrganizationID: org}, ResearchSettings: events.ResearchSettings{Off: true, PagesASite: 6, PagesPerDay: 100, KeepDays: 1}}
	few := off
	few.Off, few.PagesPerDay = false, 11
	ofCompany := asked(ref(at), at, events.ResearchAsked)
	ofCompany.LeadID = uuid.Nil
	end := func(reason string, tried bool) commands.EndResearch {
		return commands.EndResearch{ResearchRef: open, ResearchOutcome: outcome, Reason: reason, Tried: tried}
	}
	set := events.ResearchSettings{PagesASite: 3, PagesPerDay: 10, KeepDays: 2}
	on := events.CampaignResearch{On: true, WaitMinutes: 30}
	settingsRef := events.ResearchSettingsRef{OrganizationID: org, CampaignID: campaign}
	wants := func(pages int) events.CampaignResearchSet {
		return events.CampaignResearchSet{ResearchSettingsRef: settingsRef, CampaignResearch: events.CampaignResearch{On: true, WaitMinutes: 30, PagesPerDay: pages}}
	}
	ofCampaign := asked(ref(at), at, events.ResearchEnrolled)
	ofCampaign.CampaignID = campaign
	skipped := events.ResearchSkipped{ResearchRef: ofCampaign.ResearchRef, Reason: events.ResearchOverBudget, SkippedAt: at}
	fresh := events.ResearchRequested{ResearchRef: open, DomainHash: lead.DomainHash, Pages: 6, RequestedAt: at.AddDate(0, 0, -40)}
	read := events.ResearchCompleted{ResearchRef: open, ResearchOutcome: events.ResearchOutcome{EndedAt: at.AddDate(0, 0, -40)}, FreshUntil: at.AddDate(0, 0, 5)}
	enroll := commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{lead.LeadID}}
	kit().Run(t, map[string]estest.Case{
		"whoever is enrolled has their company looked at": {Given: given(campaignCreated(), lead, wants(0)), When: enroll, Then: facts{enrolled("ann@example.com"), ofCampaign}, Again: estest.NothingToDo()},
		"not where the campaign doesn't want it":          {Given: given(campaignCreated(), lead), When: enroll, Then: facts{enrolled("ann@example.com")}, Again: estest.NothingToDo()},
		"nor beyond its budget":                           {Given: given(campaignCreated(), lead, wants(5)), When: enroll, Then: facts{enrolled("ann@example.com"), skipped}, Again: estest.NothingToDo()},
		"nor when it was lately":                          {Given: given(campaignCreated(), lead, wants(0), fresh, read), When: enroll, Then: facts{enrolled("ann@example.com")}, Again: estest.NothingToDo()},
		"somebody asks":                                   {Given: given(founded(), lead), When: commands.RequestResearch{LeadID: lead.LeadID}, Then: facts{asked(ref(at), at, events.ResearchAsked)}, Again: estest.NothingToDo()},
		"while it is under way nobody else":               {Given: underWay, When: commands.RequestResearch{LeadID: lead.LeadID}, Noop: true},
		"one that was lost is begun anew": {Given: given(founded(), lead, asked(ref(at.Add(-25*time.Hour)), at.Add(-25*time.Hour), events.ResearchAsked)), When: commands.RequestResearch{LeadID: lead.LeadID},
			Then: facts{asked(ref(at), at, events.ResearchAsked)}, Again: estest.NothingToDo()},
		"of a company there is a record":  {Given: given(founded(), lead, recorded), When: commands.RequestResearch{CompanyID: company}, Then: facts{ofCompany}, Again: estest.NothingToDo()},
		"or not":                          {Given: given(founded(), lead), When: commands.RequestResearch{CompanyID: company}, Refused: "not_found"},
		"of nobody":                       {Given: given(founded()), When: commands.RequestResearch{LeadID: lead.LeadID}, Refused: "not_found"},
		"it is switched off":              {Given: given(founded(), lead, off), When: commands.RequestResearch{LeadID: lead.LeadID}, Refused: "invalid"},
		"the day's pages are set aside":   {Given: given(append(underWay, few)...), When: commands.RequestResearch{LeadID: lead.LeadID}, Noop: true},
		"what was found is recorded once": {Given: underWay, When: complete(nil), Then: facts{recorded, found("a", year), completed(1, 0)}, Again: estest.NothingToDo()},
		"what is known isn't":             {Given: knows, When: complete(nil), Then: facts{completed(1, 0)}, Again: estest.NothingToDo()},
		"unless it holds longer now":      {Given: knows, When: complete(func(c *commands.CompleteResearch) { c.Facts[0].ExpiresAt = year.AddDate(0, 1, 0) }), Then: facts{found("a", year.AddDate(0, 1, 0)), completed(1, 0)}, Again: estest.NothingToDo()},
		"what isn't found any more": {Given: knows, When: complete(func(c *commands.CompleteResearch) {
			c.Stale = []commands.StaleFact{{es.DeriveID(company, "b"), events.FactPageGone}, {es.DeriveID(company, "a"), events.FactPageChanged}, {uuid.Nil, events.FactPageGone}}
		}), Then: facts{events.FactStale{FactRef: found("b", year).FactRef, Reason: events.FactPageGone}, completed(1, 1)}, Again: estest.NothingToDo()},
		"nothing was asked for":        {Given: given(founded(), lead), When: complete(nil), Noop: true},
		"another company's":            {Given: underWay, When: complete(func(c *commands.CompleteResearch) { c.DomainHash = h("elsewhere.test") }), Refused: "invalid"},
		"without the company":          {Given: underWay, When: complete(func(c *commands.CompleteResearch) { c.Company = events.Sealed{} }), Refused: "invalid"},
		"a reason that nobody knows":   {Given: knows, When: complete(func(c *commands.CompleteResearch) { c.Stale = []commands.StaleFact{{es.DeriveID(company, "b"), "so"}} }), Refused: "invalid"},
		"a site that can't be read":    {Given: underWay, When: end(events.ResearchForbidden, true), Then: facts{events.ResearchFailed{ResearchRef: open, ResearchOutcome: outcome, Reason: events.ResearchForbidden}}, Again: estest.NothingToDo()},
		"a site that isn't tried":      {Given: underWay, When: end(events.ResearchRefusedHost, false), Then: facts{events.ResearchSkipped{ResearchRef: open, Reason: events.ResearchRefusedHost, SkippedAt: at}}, Again: estest.NothingToDo()},
		"for reasons that there are":   {Given: underWay, When: end("mood", true), Refused: "invalid"},
		"settings":                     {Given: given(founded()), When: commands.SetResearch{ResearchSettings: set}, Then: facts{events.ResearchSettingsSet{ResearchSettingsRef: events.ResearchSettingsRef{OrganizationID: org}, ResearchSettings: set}}, Again: estest.NothingToDo()},
		"the defaults are nothing new": {Given: given(founded()), When: commands.SetResearch{ResearchSettings: aggregates.DefaultResearch()}, Noop: true},
		"settings have bounds":         {Given: given(founded()), When: commands.SetResearch{}, Refused: "invalid"},
		"a campaign wants it":          {Given: given(campaignCreated()), When: commands.SetCampaignResearch{CampaignID: campaign, CampaignResearch: on}, Then: facts{events.CampaignResearchSet{ResearchSettingsRef: settingsRef, CampaignResearch: on}}, Again: estest.NothingToDo()},
		"a campaign that isn't there":  {Given: given(founded()), When: commands.SetCampaignResearch{CampaignID: campaign, CampaignResearch: on}, Refused: "not_found"},
		"a wait has a bound":           {Given: given(campaignCreated()), When: commands.SetCampaignResearch{CampaignID: campaign, CampaignResearch: events.CampaignResearch{On: true, WaitMinutes: 24*60 + 1}}, Refused: "invalid"},
		"the day's pages are used up":  {Given: given(founded(), lead, few, events.ResearchRequested{ResearchRef: events.ResearchRef{ResearchID: uuid.Max, CompanyID: uuid.Max}, DomainHash: h("other.test"), Pages: 6, RequestedAt: at}), When: commands.RequestResearch{LeadID: lead.LeadID}, Refused: "invalid"},
		"and what wasn't used is free": {Given: given(founded(), lead, few, events.ResearchRequested{ResearchRef: events.ResearchRef{ResearchID: uuid.Max, CompanyID: uuid.Max}, DomainHash: h("other.test"), Pages: 6, RequestedAt: at},
			events.ResearchFailed{ResearchRef: events.ResearchRef{ResearchID: uuid.Max, CompanyID: uuid.Max}, ResearchOutcome: events.ResearchOutcome{Pages: 1, EndedAt: at}}),
			When: commands.RequestResearch{LeadID: lead.LeadID}, Then: facts{asked(ref(at), at, events.ResearchAsked)}, Again: estest.NothingToDo()},
	})
}
