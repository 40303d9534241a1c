package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/facts"
	"outrider/internal/app/models"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/websearch"
	"outrider/projections"
)

// TestResearchIsAskedForAndShown asks for the site of a lead's company, and finds that where it is shown.
func TestResearchIsAskedForAndShown(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	c := w.tenant("growth")
	lead := c.ok("POST", "/v1/leads", obj{"email": "ann@acme.example"})
	at := lead.header.Get("Outrider-Position")
	if all := c.ok("GET", "/v1/leads/"+lead.text("id")+"/research", nil, "Outrider-Position", at); len(all.list("data")) != 0 || all.text("company_id") == "" {
		t.Errorf("before anybody asks: %v", all.json)
	}
	for range 2 { // the second changes nothing
		c.ok("POST", "/v1/leads/"+lead.text("id")+"/research", nil, "Outrider-Position", at)
	}
	shown := c.until("/v1/leads/"+lead.text("id")+"/research", func(a answer) bool { return len(a.list("data")) > 0 })
	if all := shown.list("data"); len(all) != 1 || all[0].(map[string]any)["state"] != "requested" || all[0].(map[string]any)["cause"] != "asked" {
		t.Errorf("got %v", all)
	}
	free := c.ok("POST", "/v1/leads", obj{"email": "ann@gmail.com"})
	c.refused(422, "invalid", "POST", "/v1/leads/"+free.text("id")+"/research", nil)
	if set := c.ok("GET", "/v1/research/settings", nil); set.json["pages_a_site"] != 6.0 || set.json["off"] != false {
		t.Errorf("by default: %v", set.json)
	}
	if set := c.settle("/v1/research/settings", obj{"off": true, "pages_a_site": 3, "pages_per_day": 10, "keep_days": 0}); set.json["off"] != true || set.json["pages_a_site"] != 3.0 {
		t.Errorf("set: %v", set.json)
	}
	other := c.ok("POST", "/v1/leads", obj{"email": "ben@other.example"})
	c.refused(422, "invalid", "POST", "/v1/leads/"+other.text("id")+"/research", nil)
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring"})
	path := "/v1/campaigns/" + campaign.text("id") + "/research"
	if set := c.ok("GET", path, nil, "Outrider-Position", campaign.header.Get("Outrider-Position")); set.json["on"] != false || set.json["wait_minutes"] != 60.0 {
		t.Errorf("by default: %v", set.json)
	}
	if set := c.settle(path, obj{"on": true, "wait_minutes": 15, "pages_per_day": 40}); set.json["on"] != true || set.json["wait_minutes"] != 15.0 {
		t.Errorf("set: %v", set.json)
	}
	c.refused(422, "invalid", "PUT", path, obj{"on": true, "wait_minutes": 1441, "pages_per_day": 0})
}

