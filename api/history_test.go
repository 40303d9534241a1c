package api_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTheHistoryIsCountedSearchedAndCompared(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	o := c.launched("all")
	before := c.clock.now().UTC()
	c.clock.forward(3 * time.Minute)
	paused := c.ok("POST", o.path+"/pause", nil)
	at := paused.header.Get("Outrider-Position")
	head := c.ok("GET", "/v1/audit/head", nil, "Outrider-Position", at)
	if head.json["oseq"] != head.json["verified_to"] || head.json["intact"] != true || head.text("chain") == "" {
		t.Errorf("got %s", head.body)
	}
	newest := c.ok("GET", "/v1/audit/events?limit=1&types=campaign.paused", nil, "Outrider-Position", at).list("data")[0].(map[string]any)
	about, _ := newest["about"].(map[string]any)
	if newest["type"] != "campaign.paused.v1" || newest["text"] == "" || about["kind"] != "campaign" || about["title"] != "Confidential" {
		t.Errorf("got %v", newest)
	}
	number := strconv.Itoa(int(newest["oseq"].(float64)))
	for query, want := range map[string]int{"q=" + number: 1, "q=campaign.paused": 1, "q=" + newest["id"].(string): 1, "types=campaign.paused,campaign.launched": 2, "q=surely-not-there": 0, "types=nothing": 0} {
		list := c.ok("GET", "/v1/audit/events?"+query, nil).list("data")
		if query == "q="+number { // a number may stand in other events, too
			found := false
			for _, x := range list {
				found = found || x.(map[string]any)["id"] == newest["id"]
			}
			if !found {
				t.Errorf("%s isn't found by its number", number)
			}
		} else if len(list) != want {
			t.Errorf("%s: %d rows, not %d", query, len(list), want)
		}
	}
	for _, query := range []string{"", "&types=lead.,campaign.", "&buckets=3", "&subject=" + o.campaign} { // each count is as many rows
		counted := c.ok("GET", "/v1/audit/histogram?"+query[min(len(query), 1):], nil)
		total := 0.0
		for _, b := range counted.list("buckets") {
			b := b.(map[string]any)
			total += b["count"].(float64)
			rows := c.ok("GET", "/v1/audit/events?limit=200&from="+url.QueryEscape(b["from"].(string))+"&to="+url.QueryEscape(b["to"].(string))+strings.ReplaceAll(query, "&buckets=3", ""), nil).list("data")
			if float64(len(rows)) != b["count"] {
				t.Errorf("%s: %v lists %d", query, b, len(rows))
			}
		}
		if total != counted.json["total"] || total == 0 {
			t.Errorf("%s: %s", query, counted.body)
		}
	}
	detail := c.ok("GET", "/v1/audit/events/"+newest["id"].(string), nil)
	if was, is := detail.json["before"].(map[string]any), detail.json["after"].(map[string]any); was["status"] != "active" || is["status"] != "paused" || !changed(detail, "status", `"active"`, `"paused"`) {
		t.Errorf("got %s", detail.body)
	}
	query := "?kind=campaign&subject=" + o.campaign + "&from=" + url.QueryEscape(before.Format(time.RFC3339Nano))
	changes := c.ok("GET", "/v1/changes"+query, nil)
	if !changed(changes, "status", `"active"`, `"paused"`) {
		t.Errorf("got %s", changes.body)
	}
	for _, x := range changes.list("events") {
		x := x.(map[string]any)
		asked := url.Values{"limit": {"200"}}
		for name, v := range x["list"].(map[string]any)["query"].(map[string]any) {
			asked.Set(name, v.(string))
		}
		if rows := c.ok("GET", "/v1/audit/events?"+asked.Encode(), nil).list("data"); float64(len(rows)) != x["count"] {
			t.Errorf("%v lists %d", x, len(rows))
		}
	}
	var marks []string
	for _, m := range c.ok("GET", "/v1/marks?campaign_id="+o.campaign, nil).list("data") {
		m := m.(map[string]any)
		marks = append(marks, m["kind"].(string))
		if m["campaign"] != "Confidential" || m["text"] == "" {
			t.Errorf("got %v", m)
		}
	}
	if got := strings.Join(marks, " "); got != "edit edit launch pause" {
		t.Errorf("marks are %s", got)
	}
	if lines := c.ok("GET", "/v1/usage", nil).list("lines"); len(lines) != 5 || lines[1].(map[string]any)["used"] != 1.0 || lines[2].(map[string]any)["used"] != 1.0 {
		t.Errorf("got %v", lines)
	}
	now := c.ok("GET", "/v1/usage", nil).list("periods")[0].(map[string]any) // each number lists its events
	for number, events := range map[string]string{"leads_processed": "leads_events", "emails_sent": "emails_events"} {
		if rows := c.ok("GET", now[events].(string), nil).list("data"); float64(len(rows)) != now[number] || number == "leads_processed" && len(rows) == 0 {
			t.Errorf("%s is %v, and %d events are listed", number, now[number], len(rows))
		}
	}
	narrow := c.with("audit:read")
	narrow.refused(403, "forbidden", "GET", "/v1/changes"+query, nil)
	if got := narrow.ok("GET", "/v1/audit/events/"+newest["id"].(string), nil); got.json["before"] != nil || strings.Contains(string(got.body), "onfidential") {
		t.Errorf("who may not read campaigns sees %s", got.body)
	}
	thief := w.tenant("growth")
	thief.refused(404, "not_found", "GET", "/v1/audit/events/"+newest["id"].(string), nil)
	thief.refused(404, "not_found", "GET", "/v1/changes"+query, nil)
}

func changed(a answer, field, before, after string) bool {
	for _, x := range a.list("changes") {
		if x := x.(map[string]any); x["field"] == field {
			return x["before"] == before && x["after"] == after
		}
	}
	return false
}
