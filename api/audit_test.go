package api_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// entries gives all that an audit query lets through, page by page.
func (c *client) entries(query string, limit int) (all []map[string]any) {
	c.t.Helper()
	cursor := ""
	for {
		a := c.ok("GET", fmt.Sprintf("/v1/audit/events?%s&limit=%d%s", query, limit, cursor), nil)
		for _, e := range a.list("data") {
			all = append(all, e.(map[string]any))
		}
		if a.text("next_cursor") == "" {
			return all
		}
		cursor = "&cursor=" + a.text("next_cursor")
	}
}

// entry waits for an event that a query finds, and gives the newest.
func (c *client) entry(query string) map[string]any {
	c.t.Helper()
	a := c.until("/v1/audit/events?limit=1&"+query, func(a answer) bool { return len(a.list("data")) == 1 })
	return a.list("data")[0].(map[string]any)
}

func actorOf(e map[string]any) (kind, id, name string) {
	a := e["actor"].(map[string]any)
	name, _ = a["name"].(string)
	return a["kind"].(string), a["id"].(string), name
}

func member(e map[string]any, path ...string) any {
	var v any = e
	for _, p := range path {
		o, _ := v.(map[string]any)
		v = o[p]
	}
	return v
}

const home = "127.0.0.1" // where tests call from

func TestTheAuditLogSaysWhoDidIt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	c := w.tenant("enterprise").campaign()
	request := uuid.New()
	lead := c.ok("POST", "/v1/leads", obj{"email": "bob@acme.test", "first_name": "Bob"}, "X-Request-Id", request.String()).text("id")
	l := c.sent("ann@acme.test", threeLinks, time.Hour)
	c.seen(302, "GET", l.click(0), browser)
	l.hits(1)
	c.seen(200, "POST", l.leave(), browser, "confirm", "page")

	made := c.entry("type=lead.created.v2&subject=" + lead)
	kind, id, name := actorOf(made)
	if _, err := uuid.Parse(id); err != nil || kind != es.ActorAPIKey || name != "all" || made["request_id"] != request.String() || made["ip"] != home || made["correlation_id"] != request.String() {
		t.Errorf("a key: %v", made)
	}
	if member(made, "data", "profile", "first_name") != "Bob" || member(made, "data", "profile", "email") != "bob@acme.test" || made["withheld"] != nil {
		t.Errorf("the data is %v, withheld %v", made["data"], made["withheld"])
	}
	left := c.entry("type=lead.unsubscribed")
	if kind, id, name := actorOf(left); kind != es.ActorPerson || id != l.lead.String() || name != "ann@acme.test" || left["ip"] != home || left["request_id"] == nil {
		t.Errorf("a person: %v", left)
	}
	click := c.entry("type=message.clicked")
	if kind, id, _ := actorOf(click); kind != es.ActorProvider || id != "tracking" || click["request_id"] != nil || click["ip"] != nil || member(click, "data", "client", "ip") != home {
		t.Errorf("a provider: %v", click)
	}
	tick := c.entry("actor_kind=clock")
	if _, id, _ := actorOf(tick); id != "clock" || tick["request_id"] != nil || tick["ip"] != nil {
		t.Errorf("the clock: %v", tick)
	}
	born := c.entry("type=organization.created")
	if kind, _, name := actorOf(born); kind != es.ActorOperator || name != "" || born["request_id"] == nil || born["ip"] != home {
		t.Errorf("an operator: %v", born)
	}

	auditor := c.with("audit:read")
	poor := auditor.entry("type=lead.created.v2&subject=" + lead)
	if member(poor, "data", "profile") != nil || member(poor, "withheld", "profile") != "leads:read" || poor["ip"] != "***" || bytes.Contains(fmt.Append(nil, poor), []byte("bob@")) {
		t.Errorf("without leads:read one sees %v", poor)
	}
	if draft := auditor.entry("type=message.drafted"); member(draft, "withheld", "body") != "messages:read" || member(draft, "data", "body") != nil {
		t.Errorf("without messages:read one sees %v", draft)
	}
	if _, _, name := actorOf(auditor.entry("type=lead.unsubscribed")); name != "" {
		t.Errorf("without leads:read one sees who %s is", name)
	}
	if draft := c.entry("type=message.drafted"); !strings.Contains(fmt.Sprint(member(draft, "data", "body")), "example.com") {
		t.Errorf("the draft is %v", draft)
	}

	c.ok("POST", "/v1/leads/"+l.lead.String()+"/erase", nil)
	check(t, c.cfg.Vault.Erase(t.Context(), c.org, l.lead)) // as the reactor does
	gone := c.entry("type=lead.created.v2&subject=" + l.lead.String())
	if member(gone, "data", "profile") != nil || member(gone, "withheld", "profile") != "erased" || gone["ip"] != home {
		t.Errorf("an erased lead is %v", gone)
	}
	if left := c.entry("type=lead.unsubscribed"); left["ip"] != nil {
		t.Errorf("where the erased lead was shows: %v", left)
	}
}

