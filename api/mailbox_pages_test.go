package api_test

import "testing"

func TestMailboxesAreListedWithTheirDay(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	x := c.conversation()
	row := c.ok("GET", "/v1/mailboxes", nil, "Outrider-Position", x.at).list("data")[0].(map[string]any)
	today, _ := row["today"].(map[string]any)
	if row["domain"] != "ours.test" || today["sent"] != 1.0 || today["left"] != today["cap"].(float64)-1 {
		t.Errorf("got %v", row)
	}
	c.ok("POST", "/v1/mailboxes/"+x.mailbox+"/pause", nil)
	c.until("/v1/mailboxes", func(a answer) bool {
		row := a.list("data")[0].(map[string]any)
		today, _ := row["today"].(map[string]any)
		return today["left"] == 0.0 && today["rule"] == "mailbox" && today["text"] != ""
	})
	days := c.ok("GET", "/v1/mailboxes/"+x.mailbox+"/days?days=3", nil, "Outrider-Position", x.at).list("data")
	if len(days) != 3 {
		t.Fatalf("got %v", days)
	}
	sent := 0.0
	for _, d := range days {
		sent += d.(map[string]any)["sent"].(float64)
	}
	last := days[2].(map[string]any)
	if last["sent"] != 1.0 || last["replied"] != 1.0 || sent != 1.0 {
		t.Errorf("got %v", days)
	}
	domain := c.ok("GET", "/v1/domains", nil).list("data")[0].(map[string]any)
	if domain["domain"] != "ours.test" || domain["outcome"] != "passed" || domain["sent"] != 1.0 || len(domain["mailbox_ids"].([]any)) != 1 {
		t.Errorf("got %v", domain)
	}
}
