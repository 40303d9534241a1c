package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// emails asks for all pages of a list of leads and returns whose they are.
func (c *client) emails(query, position string) (out []string) {
	c.t.Helper()
	cursor := ""
	for {
		page := c.ok("GET", "/v1/leads?"+query+"&cursor="+cursor, nil, "Outrider-Position", position)
		for _, l := range page.list("data") {
			email, _ := l.(map[string]any)["email"].(string)
			name, _, _ := strings.Cut(email, "@")
			out = append(out, name)
		}
		if cursor = page.text("next_cursor"); cursor == "" {
			return out
		}
	}
}

func TestLeadsAreSearchedFilteredSortedAndCounted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, other := w.tenant("growth"), w.tenant("growth")
	other.ok("POST", "/v1/leads", obj{"email": "ann@acme.test"})
	var ids []string
	for _, l := range []obj{
		{"email": "ann@acme.test", "first_name": "Ann", "last_name": "Élan", "company_name": "Acme\nGmbH", "country": "Germany", "tags": []string{"vip"}},
		{"email": "bob@acme.test", "last_name": "adams", "company_name": "acme gmbh", "country": "germany"},
		{"email": "cyd@other.test", "last_name": "Zoo", "company_name": "The Acme"},
		{"email": "dan@other.test", "last_name": "Adams"},
	} {
		ids = append(ids, c.ok("POST", "/v1/leads", l).text("id"))
	}
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring"}).text("id")
	c.ok("POST", "/v1/campaigns/"+campaign+"/enrollments", obj{"lead_ids": []string{ids[1]}})
	c.ok("PATCH", "/v1/leads/"+ids[0], obj{"city": "Köln"})
	position := c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "domain", "value": "other.test", "reason": "complaint"}, {"kind": "address", "value": "cyd@other.test"}}}).header.Get("Outrider-Position")
	for query, want := range map[string]string{
		"":                         "dan cyd bob ann",
		"sort=created_at":          "ann bob cyd dan",
		"sort=email":               "ann bob cyd dan",
		"sort=-email":              "dan cyd bob ann",
		"sort=last_name":           "bob dan cyd ann", // whatever the case; equal ones by age
		"sort=-last_name":          "ann cyd dan bob",
		"sort=company_name":        "dan ann bob cyd",
		"sort=-updated_at":         "ann dan cyd bob",
		"sort=outreach_status":     "bob ann cyd dan",
		"q=ACME":                   "cyd bob ann",
		"q=ann+%C3%A9lan":          "ann",
		"q=%25":                    "",
		"company=Acme":             "bob ann",
		"country=Germany":          "bob ann",
		"tag=vip&q=&country=":      "ann",
		"email=BOB@":               "bob",
		"email=ob":                 "",
		"outreach_status=new":      "dan cyd ann",
		"campaign_id=" + campaign:  "bob",
		"campaign_id=" + anID:      "",
		"suppressed=true":          "dan cyd",
		"suppressed=false":         "bob ann",
		"updated_from=" + after(c): "",
		"created_to=" + after(c):   "dan cyd bob ann",
		"created_from=" + after(c): "",
		"updated_to=" + after(c):   "dan cyd bob ann",
	} {
		for _, limit := range []int{1, 3, 50} {
			if got := strings.Join(c.emails(fmt.Sprintf("limit=%d&%s", limit, query), position), " "); got != want {
				t.Errorf("%s, %d a page: %q, want %q", query, limit, got, want)
			}
		}
		n := len(strings.Fields(want))
		if got := c.ok("GET", "/v1/leads?limit=1&include=total&"+query, nil).json["total"]; got != float64(n) {
			t.Errorf("%s: %v in all, want %d", query, got, n)
		}
	}
	page := c.ok("GET", "/v1/leads?sort=last_name&limit=1", nil)
	if _, counted := page.json["total"]; counted {
		t.Error("counted without being asked")
	}
	cursor := page.text("next_cursor")
	for _, list := range []string{"sort=-last_name", "sort=last_name&q=a", "sort=last_name&suppressed=true", "sort=last_name&suppressed=false"} {
		c.refused(400, "malformed_request", "GET", "/v1/leads?"+list+"&cursor="+cursor, nil)
	}
	other.refused(400, "malformed_request", "GET", "/v1/leads?sort=last_name&cursor="+cursor, nil)
	c.ok("GET", "/v1/leads?sort=last_name&include=total&cursor="+cursor, nil) // counting is no filter
	c.refused(400, "malformed_request", "GET", "/v1/leads?sort=phone", nil)
	c.refused(400, "malformed_request", "GET", "/v1/leads?suppressed=maybe", nil)
	c.refused(400, "malformed_request", "GET", "/v1/leads?unknown=", nil)
	for i, want := range []string{"", "", "address manual", "domain complaint"} {
		l := c.ok("GET", "/v1/leads/"+ids[i], nil)
		if got := strings.TrimSpace(l.text("suppressed_by") + " " + l.text("suppressed_reason")); got != want || l.json["suppressed"] != (want != "") {
			t.Errorf("lead %d is suppressed by %q, want %q", i, got, want)
		}
	}
	if got := c.ok("POST", "/v1/campaigns/"+campaign+"/enrollments", obj{"filter": obj{"q": "acme", "suppressed": false}, "cursor": ""}); got.json["enrolled"] != 1.0 || got.json["already"] != 1.0 {
		t.Errorf("enrolled by a search: %s", got.body)
	}
	list := c.ok("GET", "/v1/leads/"+ids[1]+"/enrollments?include=total&state=active", nil)
	if data := list.list("data"); len(data) != 1 || data[0].(map[string]any)["campaign_id"] != campaign || list.json["total"] != 1.0 {
		t.Errorf("enrollments of a lead: %s", list.body)
	}
	other.refused(404, "not_found", "GET", "/v1/leads/"+ids[1]+"/enrollments", nil)
}

