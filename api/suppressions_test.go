package api_test

import (
	"strings"
	"testing"

	"outrider/commands"
	"outrider/internal/app/leads"
	"outrider/internal/profile"
)

func TestADomainIsSuppressedWithThoseBelowIt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	add := func(item obj) answer { return c.do("POST", "/v1/suppressions", obj{"items": []obj{item}}) }
	lead := func(address string) string {
		return c.ok("POST", "/v1/leads", obj{"email": address}).text("id")
	}
	before := lead("before@corp.example.test")
	below := lead("x@eu.corp.example.test")
	moved := lead("y@elsewhere.test")
	c.ok("PATCH", "/v1/leads/"+moved, obj{"email": "y@deep.eu.corp.example.test"})
	beside := lead("x@notcorp.example.test")
	above := lead("x@example.test")
	held := add(obj{"value": "https://WWW.Corp.example.test/imprint"})
	if ref := held.list("data")[0].(map[string]any); held.status != 201 || ref["kind"] != "domain" || ref["value"] != "corp.example.test" || ref["subdomains"] != true {
		t.Fatalf("got %d %s", held.status, held.body)
	}
	after := lead("z@us.corp.example.test")
	id := c.ok("POST", "/v1/campaigns", obj{"name": "x"}).text("id")
	for _, x := range []string{before, below, moved, after} {
		c.refused(409, "suppressed", "POST", "/v1/campaigns/"+id+"/enrollments", obj{"lead_ids": []string{x}})
	}
	if a := c.ok("POST", "/v1/campaigns/"+id+"/enrollments", obj{"lead_ids": []string{beside, above}}); a.json["enrolled"] != 2.0 {
		t.Errorf("got %s", a.body)
	}
	c.until("/v1/leads/"+below+"/timeline", func(a answer) bool {
		for _, e := range a.list("data") {
			entry := e.(map[string]any)
			if data, _ := entry["data"].(map[string]any); data["domain"] == "corp.example.test" && data["suppression_id"] != nil && strings.Contains(entry["text"].(string), "those below it") {
				return true
			}
		}
		return false
	})
	for value, want := range map[string]string{"co.uk": "public suffix", "*.com": "public suffix", "acme": "complete domain name", "github.io": ""} {
		a := add(obj{"value": value, "subdomains": true})
		if a.status != 422 || !strings.Contains(string(a.body), "items.0.value") || !strings.Contains(string(a.body), want) {
			t.Errorf("%s: got %d %s", value, a.status, a.body)
		}
	}
	narrow := add(obj{"value": "narrow.test", "subdomains": false})
	if ref := narrow.list("data")[0].(map[string]any); ref["subdomains"] == true {
		t.Errorf("got %s", narrow.body)
	}
	if a := c.ok("POST", "/v1/campaigns/"+id+"/enrollments", obj{"lead_ids": []string{lead("x@eu.narrow.test")}}); a.json["enrolled"] != 1.0 {
		t.Errorf("got %s", a.body)
	}
	c.refused(409, "suppressed", "POST", "/v1/campaigns/"+id+"/enrollments", obj{"lead_ids": []string{lead("x@narrow.test")}})
}

func TestADomainCoversLeadsThatAreOlderThanWhatTheirDomainsLieBelow(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	intake := leads.Intake{Hasher: w.cfg.Vault.Hasher, Keys: w.cfg.Vault.Keys}
	items, err := intake.Items(t.Context(), c.org, []leads.Person{{Profile: profile.Profile{Email: "old@eu.corp.example.test"}, Source: "api"}})
	if err != nil {
		t.Fatal(err)
	}
	c.submit(commands.CreateLead{LeadItem: items[0]}) // by a program that says no more
	c.until("/v1/leads/"+items[0].LeadID.String(), func(answer) bool { return true })
	id := c.ok("POST", "/v1/campaigns", obj{"name": "x"}).text("id")
	if a := c.ok("POST", "/v1/campaigns/"+id+"/enrollments", obj{"lead_ids": []string{items[0].LeadID.String()}}); a.json["enrolled"] != 1.0 {
		t.Fatalf("got %s", a.body)
	}
	c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"value": "corp.example.test"}}})
	c.until("/v1/campaigns/"+id+"/enrollments", func(a answer) bool {
		data := a.list("data")
		return len(data) == 1 && data[0].(map[string]any)["state"] == "stopped" && data[0].(map[string]any)["reason"] == "suppressed"
	})
}

func TestAFileOfSuppressionsIsCounted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveImports()
	c := w.tenant("growth")
	file := form("E-Mail;Status\nAnn@acme.test;unsubscribed\nann@acme.test;\n*.other.test;\nco.uk;\nnobody;\n", "delimiter", ";")
	first := c.ok("POST", "/v1/suppressions/import", file, "Content-Type", formType, "Idempotency-Key", "file")
	want := map[string]float64{"rows": 5, "added": 2, "already": 1, "refused": 2}
	for figure, n := range want {
		if first.json[figure] != n {
			t.Errorf("%s: got %v, want %v", figure, first.json[figure], n)
		}
	}
	problems := first.list("problems")
	if len(problems) != 2 || problems[0].(map[string]any)["row"] != 5.0 || problems[0].(map[string]any)["value"] != "co.uk" {
		t.Errorf("got %s", first.body)
	}
	if again := c.ok("POST", "/v1/suppressions/import", file, "Content-Type", formType, "Idempotency-Key", "file"); string(again.body) != string(first.body) {
		t.Errorf("repeated: got %s, then %s", first.body, again.body)
	}
	c.refused(422, "idempotency_key_reused", "POST", "/v1/suppressions/import", form("a@b.test\n"), "Content-Type", formType, "Idempotency-Key", "file")
	if once := c.ok("POST", "/v1/suppressions/import", file, "Content-Type", formType); once.json["added"] != 0.0 || once.json["already"] != 3.0 {
		t.Errorf("sent once more: got %s", once.body)
	}
	listed := c.ok("GET", "/v1/suppressions", nil, "Outrider-Position", first.header.Get("Outrider-Position"))
	if data := listed.list("data"); len(data) != 2 || data[1].(map[string]any)["reason"] != "unsubscribe" || data[1].(map[string]any)["masked"] != "a***@acme.test" || data[0].(map[string]any)["subdomains"] != true {
		t.Errorf("got %s", listed.body)
	}
	if a := c.do("POST", "/v1/suppressions/import", form(""), "Content-Type", formType); a.status != 422 {
		t.Errorf("an empty file: %d %s", a.status, a.body)
	}
	if a := c.do("POST", "/v1/suppressions/import", form("a@b.test\n", "reason", "mood"), "Content-Type", formType); a.status != 422 {
		t.Errorf("an unknown reason: %d %s", a.status, a.body)
	}
}

func TestAControlCharacterIsRefusedWithItsField(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	a := c.do("POST", "/v1/leads", []byte(`{"email":"a@example.com","first_name":"\u001b[31m","custom":{"size":"\ud800"},"tags":["ok","a\u0085b"]}`))
	for _, field := range []string{`"first_name"`, `"custom.size"`, `"tags.1"`} {
		if a.status != 422 || !strings.Contains(string(a.body), `"field":`+field) {
			t.Errorf("%s isn't named: %d %s", field, a.status, a.body)
		}
	}
	c.ok("POST", "/v1/leads", []byte(`{"email":"a@example.com","first_name":"Zo\u00eb \ud83d\ude00","city":"back\\u0007slash","custom":{"note":"a\tb\r\nc"}}`))
}
