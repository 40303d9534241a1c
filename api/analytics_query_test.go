package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
)

// figure is a figure of a row by its metric.
func figure(t *testing.T, row any, metric string) map[string]any {
	t.Helper()
	for _, f := range row.(map[string]any)["figures"].([]any) {
		if f := f.(map[string]any); f["metric"] == metric {
			return f
		}
	}
	t.Fatalf("no %s in %v", metric, row)
	return nil
}

func TestFiguresAreAskedForAndOpened(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	o := c.launched("none")
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	c.claim(o, id)
	sentAt := c.clock.now().UTC()
	c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: sentAt}}})
	c.submit(commands.RecordAutoReply{SentMessageRef: c.answered(o, id), OutOfOffice: true, ReturnDate: "2999-01-01", Mail: events.Mail{MailID: uuid.New(), ReceivedAt: sentAt}})
	at := c.reply(o, id)
	period := obj{"from": sentAt.AddDate(0, 0, -3).Format(time.DateOnly), "to": sentAt.AddDate(0, 0, 3).Format(time.DateOnly)}
	ask := func(more obj) answer {
		t.Helper()
		body := obj{"metrics": []string{"sent", "replied", "interested", "out_of_office"}, "period": period}
		for k, v := range more {
			body[k] = v
		}
		return c.ok("POST", "/v1/analytics/query", body, "Outrider-Position", at)
	}
	whole := ask(obj{"compare": "previous_period"})
	if f := figure(t, whole.json["total"], "replied"); f["count"] != 1.0 || f["of"] != 1.0 || f["denominator"] != "delivered" || f["rate"] != 1.0 || f["settling"] != 1.0 || f["low"].(float64) <= 0 || f["previous"].(map[string]any)["count"] != 0.0 {
		t.Errorf("got %s", whole.body)
	}
	if len(whole.list("rows")) != 0 || whole.text("settles_at") == "" {
		t.Errorf("got %s", whole.body)
	}
	labels := map[string]string{"campaign": "Spring", "step": "Step 1", "variant": "Step 1, variant A", "mailbox": "", "country": "", "day": "", "experiment": "No experiment", "experiment_arm": "No experiment"}
	for _, by := range []string{"campaign", "step", "variant", "mailbox", "sending_domain", "recipient_provider", "country", "tag", "day", "week", "hour", "cohort_week", "weekday", "hour_of_day", "experiment", "experiment_arm"} {
		for _, unit := range []string{"message", "person"} {
			got := ask(obj{"by": []string{by}, "unit": unit})
			if len(got.list("rows")) != 1 {
				t.Fatalf("by %s: %s", by, got.body)
			}
			row := got.list("rows")[0].(map[string]any)
			key := row["keys"].([]any)[0].(map[string]any)
			if want := labels[by]; want != "" && want != key["label"] && by != "campaign" {
				t.Errorf("by %s: %v", by, key)
			}
			for _, metric := range []string{"sent", "replied", "interested", "out_of_office"} {
				f := figure(t, row, metric)
				listed := c.ok("GET", f["drill"].(string), nil)
				if f["count"] != 1.0 || len(listed.list("data")) != 1 || listed.json["next_cursor"] != nil {
					t.Fatalf("%s by %s of %s: %v, %s", metric, by, unit, f, listed.body)
				}
				if x := listed.list("data")[0].(map[string]any); x["message_id"] != id || x["lead_id"] != o.lead || x["step"] != 1.0 || x["lead_email"] == nil {
					t.Errorf("got %v", x)
				}
			}
		}
	}
	if got := ask(obj{"filter": obj{"campaign": []string{anID}}}); figure(t, got.json["total"], "sent")["count"] != 0.0 {
		t.Errorf("another campaign: %s", got.body)
	}

	// What is wrong is said.
	for field, body := range map[string]obj{
		"metrics":     {"metrics": []string{"delivered"}, "unit": "person"},
		"metrics.0":   {"metrics": []string{"happiness"}},
		"by.0":        {"by": []string{"weather"}},
		"period.from": {"period": obj{"from": "2026-02-30", "to": "2026-03-01"}},
		"period.to":   {"period": obj{"from": "2026-03-02", "to": "2026-03-01"}},
		"zone":        {"zone": "Mars/Olympus"},
		"filter.day":  {"filter": obj{"day": []string{"2026-13-01"}}},
	} {
		in := obj{"metrics": []string{"sent"}, "period": period}
		for k, v := range body {
			in[k] = v
		}
		a := c.refused(422, "invalid", "POST", "/v1/analytics/query", in)
		if errs := a.list("errors"); len(errs) == 0 || !strings.HasPrefix(errs[0].(map[string]any)["field"].(string), strings.TrimSuffix(field, ".0")) {
			t.Errorf("%s: %s", field, a.body)
		}
	}
	for _, where := range []string{"x", "[]", `{"mood":["good"]}`, `{"campaign":["x"]}`, `{"campaign":[]}`} {
		c.refused(400, "malformed_request", "GET", "/v1/analytics/drill?metric=sent&from=2026-03-02&to=2026-03-08&where="+url.QueryEscape(where), nil)
	}
	c.refused(400, "malformed_request", "GET", "/v1/analytics/drill?metric=delivered&unit=person&from=2026-03-02&to=2026-03-08", nil)

	// Who may not see people may not ask by what tells them apart, nor is shown who they are.
	narrow := c.with("analytics:read")
	narrow.refused(403, "forbidden", "POST", "/v1/analytics/query", obj{"metrics": []string{"sent"}, "by": []string{"country"}, "period": period})
	narrow.refused(403, "forbidden", "POST", "/v1/analytics/query", obj{"metrics": []string{"sent"}, "filter": obj{"tag": []string{"vip"}}, "period": period})
	narrow.refused(403, "forbidden", "GET", "/v1/analytics/drill?metric=sent&from=2026-03-02&to=2026-03-08&where="+url.QueryEscape(`{"tag":["vip"]}`), nil)
	if x := narrow.ok("GET", figure(t, whole.json["total"], "replied")["drill"].(string), nil).list("data")[0].(map[string]any); x["lead_email"] != nil || x["lead_name"] != nil {
		t.Errorf("got %v", x)
	}

	// The other pages add up to the same.
	query := "?from=" + period["from"].(string) + "&to=" + period["to"].(string)
	funnel := c.ok("GET", "/v1/analytics/funnel"+query, nil, "Outrider-Position", at)
	for i, want := range []float64{1, 1, 1, 1, 0} {
		stage := funnel.list("stages")[i].(map[string]any)
		listed := c.ok("GET", stage["drill"].(string), nil)
		if stage["count"] != want || float64(len(listed.list("data"))) != want {
			t.Errorf("%v: %s", stage, listed.body)
		}
	}
	cohort := c.ok("GET", "/v1/analytics/cohorts"+query, nil).list("data")[0].(map[string]any)
	cell := cohort["cells"].([]any)[0].(map[string]any)
	if cohort["people"] != 1.0 || cell["count"] != 1.0 || len(c.ok("GET", cell["drill"].(string), nil).list("data")) != 1 || len(c.ok("GET", cohort["drill"].(string), nil).list("data")) != 1 {
		t.Errorf("got %v", cohort)
	}
	soon := c.ok("GET", "/v1/analytics/reply-time"+query, nil).list("data")[0].(map[string]any)
	if soon["bucket"] != "1h" || soon["count"] != 1.0 || soon["of"] != 1.0 || len(c.ok("GET", soon["drill"].(string), nil).list("data")) != 1 {
		t.Errorf("got %v", soon)
	}
	if times := c.ok("GET", "/v1/analytics/send-time"+query, nil).list("rows"); len(times) != 1 || figure(t, times[0], "replied")["count"] != 1.0 {
		t.Errorf("got %v", times)
	}
	if found := c.ok("GET", "/v1/analytics/corrections"+query, nil).list("data"); len(found) != 0 {
		t.Errorf("got %v", found)
	}
}