// after is an instant behind all that happened so far.
func after(c *client) string {
	c.t.Helper()
	return url.QueryEscape(time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

func TestOtherListsAreSearchedSortedAndCounted(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	o := c.launched("none")
	message := c.message(o, "requested")
	c.ok("POST", "/v1/campaigns", obj{"name": "ÄRGER"})
	c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "domain", "value": "zzz.test"}, {"kind": "address", "value": "a@aaa.test", "reason": "bounce"}}})
	email := c.ok("GET", "/v1/leads/"+o.lead, nil).text("email")
	position := c.ok("PATCH", "/v1/leads/"+o.lead, obj{"last_name": "Findme"}).header.Get("Outrider-Position")
	for path, want := range map[string]int{
		"campaigns?q=%C3%A4rg": 1, "campaigns?status=draft": 1, "campaigns?status=active": 1, "campaigns?q=nothing": 0, "campaigns?sort=name": 2, "campaigns?sort=-updated_at": 2,
		"messages?q=findme": 1, "messages?q=nobody": 0, "messages?sort=-sent_at": 1, "messages?sort=scheduled_at": 1, "messages?q=" + url.QueryEscape(email): 1, "messages?state=": 1,
		"suppressions?q=ZZZ": 1, "suppressions?reason=bounce": 1, "suppressions?sort=value": 2, "suppressions?sort=-reason&kind=": 2,
		"mailboxes?sort=address": 1, "mailboxes?q=nobody": 0, "mailboxes?status=active": 1,
		"campaigns/" + o.campaign + "/enrollments?q=findme": 1, "campaigns/" + o.campaign + "/enrollments?q=nobody": 0, "campaigns/" + o.campaign + "/enrollments?sort=-state": 1,
	} {
		glue := "?"
		if strings.Contains(path, "?") {
			glue = "&"
		}
		a := c.ok("GET", "/v1/"+path+glue+"include=total", nil, "Outrider-Position", position)
		if len(a.list("data")) != want || a.json["total"] != float64(want) {
			t.Errorf("%s: %s, want %d", path, a.body, want)
		}
	}
	var values []string
	for _, s := range c.ok("GET", "/v1/suppressions?sort=value", nil).list("data") {
		values = append(values, s.(map[string]any)["value"].(string))
	}
	if !slices.IsSorted(values) {
		t.Errorf("by value: %v", values)
	}
	if got := c.ok("GET", "/v1/messages?sort=-updated_at", nil).list("data")[0].(map[string]any)["id"]; got != message {
		t.Errorf("message %v, want %s", got, message)
	}
}

