package api_test

import (
	"net/url"
	"strings"
	"testing"
)

func kinds(a answer) string {
	var out []string
	for _, x := range a.list("data") {
		out = append(out, x.(map[string]any)["kind"].(string))
	}
	return strings.Join(out, " ")
}

func TestEverythingIsFound(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	o := c.launched("all")
	id := c.message(o, "requested")
	at := c.draft(o, id)
	c.ok("GET", "/v1/audit/events?limit=1", nil, "Outrider-Position", at)
	event := c.ok("GET", "/v1/audit/events?types=campaign.launched", nil).list("data")[0].(map[string]any)
	for q, want := range map[string]string{"ann@vic": "lead", "confidential": "lead campaign mailbox", "ANN CONF": "lead", "sales@": "mailbox", "nothing like it": "", "a": "", o.lead: "lead", o.campaign: "campaign",
		o.mailbox: "mailbox", id: "message", o.enrollment: "enrollment", event["id"].(string): "event", "#5": "event", event["request_id"].(string): "request"} {
		if got := kinds(c.ok("GET", "/v1/search?q="+url.QueryEscape(q), nil)); got != want {
			t.Errorf("%s: found %q, not %q", q, got, want)
		}
	}
	if got := kinds(c.with("leads:read", "mailboxes:read", "campaigns:read").ok("GET", "/v1/search?q=confidential", nil)); got != "campaign" {
		t.Errorf("without pii:read there is %q", got)
	}
	if got := kinds(c.with("leads:read", "pii:read").ok("GET", "/v1/search?q="+o.campaign, nil)); got != "" {
		t.Errorf("without campaigns:read there is %q", got)
	}
	thief := w.tenant("growth")
	for _, q := range []string{"confidential", "ann", o.lead, o.campaign, o.mailbox, id, event["id"].(string), event["request_id"].(string)} {
		if got := kinds(thief.ok("GET", "/v1/search?q="+url.QueryEscape(q), nil)); got != "" {
			t.Errorf("another organisation finds %q by %s", got, q)
		}
	}
}
