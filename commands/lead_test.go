package commands_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func createLead(address string, change func(*commands.LeadItem)) commands.CreateLead {
	i := item(address)
	if change != nil {
		change(&i)
	}
	return commands.CreateLead{LeadItem: i}
}

func TestLead(t *testing.T) {
	t.Parallel()
	ann, bob := "ann@example.com", "bob@example.org"
	moved := events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, AddressHash: h(bob), DomainHash: h("example.org"), FreeMail: ptr(false)}
	suppressed := events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(org, "address", h(ann))}, Kind: "address", Hash: h(ann), Reason: "erasure", LeadID: leadID(ann)}
	kit().Run(t, map[string]estest.Case{
		"a lead is created":                           {Given: given(), When: createLead(ann, nil), Then: facts{leadCreated(ann)}, Again: estest.RefusedAs("already_exists")},
		"a suppressed address may be a lead":          {Given: given(suppressed), When: createLead(ann, nil), Then: facts{leadCreated(ann)}, Again: estest.RefusedAs("already_exists")},
		"a removed lead may come again":               {Given: given(leadCreated(ann), events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(ann)}}), When: createLead(ann, nil), Then: facts{leadCreated(ann)}, Again: estest.RefusedAs("already_exists")},
		"an address is one lead, whatever its id":     {Given: given(leadCreated(ann)), When: createLead(ann, func(i *commands.LeadItem) { i.LeadID = other }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": leadID(ann)}},
		"an address that moved to a lead is taken":    {Given: given(leadCreated(ann), moved), When: createLead(bob, nil), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": leadID(ann)}},
		"a lead id is taken though its address moved": {Given: given(leadCreated(ann), moved), When: createLead(ann, nil), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": leadID(ann)}},
		"the old address is free under another id": {Given: given(leadCreated(ann), moved), When: createLead(ann, func(i *commands.LeadItem) { i.LeadID = other }),
			Then: facts{func() events.LeadCreated { e := leadCreated(ann); e.LeadID = other; return e }()}, Again: estest.RefusedAs("already_exists")},
		"a lead has an id":               {Given: given(), When: createLead(ann, func(i *commands.LeadItem) { i.LeadID = uuid.Nil }), Refused: "invalid"},
		"an address hash is checked":     {Given: given(), When: createLead(ann, func(i *commands.LeadItem) { i.AddressHash = strings.ToUpper(i.AddressHash[:31] + "a") }), Refused: "invalid"},
		"a domain hash is checked":       {Given: given(), When: createLead(ann, func(i *commands.LeadItem) { i.DomainHash = "" }), Refused: "invalid"},
		"a lead has a profile":           {Given: given(), When: createLead(ann, func(i *commands.LeadItem) { i.Profile = events.Sealed{} }), Refused: "invalid"},
		"field names are checked":        {Given: given(), When: createLead(ann, func(i *commands.LeadItem) { i.Filled = []string{"First Name"} }), Refused: "invalid"},
		"tags are checked":               {Given: given(), When: createLead(ann, func(i *commands.LeadItem) { i.Tags = []string{""} }), Refused: "invalid"},
		"a source is one of four":        {Given: given(), When: createLead(ann, func(i *commands.LeadItem) { i.Source = "bought" }), Refused: "invalid"},
		"a crm id isn't endless":         {Given: given(), When: createLead(ann, func(i *commands.LeadItem) { i.CRMID = strings.Repeat("x", 201) }), Refused: "invalid"},
		"a lead is updated":              {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann), TimeZone: ptr("Asia/Tokyo")}, Then: facts{events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, TimeZone: ptr("Asia/Tokyo")}}, Again: estest.OnceMore()},
		"a lead of a version is updated": {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Filled: []string{"phone"}, Cleared: []string{"city"}, IfVersion: ptr(1)}, Then: facts{events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Profile: sealed, Filled: []string{"phone"}, Cleared: []string{"city"}}}, Again: estest.RefusedAs("version_conflict")},
		"a lead moves to another address": {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann), AddressHash: h(bob), DomainHash: h("example.org"), FreeMail: ptr(false)},
			Then: facts{moved}, Again: estest.OnceMore()},
		"an update of nothing":                     {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann)}, Noop: true},
		"an unknown lead can't be updated":         {Given: given(), When: commands.UpdateLead{LeadID: leadID(ann)}, Refused: "not_found", Detail: map[string]uuid.UUID{"id": leadID(ann)}},
		"an older version isn't updated":           {Given: given(leadCreated(ann), moved), When: commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, IfVersion: ptr(1)}, Refused: "version_conflict", Detail: map[string]int{"actual": 2, "expected": 1}},
		"a lead can't move to another's address":   {Given: given(leadCreated(ann), leadCreated(bob)), When: commands.UpdateLead{LeadID: leadID(ann), AddressHash: h(bob), DomainHash: h("example.org"), FreeMail: ptr(false)}, Refused: "already_exists"},
		"an address comes with its domain":         {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann), AddressHash: h(bob)}, Refused: "invalid"},
		"a domain comes with its address":          {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann), DomainHash: h(bob)}, Refused: "invalid"},
		"what is filled comes with its values":     {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann), Filled: []string{"city"}}, Refused: "invalid"},
		"an update's field names are checked":      {Given: given(leadCreated(ann)), When: commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Cleared: []string{"A"}}, Refused: "invalid"},
		"a lead is removed":                        {Given: given(leadCreated(ann)), When: commands.RemoveLead{LeadID: leadID(ann), IfVersion: ptr(1)}, Then: facts{events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Reason: "deleted"}}, Again: estest.RefusedAs("not_found")},
		"an older version isn't removed":           {Given: given(leadCreated(ann), moved), When: commands.RemoveLead{LeadID: leadID(ann), IfVersion: ptr(1)}, Refused: "version_conflict"},
		"an unknown lead can't be removed":         {Given: given(), When: commands.RemoveLead{LeadID: leadID(ann)}, Refused: "not_found"},
		"an erased lead is suppressed":             {Given: given(leadCreated(ann)), When: commands.EraseLead{LeadID: leadID(ann)}, Then: facts{events.LeadErased{LeadRef: events.LeadRef{LeadID: leadID(ann)}}, suppressed}, Again: estest.RefusedAs("not_found")},
		"an erased lead may be suppressed already": {Given: given(leadCreated(ann), suppressed, status("cancelled")), When: commands.EraseLead{LeadID: leadID(ann)}, Then: facts{events.LeadErased{LeadRef: events.LeadRef{LeadID: leadID(ann)}}, suppressed}, Again: estest.RefusedAs("not_found")},
		"an unknown lead can't be erased":          {Given: given(), When: commands.EraseLead{LeadID: leadID(ann)}, Refused: "not_found"},
	})
}

