package api_test

import (
	"strings"
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// TestAWarmupByStagesAndHealthAreShown sets stages and sees the curve, then a bounce, which of one message proves nothing, and a block, which counts by itself.
func TestAWarmupByStagesAndHealthAreShown(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	x := c.conversation()
	path := "/v1/mailboxes/" + x.mailbox
	before := c.until(path+"/warmup", func(a answer) bool { return len(a.list("ahead")) == 30 }) // what was done before has no position
	if before.json["by_stages"] != false || len(before.list("days")) != 0 || len(before.list("ahead")) != 30 || len(before.json["suggested"].(map[string]any)["stages"].([]any)) != 4 {
		t.Errorf("before there are stages: %s", before.body)
	}
	stages := []obj{{"up_to": 10, "per_day": 2}, {"up_to": 20, "per_day": 5}}
	set := c.settle(path+"/warmup", obj{"start": 4, "stages": stages, "restart": true})
	if set.json["by_stages"] != true || set.json["cap"] != 4.0 || set.json["stage"] != 1.0 || set.json["full_cap"] != 20.0 || len(set.list("stages")) != 2 {
		t.Errorf("with stages: %s", set.body)
	}
	var planned []float64
	for _, d := range set.list("ahead")[:6] {
		planned = append(planned, d.(map[string]any)["planned"].(float64))
	}
	for i, want := range []float64{6, 8, 10, 15, 20, 20} {
		if planned[i] != want {
			t.Errorf("the days to come are %v", planned)
		}
	}
	c.refused(422, "invalid", "PUT", path+"/warmup", obj{"start": 4, "stages": []obj{{"up_to": 3, "per_day": 2}}})
	parts := func(at string) (map[string]obj, float64) {
		t.Helper()
		a := c.until(path+"/health", func(answer) bool { return true }, "Outrider-Position", at)
		sum := a.json["mailbox"].(map[string]any)
		out, points := map[string]obj{}, 100.0
		for _, p := range sum["parts"].([]any) {
			p := obj(p.(map[string]any))
			out[p["part"].(string)] = p
			points += p["points"].(float64)
			if p["text"] == "" || len(p["event_types"].([]any)) == 0 {
				t.Errorf("a part says too little: %v", p)
			}
		}
		health := sum["health"].(float64)
		if health != min(max(points, 0), 100) || len(out) != 7 {
			t.Errorf("the health is %v, its parts add up to %v: %s", health, points, a.body)
		}
		return out, health
	}
	report := func(code int, enhanced string) string {
		t.Helper()
		_, at := c.submit(commands.RecordBounce{SentMessageRef: c.answered(x.outreach, x.message), Report: events.Report{MailID: es.NewID()},
			SMTPReply: events.SMTPReply{Code: code, Enhanced: enhanced, Stage: "rcpt"}, ReportedAt: c.clock.now().UTC()})
		return at
	}
	p, health := parts(report(550, "5.1.1"))
	if b := p["hard_bounces"]; b["count"] != 1.0 || b["enough"] != false || b["points"] != 0.0 || b["high"] != nil || health != 100 {
		t.Errorf("a bounce of one message says %v, health %v", b, health)
	}
	counted := func(part, at string) []any {
		t.Helper()
		return c.until(path+"/health/events?part="+part, func(answer) bool { return true }, "Outrider-Position", at).list("data")
	}
	p, health = parts(report(554, "5.7.1"))
	if b := p["blocks"]; b["count"] != 1.0 || b["points"] != -10.0 || health != 90 {
		t.Errorf("a block says %v, health %v", b, health)
	}
	for range 3 {
		report(554, "5.7.1")
	}
	at := report(554, "5.7.1")
	p, _ = parts(at)
	for _, part := range []string{"hard_bounces", "blocks", "replies", "complaints", "deferrals"} {
		list := counted(part, at)
		if count, _ := p[part]["count"].(float64); float64(len(list)) != count {
			t.Errorf("%s counts %v, and lists %v", part, p[part]["count"], list)
		}
		for _, x := range list {
			if e := x.(map[string]any); e["message_id"] == nil || e["mailbox_id"] != path[len("/v1/mailboxes/"):] || e["text"] == "" {
				t.Errorf("%s: %v", part, e)
			}
		}
	}
	if first := c.ok("GET", path+"/health/events?part=blocks&limit=2", nil); len(first.list("data")) != 2 || len(c.ok("GET", path+"/health/events?part=blocks&limit=2&cursor="+first.text("next_cursor"), nil).list("data")) != 2 {
		t.Errorf("pages of it: %s", first.body)
	}
	a := c.until(path+"/health", func(answer) bool { return true }, "Outrider-Position", at)
	r, _ := a.json["requalification"].(map[string]any)
	if r["reason"] != "blocked" || r["by_itself"] != true || r["at"] == nil || !strings.Contains(r["needs"].([]any)[0].(string), "refusals") {
		t.Errorf("paused, it needs %v: %s", r, a.body)
	}
}
