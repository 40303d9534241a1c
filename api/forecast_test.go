package api_test

import (
	"strconv"
	"testing"
)

// TestAForecastAddsUp asks for forecasts of a campaign, its mailbox and the organisation, which are the same here, and what would be if.
func TestAForecastAddsUp(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	o := c.launched("all")
	leads := []string{}
	for i := range 5 {
		leads = append(leads, c.ok("POST", "/v1/leads", obj{"email": "p" + strconv.Itoa(i) + "@victim" + strconv.Itoa(i) + ".test", "first_name": "Ann"}).text("id"))
	}
	at := c.ok("POST", o.path+"/enrollments", obj{"lead_ids": leads}).header.Get("Outrider-Position")
	ask := func(path string) (a answer, total int) {
		t.Helper()
		a = c.until(path, func(answer) bool { return true }, "Outrider-Position", at)
		for _, d := range a.list("days") {
			d := d.(map[string]any)
			low, expected, high := d["low"].(float64), d["expected"].(float64), d["high"].(float64)
			if low > expected || expected > high {
				t.Errorf("%s: %v", path, d)
			}
			total += int(d["planned"].(float64))
		}
		if a.json["total"] != float64(total) || a.json["runs"] == 0.0 || a.json["zone"] == "" {
			t.Errorf("%s: the days are %d in all: %s", path, total, a.body)
		}
		return a, total
	}
	of := map[string]string{"campaign": "/v1/campaigns/" + o.campaign + "/forecast", "mailbox": "/v1/mailboxes/" + o.mailbox + "/forecast", "organisation": "/v1/forecast"}
	for name, path := range of {
		a, total := ask(path)
		if total != 12 || a.json["people"] != 6.0 { // six people, two steps
			t.Errorf("%s: %s", name, a.body)
		}
		if finish := a.json["finish"].(map[string]any); (finish["planned"] != nil) != (name != "mailbox") {
			t.Errorf("%s ends %v", name, finish)
		}
		if replies, ok := a.json["replies"].(map[string]any); ok != (name != "mailbox") || ok && (replies["expected"].(float64) <= 0 || replies["expected"].(float64) > 12 || replies["high"].(float64) < replies["low"].(float64)) {
			t.Errorf("%s: answers are to be %v", name, a.json["replies"])
		}
		slow, total := ask(path + "?cap_per_day=1")
		if total != 12 || len(slow.list("days")) < 12 || slow.text("rule") == "" || slow.text("text") == "" {
			t.Errorf("%s, one message a day: %s", name, slow.body)
		}
		if _, total := ask(path + "?cap_per_day=1&days=5"); total > 5 {
			t.Errorf("%s: %d messages on five days, one a day", name, total)
		}
	}
	if a, total := ask(of["campaign"] + "?more_people=4&more_mailboxes=2"); total != 20 {
		t.Errorf("four people more: %s", a.body)
	}
	if a, _ := ask(of["campaign"] + "?new_people_per_day=1"); len(a.list("days")) < 6 {
		t.Errorf("one new person a day: %s", a.body)
	}
	tuesdays, total := ask(of["campaign"] + "?window_days=2&window_from=09:00&window_to=10:00")
	sending := 0
	for _, d := range tuesdays.list("days") {
		if d.(map[string]any)["planned"] != 0.0 {
			sending++
		}
	}
	if total != 12 || sending < 2 || len(tuesdays.list("days")) < 8 {
		t.Errorf("on Tuesdays alone: %s", tuesdays.body)
	}
	if _, total := ask(of["campaign"]); total != 12 {
		t.Errorf("asking what if changed something: %d", total)
	}
	c.refused(400, "malformed_request", "GET", of["campaign"]+"?window_days=2", nil)
	c.refused(400, "malformed_request", "GET", of["campaign"]+"?window_days=2&window_from=11:00&window_to=10:00", nil)
	c.refused(404, "not_found", "GET", "/v1/campaigns/"+anID+"/forecast", nil)
	c.refused(404, "not_found", "GET", "/v1/mailboxes/"+anID+"/forecast", nil)
}
