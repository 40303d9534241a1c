package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func TestFacts(t *testing.T) {
	t.Parallel()
	lead := leadCreated("ann@example.com")
	company := commands.CompanyID(org, lead.DomainHash)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	factID := func(n string) uuid.UUID { return es.DeriveID(org, "fact", n) }
	item := func(n string, ofCompany bool) commands.FactItem {
		return commands.FactItem{FactID: factID(n), OfCompany: ofCompany, Predicate: "uses", Method: events.FactByRule, Confidence: 90, Content: sealed, FoundAt: at}
	}
	found := func(n string, ofCompany bool) events.FactFound {
		e := events.FactFound{FactRef: events.FactRef{FactID: factID(n), LeadID: lead.LeadID}, Predicate: "uses", Method: events.FactByRule, Confidence: 90, Content: sealed, FoundAt: at}
		if ofCompany {
			e.LeadID, e.CompanyID = uuid.Nil, company
		}
		return e
	}
	record := func(items ...commands.FactItem) commands.RecordFacts {
		return commands.RecordFacts{LeadID: lead.LeadID, DomainHash: lead.DomainHash, Company: sealed, Facts: items}
	}
	changed := func(change func(*commands.FactItem)) commands.RecordFacts {
		f := item("a", false)
		change(&f)
		return record(f)
	}
	recorded := events.CompanyRecorded{CompanyRef: events.CompanyRef{CompanyID: company}, DomainHash: lead.DomainHash, Details: sealed}
	known := given(founded(), lead, recorded, found("a", false), found("b", true))
	stale := func(n string, ofCompany bool) events.FactStale {
		return events.FactStale{FactRef: found(n, ofCompany).FactRef, Reason: events.FactWithdrawn}
	}
	withdraw := func(ids ...string) commands.MarkFactsStale {
		c := commands.MarkFactsStale{Reason: events.FactWithdrawn}
		for _, n := range ids {
			c.FactIDs = append(c.FactIDs, factID(n))
		}
		return c
	}
	full := given(founded(), lead)
	for n := range commands.MaxFacts {
		full = append(full, found(address(n), false))
	}
	otherDomain := record(item("b", true))
	otherDomain.DomainHash = h("elsewhere.test")
	noCompany := record(item("b", true))
	noCompany.Company = events.Sealed{}
	kit().Run(t, map[string]estest.Case{
		"a fact about a lead is kept":          {Given: given(founded(), lead), When: record(item("a", false)), Then: facts{found("a", false)}, Again: estest.NothingToDo()},
		"the first of a company records it":    {Given: given(founded(), lead), When: record(item("a", false), item("b", true)), Then: facts{found("a", false), recorded, found("b", true)}, Again: estest.NothingToDo()},
		"the next doesn't":                     {Given: known, When: record(item("c", true)), Then: facts{found("c", true)}, Again: estest.NothingToDo()},
		"twice in a command is once":           {Given: given(founded(), lead), When: record(item("a", false), item("a", false)), Then: facts{found("a", false)}, Again: estest.NothingToDo()},
		"what is known is nothing new":         {Given: known, When: record(item("a", false)), Noop: true},
		"a stale one is found again":           {Given: append(given(known...), stale("a", false)), When: record(item("a", false)), Then: facts{found("a", false)}, Again: estest.NothingToDo()},
		"a fact is about somebody":             {Given: given(founded()), When: record(item("a", false)), Refused: "not_found"},
		"an id is of one subject":              {Given: known, When: record(item("a", true)), Refused: "already_exists"},
		"a company is that of the address":     {Given: given(founded(), lead), When: otherDomain, Refused: "invalid"},
		"a company has details":                {Given: given(founded(), lead), When: noCompany, Refused: "invalid"},
		"facts are bounded":                    {Given: full, When: record(item("a", false)), Refused: "invalid"},
		"one less leaves space for a fact":     {Given: full[:len(full)-1], When: record(item("a", false)), Then: facts{found("a", false)}, Again: estest.NothingToDo()},
		"some fact is recorded":                {Given: given(founded(), lead), When: record(), Refused: "invalid"},
		"facts of a command are bounded":       {Given: given(founded(), lead), When: record(make([]commands.FactItem, commands.MaxFactItems+1)...), Refused: "invalid"},
		"a fact has an id":                     {Given: given(founded(), lead), When: changed(func(f *commands.FactItem) { f.FactID = uuid.Nil }), Refused: "invalid"},
		"a fact says something":                {Given: given(founded(), lead), When: changed(func(f *commands.FactItem) { f.Content = events.Sealed{} }), Refused: "invalid"},
		"a fact says what of them":             {Given: given(founded(), lead), When: changed(func(f *commands.FactItem) { f.Predicate = "" }), Refused: "invalid"},
		"a fact was found somehow":             {Given: given(founded(), lead), When: changed(func(f *commands.FactItem) { f.Method = "guess" }), Refused: "invalid"},
		"a fact was found some time":           {Given: given(founded(), lead), When: changed(func(f *commands.FactItem) { f.FoundAt = time.Time{} }), Refused: "invalid"},
		"a fact ends after it is found":        {Given: given(founded(), lead), When: changed(func(f *commands.FactItem) { f.ExpiresAt = at }), Refused: "invalid"},
		"nobody is surer than sure":            {Given: given(founded(), lead), When: changed(func(f *commands.FactItem) { f.Confidence = 101 }), Refused: "invalid"},
		"a fact is withdrawn":                  {Given: known, When: withdraw("a"), Then: facts{stale("a", false)}, Again: estest.NothingToDo()},
		"several are, each once":               {Given: known, When: withdraw("a", "b", "a", "z"), Then: facts{stale("a", false), stale("b", true)}, Again: estest.NothingToDo()},
		"no unknown one is":                    {Given: known, When: withdraw("z"), Refused: "not_found"},
		"a person's are forgotten with them":   {Given: append(given(known...), events.LeadErased{LeadRef: events.LeadRef{LeadID: lead.LeadID}}), When: withdraw("a"), Refused: "not_found"},
		"their company's aren't":               {Given: append(given(known...), events.LeadErased{LeadRef: events.LeadRef{LeadID: lead.LeadID}}), When: withdraw("b"), Then: facts{stale("b", true)}, Again: estest.NothingToDo()},
		"a fact is withdrawn for a reason":     {Given: known, When: commands.MarkFactsStale{FactIDs: []uuid.UUID{factID("a")}, Reason: "mood"}, Refused: "invalid"},
		"withdrawing nothing is no withdrawal": {Given: known, When: commands.MarkFactsStale{Reason: events.FactWithdrawn}, Refused: "invalid"},
	})
}