func TestSuppression(t *testing.T) {
	t.Parallel()
	add := commands.SuppressionItem{Kind: "domain", Hash: h("example.com"), Reason: "manual", Value: sealed}
	added := events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(org, "domain", h("example.com"))}, Kind: "domain", Hash: h("example.com"), Reason: "manual", Value: sealed}
	but := func(change func(*commands.SuppressionItem)) commands.AddSuppressions {
		i := add
		change(&i)
		return commands.AddSuppressions{Items: []commands.SuppressionItem{add, i}}
	}
	known := events.SubdomainKnown{SuppressionRef: events.SuppressionRef{SuppressionID: suppressionOf("domain", domainOf(ann))}, Hash: h(domainOf(ann)), Parents: []string{h("mid"), h("example.com")}}
	know := func() commands.KnowSubdomains {
		x := commands.Subdomain{Hash: known.Hash, Parents: known.Parents}
		return commands.KnowSubdomains{Items: []commands.Subdomain{x, x}}
	}
	onCampaign := func(more ...es.Payload) facts {
		return append(given(campaignCreated(), leadCreated(ann), started(ann, true)), more...)
	}
	below := func(more ...es.Payload) facts { return append(onCampaign(known), more...) }
	with := added
	with.Subdomains = true
	wider := commands.AddSuppressions{Items: []commands.SuppressionItem{add}}
	wider.Items[0].Subdomains = true
	counted := events.SuppressionChunkRecorded{SuppressionFileRef: events.SuppressionFileRef{FileID: upload}, Chunk: 1, FileName: "no.csv", Rows: 5, Added: 1, Already: 2, Refused: 2}
	file := func(change func(*commands.ImportSuppressions)) commands.ImportSuppressions {
		b := commands.SuppressionItem{Kind: "domain", Hash: h("b.test"), Reason: "import", Subdomains: true}
		c := commands.ImportSuppressions{SuppressionFileRef: counted.SuppressionFileRef, Chunk: 1, FileName: "no.csv", Items: []commands.SuppressionItem{add, b, b}, Refused: 2}
		change(&c)
		return c
	}
	kit().Run(t, map[string]estest.Case{
		"a domain is suppressed once":                                              {Given: given(), When: but(func(i *commands.SuppressionItem) { i.Reason = "bounce" }), Then: facts{added}, Again: estest.NothingToDo()},
		"an unsubscribe outlasts the bill":                                         {Given: given(status("suspended")), When: but(func(*commands.SuppressionItem) {}), Then: facts{added}, Again: estest.NothingToDo()},
		"a kind is address or domain":                                              {Given: given(), When: but(func(i *commands.SuppressionItem) { i.Kind = "person" }), Refused: "invalid", Detail: map[string]string{"field": "items.1.kind", "reason": "must be address or domain"}},
		"a suppressed hash is checked":                                             {Given: given(), When: but(func(i *commands.SuppressionItem) { i.Hash = "zz" }), Refused: "invalid"},
		"a reason is one of six":                                                   {Given: given(), When: but(func(i *commands.SuppressionItem) { i.Reason = "mood" }), Refused: "invalid"},
		"nothing to suppress is wrong":                                             {Given: given(), When: commands.AddSuppressions{}, Refused: "invalid"},
		"more than 500 at once is too much":                                        {Given: given(), When: commands.AddSuppressions{Items: make([]commands.SuppressionItem, 501)}, Refused: "invalid"},
		"a domain has its subdomains with it, of leads that are known to be below": {Given: below(), When: wider, Then: facts{with, stoppedAs(ann, "suppressed", 0, uuid.Nil)}, Again: estest.NothingToDo()},
		"without them nobody is stopped there":                                     {Given: below(), When: but(func(*commands.SuppressionItem) {}), Then: facts{added}, Again: estest.NothingToDo()},
		"a domain becomes wider":                                                   {Given: below(added), When: wider, Then: facts{with, stoppedAs(ann, "suppressed", 0, uuid.Nil)}, Again: estest.NothingToDo()},
		"also within a command":                                                    {Given: below(), When: commands.AddSuppressions{Items: []commands.SuppressionItem{add, wider.Items[0]}}, Then: facts{added, with, stoppedAs(ann, "suppressed", 0, uuid.Nil)}, Again: estest.NothingToDo()},
		"and not narrower":                                                         {Given: below(with), When: but(func(*commands.SuppressionItem) {}), Noop: true},
		"an address has no subdomains":                                             {Given: given(), When: but(func(i *commands.SuppressionItem) { i.Kind, i.Subdomains = "address", true }), Refused: "invalid", Detail: map[string]string{"field": "items.1.subdomains", "reason": "is of domains only"}},
		"what an older program suppresses is narrow":                               {Given: below(), When: commands.AddSuppressionsV1{Items: []commands.SuppressionItemV1{{Kind: "domain", Hash: h("example.com"), Reason: "manual", Value: sealed}}}, Then: facts{added}, Again: estest.NothingToDo()},
		"and checked":                                                              {Given: given(), When: commands.AddSuppressionsV1{}, Refused: "invalid"},
		"an address names its lead":                                                {Given: given(leadCreated(ann)), When: commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: "address", Hash: h(ann), Reason: "manual"}}}, Then: facts{suppressedAs(ann, "manual")}, Again: estest.NothingToDo()},
		"subdomains are known once":                                                {Given: given(), When: know(), Then: facts{known}, Again: estest.NothingToDo()},
		"who is there is stopped once they are known":                              {Given: onCampaign(with), When: know(), Then: facts{known, stoppedAs(ann, "suppressed", 0, uuid.Nil)}, Again: estest.NothingToDo()},
		"below nothing that is suppressed nobody is":                               {Given: onCampaign(added), When: know(), Then: facts{known}, Again: estest.NothingToDo()},
		"a domain below is a hash":                                                 {Given: given(), When: commands.KnowSubdomains{Items: []commands.Subdomain{{Hash: "x", Parents: []string{h("example.com")}}}}, Refused: "invalid"},
		"so are those above":                                                       {Given: given(), When: commands.KnowSubdomains{Items: []commands.Subdomain{{Hash: h("a"), Parents: []string{"example.com"}}}}, Refused: "invalid"},
		"there is one above":                                                       {Given: given(), When: commands.KnowSubdomains{Items: []commands.Subdomain{{Hash: h("a")}}}, Refused: "invalid"},
		"nothing to know is wrong":                                                 {Given: given(), When: commands.KnowSubdomains{}, Refused: "invalid"},
		"a file is counted":                                                        {Given: given(added), When: file(func(*commands.ImportSuppressions) {}), Then: facts{events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: suppressionOf("domain", "b.test")}, Kind: "domain", Hash: h("b.test"), Reason: "import", Subdomains: true}, counted}, Again: estest.OnceMore()},
		"a file with nothing":                                                      {Given: given(), When: file(func(c *commands.ImportSuppressions) { c.Items, c.Refused = nil, 0 }), Refused: "invalid"},
		"a file of refused rows":                                                   {Given: given(), When: file(func(c *commands.ImportSuppressions) { c.Items = nil }), Then: facts{func() events.SuppressionChunkRecorded { c := counted; c.Rows, c.Added, c.Already = 2, 0, 0; return c }()}, Again: estest.OnceMore()},
		"a chunk has a number":                                                     {Given: given(), When: file(func(c *commands.ImportSuppressions) { c.Chunk = 0 }), Refused: "invalid"},
		"a file has a name":                                                        {Given: given(), When: file(func(c *commands.ImportSuppressions) { c.FileName = "" }), Refused: "invalid"},
		"its rows are checked":                                                     {Given: given(), When: file(func(c *commands.ImportSuppressions) { c.Items[0].Hash = "x" }), Refused: "invalid"},
		"a suppression is lifted":                                                  {Given: given(added), When: commands.RemoveSuppression{SuppressionID: added.SuppressionID}, Then: facts{events.SuppressionRemoved{SuppressionRef: events.SuppressionRef{SuppressionID: added.SuppressionID}, Kind: "domain", Hash: h("example.com")}}, Again: estest.RefusedAs("not_found")},
		"an unknown suppression isn't there":                                       {Given: given(), When: commands.RemoveSuppression{SuppressionID: other}, Refused: "not_found"},
		"what came with an erasure stays":                                          {Given: given(suppressedAs(ann, "erasure")), When: commands.RemoveSuppression{SuppressionID: suppressedAs(ann, "erasure").SuppressionID}, Refused: "suppression_stays"},
		"what came with a complaint stays":                                         {Given: given(suppressedAs(ann, "complaint")), When: commands.RemoveSuppression{SuppressionID: suppressedAs(ann, "complaint").SuppressionID}, Refused: "suppression_stays"},
		"it stays when it was suppressed by hand before":                           {Given: given(suppressedAs(ann, "manual"), suppressedAs(ann, "erasure")), When: commands.RemoveSuppression{SuppressionID: suppressedAs(ann, "manual").SuppressionID}, Refused: "suppression_stays"},
		"what a person asked for by a link may be lifted":                          {Given: given(suppressedAs(ann, "unsubscribe")), When: commands.RemoveSuppression{SuppressionID: suppressedAs(ann, "unsubscribe").SuppressionID}, Then: facts{events.SuppressionRemoved{SuppressionRef: events.SuppressionRef{SuppressionID: suppressedAs(ann, "unsubscribe").SuppressionID}, Kind: "address", Hash: suppressedAs(ann, "unsubscribe").Hash}}, Again: estest.RefusedAs("not_found")},
	})
}
