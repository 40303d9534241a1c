package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
)

// someScoreRules are rules that ask by nothing of a person's words.
func someScoreRules() obj {
	return obj{"qualified_lead": 60, "qualified_intent": 0, "review_lead": 30, "rules": []obj{{"name": "Has a company", "of": "lead", "field": "company_name", "test": "exists", "weight": 40}}}
}

// scored records what the rules make of a lead, as the reactor does.
func (c *client) scored(version int, lead string, n, intent int, is string) string {
	c.t.Helper()
	_, position := c.submit(commands.ApplyScores{Version: version, Items: []commands.ScoreItem{{LeadID: uuid.MustParse(lead), LeadScore: n, IntentScore: intent, Qualification: is}}})
	return position
}

func TestScoresOfLeads(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	ann := c.ok("POST", "/v1/leads", obj{"email": "ann@acme.test", "first_name": "Ann", "last_name": "Lee", "job_title": "Head of Sales", "country": "Germany", "custom": obj{"size": "51-200"}}).text("id")
	bob := c.ok("POST", "/v1/leads", obj{"email": "bob@acme.test", "first_name": "Bob", "country": "France"}).text("id")
	last := c.ok("POST", "/v1/leads", obj{"email": "cyd@other.test", "country": "Germany"})
	cyd := last.text("id")
	at := c.ok("POST", "/v1/leads/"+ann+"/facts", obj{"facts": []obj{{"about": "company", "predicate": "hiring", "object": "ten engineers"}}}, "Outrider-Position", last.header.Get("Outrider-Position")).header.Get("Outrider-Position")

	if none := c.ok("GET", "/v1/score-rules", nil); none.json["version"].(float64) != 0 || len(none.list("rules")) == 0 || none.header.Get("ETag") != `"0"` {
		t.Errorf("without rules: %s", none.body)
	}
	if a := c.ok("GET", "/v1/leads/"+ann+"/score", nil, "Outrider-Position", at); a.json["version"].(float64) != 0 || len(a.list("parts")) != 0 {
		t.Errorf("a score without rules: %s", a.body)
	}
	rules := obj{"qualified_lead": 60, "qualified_intent": 10, "review_lead": 30, "rules": []obj{
		{"name": "Germany", "of": "lead", "field": "country", "test": "one_of", "values": []string{"germany", "Austria"}, "weight": 40},
		{"name": "Decides", "of": "lead", "field": "job_title", "test": "contains", "values": []string{"head"}, "weight": 30},
		{"name": "Size", "of": "lead", "field": "custom.size", "test": "range", "from": 100, "to": 200, "weight": 5},
		{"name": "Hiring", "of": "intent", "field": "fact.hiring", "test": "newer_than", "days": 30, "weight": 20},
	}}
	p := c.ok("POST", "/v1/score-rules/preview", rules, "Outrider-Position", at)
	changes := map[string]float64{}
	for _, x := range p.list("changes") {
		m := x.(map[string]any)
		changes[m["to"].(string)] = m["count"].(float64)
	}
	if p.json["leads"].(float64) != 3 || p.json["changed"].(float64) != 3 || changes["qualified"] != 1 || changes["needs_review"] != 1 || changes["unqualified"] != 1 || len(p.list("examples")) != 3 {
		t.Errorf("preview: %s", p.body)
	}
	set := c.ok("PUT", "/v1/score-rules", rules, "If-Match", `"0"`)
	if set.json["version"].(float64) != 1 || set.json["ages"] != true || set.json["progress"].(map[string]any)["leads"].(float64) != 3 {
		t.Errorf("set: %s", set.body)
	}
	c.refused(412, "version_conflict", "PUT", "/v1/score-rules", someScoreRules(), "If-Match", `"0"`)
	for field, wrong := range map[string]obj{"rules.0.field": {"field": "email"}, "rules.0.values": {"values": []string{}}, "rules.0.weight": {"weight": 0}, "rules.0.test": {"field": "fact.nothing"}} {
		one := obj{"name": "A", "of": "lead", "field": "country", "test": "one_of", "values": []string{"x"}, "weight": 1}
		for k, v := range wrong {
			one[k] = v
		}
		if a := c.do("PUT", "/v1/score-rules", obj{"qualified_lead": 60, "qualified_intent": 0, "review_lead": 30, "rules": []obj{one}}); a.status != 400 && a.status != 422 {
			t.Errorf("%s: %d %s", field, a.status, a.body)
		}
	}

	a := c.ok("GET", "/v1/leads/"+ann+"/score", nil, "Outrider-Position", at)
	var said []string
	for _, x := range a.list("parts") {
		m := x.(map[string]any)
		value, _ := m["value"].(string)
		if m["points"].(float64) == 0 {
			value = "!" + value
		}
		if m["fact_id"] != nil {
			value += " (fact)"
		}
		said = append(said, value)
	}
	if got := strings.Join(said, "; "); got != "Germany; Head of Sales; 51-200; ten engineers (fact)" || a.json["pending"] != true {
		t.Errorf("parts: %s of %s", got, a.body)
	}
	if sum := a.json["sum"].(map[string]any); sum["lead_score"].(float64) != 75 || sum["intent_score"].(float64) != 20 || sum["qualification"] != "qualified" {
		t.Errorf("sum: %s", a.body)
	}
	c.scored(1, ann, 75, 20, events.LeadQualified)
	position := c.scored(1, bob, 0, 20, events.LeadUnqualified)
	if a := c.ok("GET", "/v1/leads/"+ann+"/score", nil, "Outrider-Position", position); a.json["pending"] == true {
		t.Errorf("recorded, and still pending: %s", a.body)
	}
	for query, want := range map[string]string{
		"qualification=qualified":                     "ann",
		"min_lead_score=1":                            "ann",
		"max_lead_score=74":                           "bob",
		"max_lead_score=100":                          "bob ann",
		"min_intent_score=20":                         "bob ann",
		"sort=-lead_score":                            "ann bob cyd",
		"sort=lead_score":                             "cyd bob ann",
		"sort=-intent_score":                          "bob ann cyd",
		"qualification=unqualified&min_lead_score=10": "",
	} {
		for _, limit := range []string{"1", "50"} {
			if got := strings.Join(c.emails("limit="+limit+"&"+query, position), " "); got != want {
				t.Errorf("%s, %s a page: %q, want %q", query, limit, got, want)
			}
		}
	}
	if f := c.ok("GET", "/v1/leads/facets", nil).list("qualification"); len(f) != 2 {
		t.Errorf("facets: %v", f)
	}

	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring"}).text("id")
	c.ok("PUT", "/v1/campaigns/"+campaign+"/entry", obj{"min_lead_score": 60})
	c.refused(409, "score_too_low", "POST", "/v1/campaigns/"+campaign+"/enrollments", obj{"lead_ids": []string{cyd}})
	if a := c.ok("POST", "/v1/campaigns/"+campaign+"/enrollments", obj{"lead_ids": []string{ann, bob, cyd}}); a.json["enrolled"].(float64) != 1 || a.json["refused_count"].(float64) != 2 {
		t.Errorf("enrolled: %s", a.body)
	}
	e := c.ok("POST", "/v1/score-rules/evaluations", rules)
	if e.json["leads"].(float64) != 0 || len(e.list("bands")) != 5 || len(e.list("qualifications")) != 3 {
		t.Errorf("evaluation of nobody: %s", e.body)
	}
	if v := c.ok("GET", "/v1/score-rules/versions", nil).list("data"); len(v) != 1 {
		t.Errorf("versions: %v", v)
	}
}
