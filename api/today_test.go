package api_test

import (
	"strings"
	"testing"
	"time"

	"outrider/commands"
)

// planned checks that a plan adds up, and returns it.
func (c *client) planned(query string) answer {
	c.t.Helper()
	p := c.ok("GET", "/v1/send-plan"+query, nil)
	left := p.json["capacity"].(float64)
	for _, r := range p.list("removed") {
		r := r.(map[string]any)
		left -= r["count"].(float64)
		if r["text"] == "" {
			c.t.Errorf("nothing says what %s is", r["rule"])
		}
	}
	if left != p.json["planned"] || p.json["sent"].(float64)+p.json["left"].(float64) != left {
		c.t.Errorf("%s doesn't add up: %s", query, p.body)
	}
	return p
}

func TestTheDayIsPlannedByTheRulesThatSend(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	o := c.launched("all")
	id := c.message(o, "requested")
	at := c.draft(o, id)
	held := c.ok("GET", "/v1/send-plan", nil, "Outrider-Position", at)
	if held.json["planned"] != 0.0 || held.json["next"] != nil || held.text("bottleneck") == "" {
		t.Errorf("a draft that nobody has approved: %s", held.body)
	}
	if got := ruleOf(held, "draft"); got != 1 {
		t.Errorf("drafts take away %v: %s", got, held.body)
	}
	c.planned("?mailbox_id=" + o.mailbox)
	c.ok("POST", "/v1/messages/approve", obj{"message_ids": []string{id}})
	c.message(o, "scheduled")
	var p answer
	c.until("/v1/send-plan", func(a answer) bool { p = a; return a.json["left"] == 1.0 })
	next := p.json["next"].(map[string]any)
	if next["lead_id"] != o.lead || next["lead"] != "Ann Confidential" || next["mailbox"] != "sales@ours.test" || next["campaign"] != "Confidential" {
		t.Errorf("next is %v", next)
	}
	masked := c.with("campaigns:read").ok("GET", "/v1/send-plan", nil)
	if strings.Contains(string(masked.body), "Ann") || strings.Contains(string(masked.body), "sales@") {
		t.Errorf("without pii:read: %s", masked.body)
	}
	c.claim(o, id)
	at = c.sent(o, id)
	c.ok("GET", "/v1/send-plan", nil, "Outrider-Position", at)
	for _, query := range []string{"", "?campaign_id=" + o.campaign, "?mailbox_id=" + o.mailbox} {
		if p := c.planned(query); p.json["sent"] != 1.0 || p.json["left"] != 0.0 {
			t.Errorf("%s: %s", query, p.body)
		}
	}
	tomorrow := c.clock.now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	if p := c.planned("?date=" + tomorrow); p.text("date") != tomorrow || p.json["sent"] != 0.0 {
		t.Errorf("tomorrow: %s", p.body)
	}
	c.ok("POST", "/v1/mailboxes/"+o.mailbox+"/pause", nil)
	c.until("/v1/send-plan", func(a answer) bool { return ruleOf(a, "mailbox") > 0 })
	for _, query := range []string{"?date=2020-01-01", "?date=2020-13-01", "?date=" + c.clock.now().UTC().AddDate(0, 0, 20).Format(time.DateOnly)} {
		c.refused(400, "malformed_request", "GET", "/v1/send-plan"+query, nil)
	}
	thief := w.tenant("growth")
	thief.refused(404, "not_found", "GET", "/v1/send-plan?campaign_id="+o.campaign, nil)
	thief.refused(404, "not_found", "GET", "/v1/send-plan?mailbox_id="+o.mailbox, nil)
}

// sent says that a claimed message has left.
func (c *client) sent(o outreach, id string) (position string) {
	c.t.Helper()
	_, position = c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, ProviderID: "<1@ours.test>", At: c.clock.now().UTC().Truncate(time.Microsecond)}}})
	return position
}

func ruleOf(plan answer, rule string) float64 {
	for _, r := range plan.list("removed") {
		if r := r.(map[string]any); r["rule"] == rule {
			return r["count"].(float64)
		}
	}
	return 0
}

func TestTodayTellsWhatWaits(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	if got := c.ok("GET", "/v1/today", nil); got.list("waiting") != nil || got.list("stopped") != nil {
		t.Errorf("nothing has happened: %s", got.body)
	}
	o := c.launched("all")
	id := c.message(o, "requested")
	at := c.draft(o, id)
	waits := func(a answer, kind string) map[string]any {
		for _, x := range a.list("waiting") {
			if x := x.(map[string]any); x["kind"] == kind {
				return x
			}
		}
		return nil
	}
	today := c.ok("GET", "/v1/today", nil, "Outrider-Position", at)
	draft := waits(today, "approvals")
	if draft == nil || draft["count"] != 1.0 || draft["next_at"] == nil {
		t.Fatalf("got %s", today.body)
	}
	list := draft["list"].(map[string]any)
	for name, value := range list["query"].(map[string]any) { // the number is a link, and the list has as many rows
		if rows := c.ok("GET", list["path"].(string)+"?"+name+"="+value.(string), nil).list("data"); len(rows) != 1 {
			t.Errorf("%v lists %d", list, len(rows))
		}
	}
	c.ok("POST", "/v1/messages/approve", obj{"message_ids": []string{id}})
	c.message(o, "scheduled")
	c.claim(o, id)
	c.sent(o, id)
	at = c.reply(o, id)
	today = c.ok("GET", "/v1/today", nil, "Outrider-Position", at)
	if reply := waits(today, "replies"); reply == nil || reply["count"] != 1.0 || reply["oldest_at"] == nil || waits(today, "approvals") != nil {
		t.Errorf("got %s", today.body)
	}
	at = c.ok("POST", "/v1/mailboxes/"+o.mailbox+"/pause", nil).header.Get("Outrider-Position")
	today = c.ok("GET", "/v1/today", nil, "Outrider-Position", at)
	stopped := today.list("stopped")
	if len(stopped) != 1 || stopped[0].(map[string]any)["title"] != "sales@ours.test" || stopped[0].(map[string]any)["rule"] != false {
		t.Errorf("got %s", today.body)
	}
	few := c.with("organization:read", "mailboxes:read").ok("GET", "/v1/today", nil)
	if few.list("waiting") != nil || few.json["last_14_days"] != nil || len(few.list("stopped")) != 1 || strings.Contains(string(few.body), "sales@") {
		t.Errorf("who may see mailboxes only, and no people, sees %s", few.body)
	}
	c.until("/v1/today", func(a answer) bool { // figures come with the rollups
		figures, _ := a.json["last_14_days"].(map[string]any)
		if figures == nil {
			return false
		}
		all := figures["figures"].(map[string]any)
		reply := all["reply_rate"].(map[string]any)
		return all["emails_sent"] == 1.0 && reply["count"] == 1.0 && reply["low"].(float64) > 0.2 && reply["high"] == 1.0 && len(figures["days"].([]any)) == 1
	})
}