func TestLeadsAreFilteredByFieldsOfOnesOwnAndCounted(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	var position string
	for _, l := range []obj{
		{"email": "ann@acme.test", "country": "Germany", "tags": []string{"vip", "spring"}, "custom": obj{"segment": "Mid-Market", "size": "b"}},
		{"email": "bob@acme.test", "country": "Germany", "tags": []string{"spring"}, "custom": obj{"segment": "mid-market", "size": "a"}},
		{"email": "cyd@acme.test", "country": "France", "custom": obj{"segment": "small"}},
		{"email": "dan@acme.test"},
	} {
		position = c.ok("POST", "/v1/leads", l).header.Get("Outrider-Position")
	}
	for query, want := range map[string]string{
		"custom.segment=mid-market":                     "bob ann",
		"custom.segment=mid-market&custom.size=a":       "bob",
		"custom.nobody=x":                               "",
		"sort=custom.size":                              "cyd dan bob ann",
		"sort=-custom.size":                             "ann bob dan cyd",
		"sort=-custom.size&custom.segment=MID-MARKET":   "ann bob",
		"limit=1&sort=custom.size&custom.segment=small": "cyd",
		"limit=1&sort=custom.segment":                   "dan ann bob cyd",
	} {
		if got := strings.Join(c.emails(query, position), " "); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	facets := func(query string) map[string]any {
		return c.ok("GET", "/v1/leads/facets?"+query, nil, "Outrider-Position", position).json
	}
	shown := func(in any) (out string) {
		for _, f := range in.([]any) {
			out += fmt.Sprintf("%v:%v ", f.(map[string]any)["value"], f.(map[string]any)["count"])
		}
		return strings.TrimSpace(out)
	}
	all := facets("")
	for name, want := range map[string]string{"country": "Germany:2 France:1", "tag": "spring:2 vip:1", "outreach_status": "new:4", "suppressed": "false:4", "custom": "segment:3 size:2"} {
		if got := shown(all[name]); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	some := facets("country=germany&tag=vip")
	for name, want := range map[string]string{"country": "Germany:1", "tag": "spring:2 vip:1", "custom": "segment:1 size:1"} { // each beside the other filters
		if got := shown(some[name]); got != want {
			t.Errorf("of some, %s: got %q, want %q", name, got, want)
		}
	}
	for _, path := range []string{"/v1/leads?custom.Segment=x", "/v1/leads?sort=custom.Size", "/v1/leads?custom.=x"} {
		c.refused(400, "malformed_request", "GET", path, nil)
	}
	masked := c.with("leads:read")
	if a := masked.ok("GET", "/v1/leads/facets", nil, "Outrider-Position", position); strings.Contains(string(a.body), "Germany") || !strings.Contains(string(a.body), "spring") {
		t.Errorf("masked: %s", a.body)
	}
	for _, path := range []string{"/v1/leads?custom.segment=small", "/v1/leads?sort=custom.size", "/v1/leads?sort=-custom.size", "/v1/leads/facets?country=Germany"} {
		masked.refused(403, "forbidden", "GET", path, nil)
	}
	job := c.ok("POST", "/v1/leads/bulk", obj{"action": "tag", "tags": []string{"chosen"}, "filter": obj{"custom": obj{"segment": "small"}}})
	if n := job.json["job"].(map[string]any)["asked"]; n != 1.0 {
		t.Errorf("%v leads: %s", n, job.body)
	}
}