func TestAuditFilters(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	c, other := w.tenant("growth"), w.tenant("growth")
	second := c.with("leads:write")
	request := uuid.New()
	first := c.ok("POST", "/v1/leads", obj{"email": "a@acme.test"}).text("id")
	second.ok("POST", "/v1/leads", obj{"email": "b@acme.test"}, "X-Request-Id", request.String())
	c.ok("PATCH", "/v1/leads/"+first, obj{"city": "Ulm"})
	other.ok("POST", "/v1/leads", obj{"email": "other@acme.test"})
	c.entry("type=lead.updated")
	other.entry("type=lead.created")

	all := c.entries("order=oldest", 2)
	for i, e := range all {
		if int(e["oseq"].(float64)) != i+1 {
			t.Fatalf("entry %d has oseq %v", i, e["oseq"])
		}
	}
	newest := c.entries("order=newest", 3)
	for i, e := range newest {
		if len(newest) != len(all) || e["id"] != all[len(all)-1-i]["id"] {
			t.Fatal("newest first isn't oldest first backwards")
		}
	}
	_, key, _ := actorOf(c.entry("subject=" + first + "&type=lead.created"))
	at := url.QueryEscape(all[len(all)-1]["time"].(string))
	count := func(matches func(e map[string]any) bool) (n int) {
		for _, e := range all {
			if matches(e) {
				n++
			}
		}
		return n
	}
	last := all[len(all)-1]["time"].(string)
	for query, want := range map[string]int{
		"type=lead.":                         count(func(e map[string]any) bool { return strings.HasPrefix(e["type"].(string), "lead.") }),
		"type=lead.updated.v2":               1,
		"subject=" + first:                   2,
		"subject=" + anID:                    0,
		"actor_kind=operator":                count(func(e map[string]any) bool { return member(e, "actor", "kind") == "operator" }),
		"actor_kind=person":                  0,
		"actor_id=" + key:                    count(func(e map[string]any) bool { return member(e, "actor", "id") == key }),
		"from=" + at:                         count(func(e map[string]any) bool { return e["time"].(string) >= last }),
		"to=" + at:                           count(func(e map[string]any) bool { return e["time"].(string) < last }),
		"from=" + at + "&to=" + at:           0,
		"correlation_id=" + request.String(): 1,
		"correlation_id=" + request.String() + "&type=campaign.": 0,
		"actor_kind=api_key&type=lead.created&actor_id=" + key:   1,
	} {
		if got := c.entries(query, 50); len(got) != want {
			t.Errorf("%s finds %d, want %d", query, len(got), want)
		}
	}
	for _, e := range other.entries("order=oldest", 50) {
		for _, ours := range all {
			if e["id"] == ours["id"] {
				t.Fatal("another's event is shown")
			}
		}
	}
	if got := other.entries("subject="+first, 50); len(got) != 0 {
		t.Errorf("another's: %v", got)
	}
	cursor := c.ok("GET", "/v1/audit/events?limit=1", nil).text("next_cursor")
	other.refused(400, "malformed_request", "GET", "/v1/audit/events?limit=1&cursor="+cursor, nil)
	c.refused(400, "malformed_request", "GET", "/v1/audit/events?limit=1&type=lead.&cursor="+cursor, nil)
	c.refused(400, "malformed_request", "GET", "/v1/audit/events?from=yesterday", nil)
	c.refused(400, "malformed_request", "GET", "/v1/audit/events?order=best", nil)
	c.refused(400, "malformed_request", "GET", "/v1/audit/export?after=-1", nil)
	c.refused(400, "malformed_request", "GET", "/v1/audit/export?after=1000000", nil)
}

func TestTheAuditLogSaysWhichMemberItIs(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	ann := w.signUp("ann@example.com")
	joined := ann.entry("type=member.joined")
	if member(joined, "about", "kind") != "member" || member(joined, "about", "id") != ann.person.String() || member(joined, "about", "title") != "Ann" {
		t.Errorf("about: %v", joined["about"])
	}
}