// TestSitesAreSearchedForWhereThatIsSwitchedOn sets it, with the installation's key and one's own, searches for the company of somebody at a mail provider, and shows what was found.
func TestSitesAreSearchedForWhereThatIsSwitchedOn(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serve(nil)
	c := w.tenant("growth")
	lead := c.ok("POST", "/v1/leads", obj{"email": "ann@gmail.com", "company_name": "Alder Foods"})
	path := "/v1/leads/" + lead.text("id") + "/research"
	if set := c.ok("GET", "/v1/research/search", nil); set.json["on"] != false || set.json["engine"] != nil || set.json["platform_available"] != false {
		t.Errorf("without a search engine: %v", set.json)
	}
	c.refused(422, "invalid", "PUT", "/v1/research/search", obj{"on": true, "provider": "own", "key": "k"})
	engine := &models.Client{Config: models.Config{Search: models.SearchConfig{Provider: websearch.NewBrave(websearch.Options{}), PriceMicros: 5000}}}
	w.serve(func(cfg *api.Config) { cfg.Models = engine })
	c.refused(422, "invalid", "PUT", "/v1/research/search", obj{"on": true, "provider": "platform"})
	c.refused(422, "invalid", "PUT", "/v1/research/search", obj{"on": true, "provider": "own"})
	c.with("organization:read").refused(403, "forbidden", "PUT", "/v1/research/search", obj{"on": true, "provider": "own", "key": "k"})
	set := c.ok("PUT", "/v1/research/search", obj{"on": true, "provider": "own", "key": "very-secret"}, "If-Match", `"0"`)
	if set.json["on"] != true || set.json["has_key"] != true || set.json["engine"] != "brave" || set.json["price_micros"] != 5000.0 || strings.Contains(string(set.body), "very-secret") {
		t.Errorf("with a key of one's own: %s", set.body)
	}
	if a := c.do("PUT", "/v1/research/search", obj{"on": false, "provider": "own"}, "If-Match", `"0"`); a.status != 412 {
		t.Errorf("of another version: %d", a.status)
	}
	engine.Config.Search.Key = "everybody's"
	if set := c.ok("PUT", "/v1/research/search", obj{"on": true, "provider": "platform"}); set.json["has_key"] != false || set.json["provider"] != "platform" {
		t.Errorf("with the installation's: %s", set.body)
	}
	asked := c.ok("POST", path, nil, "Outrider-Position", lead.header.Get("Outrider-Position"))
	all := asked.list("searches")
	if len(all) != 1 || all[0].(map[string]any)["state"] != "requested" || asked.json["can_search"] != true || asked.text("company_id") != "" {
		t.Fatalf("asked: %s", asked.body)
	}
	intake := facts.Intake{Hasher: w.cfg.Vault.Hasher, Key: func(ctx context.Context, org, subject uuid.UUID) (pii.Key, error) {
		keys, err := w.cfg.Vault.Keys(ctx, org, []uuid.UUID{subject})
		if err != nil {
			return pii.Key{}, err
		}
		return keys[0], nil
	}}
	hasher, err := w.cfg.Vault.Hasher(t.Context(), c.org)
	check(t, err)
	hash := hasher.DomainHash("alder.example").String()
	company := commands.CompanyID(c.org, hash)
	_, details, err := intake.CompanyItems(t.Context(), c.org, company, "Alder Foods", "alder.example", nil)
	check(t, err)
	search, leadID := uuid.MustParse(all[0].(map[string]any)["id"].(string)), uuid.MustParse(lead.text("id"))
	_, at := c.submit(commands.FinishWebSearch{WebSearchRef: events.WebSearchRef{SearchID: search, LeadID: leadID}, Outcome: events.WebSearchFound, Results: 4, Refused: 1, Looked: 2, Pages: 2, DomainHash: hash, Company: details, EndedAt: c.clock.now()})
	shown := c.ok("GET", path, nil, "Outrider-Position", at)
	if found := shown.list("searches"); found[0].(map[string]any)["state"] != "found" || shown.text("company_id") != company.String() || len(shown.list("data")) != 1 || shown.list("data")[0].(map[string]any)["cause"] != "found" {
		t.Errorf("found: %s", shown.body)
	}
	if it := c.ok("GET", "/v1/companies/"+company.String(), nil, "Outrider-Position", at); it.text("domain") != "alder.example" {
		t.Errorf("the company: %s", it.body)
	}
	if people := c.ok("GET", "/v1/companies/"+company.String()+"/leads", nil).list("data"); len(people) != 1 {
		t.Errorf("its people: %v", people)
	}
	if story := c.ok("GET", "/v1/leads/"+lead.text("id")+"/timeline?limit=50", nil, "Outrider-Position", at); !strings.Contains(string(story.body), "found by search") || !strings.Contains(string(story.body), "as a search has found it") {
		t.Errorf("the timeline: %s", story.body)
	}

	// The domain of another's mail has no site: what is found is that company's, which stays the one of their domain.
	ben := c.ok("POST", "/v1/leads", obj{"email": "ben@birch.example", "company_name": "Birch"})
	read := c.ok("POST", "/v1/leads/"+ben.text("id")+"/research", nil, "Outrider-Position", ben.header.Get("Outrider-Position")).list("data")[0].(map[string]any)
	own := uuid.MustParse(read["company_id"].(string))
	c.submit(commands.EndResearch{ResearchRef: events.ResearchRef{ResearchID: uuid.MustParse(read["id"].(string)), CompanyID: own, LeadID: uuid.MustParse(ben.text("id"))}, ResearchOutcome: events.ResearchOutcome{EndedAt: c.clock.now()}, Reason: events.ResearchUnreachable, Tried: true})
	wanted := c.until("/v1/leads/"+ben.text("id")+"/research", func(a answer) bool { return len(a.list("searches")) > 0 }).list("searches")[0].(map[string]any)
	if wanted["cause"] != "no_site" {
		t.Errorf("searched for: %v", wanted)
	}
	_, details, err = intake.CompanyItems(t.Context(), c.org, own, "Birch", "birch-group.example", nil)
	check(t, err)
	_, at = c.submit(commands.FinishWebSearch{WebSearchRef: events.WebSearchRef{SearchID: uuid.MustParse(wanted["id"].(string)), LeadID: uuid.MustParse(ben.text("id")), MailCompanyID: own}, Outcome: events.WebSearchFound, Looked: 1, Pages: 1,
		DomainHash: hasher.DomainHash("birch-group.example").String(), Company: details, EndedAt: c.clock.now()})
	if shown := c.ok("GET", "/v1/leads/"+ben.text("id")+"/research", nil, "Outrider-Position", at); shown.text("company_id") != own.String() || len(shown.list("data")) != 2 {
		t.Errorf("found elsewhere: %s", shown.body)
	}
	var site string
	check(t, postgres.InOrg(t.Context(), w.db.Pools.API, c.org, func(tx pgx.Tx) (err error) {
		site, err = projections.SiteOf(t.Context(), tx, c.org, own)
		return err
	}))
	if site != "birch-group.example" {
		t.Errorf("the site that is read is %q", site)
	}
}
