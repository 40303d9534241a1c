package api_test

import (
	"strings"
	"testing"
	"time"

	"outrider/commands"
)

func TestATimelineHoldsTheWholeStory(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	o := c.launched("none")
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	c.claim(o, id)
	c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: c.clock.now().UTC().Truncate(time.Microsecond)}}})
	c.reply(o, id)
	c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "address", "value": "ann@victim.test"}, {"kind": "domain", "value": "victim.test"}, {"kind": "address", "value": "bob@victim.test"}}})
	c.ok("DELETE", "/v1/suppressions/"+c.suppression("ann@victim.test"), nil)
	story := func(at string) string {
		t.Helper()
		var out []string
		seq := 0.0
		for _, e := range c.ok("GET", "/v1/leads/"+o.lead+"/timeline?limit=200", nil, "Outrider-Position", at).list("data") {
			entry := e.(map[string]any)
			if entry["oseq"].(float64) <= seq {
				t.Errorf("%v is out of order or there twice", entry)
			}
			seq = entry["oseq"].(float64)
			out = append(out, entry["text"].(string))
		}
		return strings.Join(out, "\n")
	}
	at := c.ok("POST", "/v1/leads/"+o.lead+"/erase", nil).header.Get("Outrider-Position")
	c.until("/v1/organizations/"+c.org.String()+"?at="+(&player{client: c}).instant(), func(answer) bool { return true }, "Outrider-Position", at) // ClickHouse has it
	got := story(at)
	for _, want := range []string{"Became a lead (api).", "Was enrolled on a campaign.", "A message was asked for: step 1 of 2.", "Draft 1 was written by template.", "The message was approved by a policy.",
		"The message was scheduled for ", "A sender has taken the message, and may send it now.", "The message of step 1 was sent: accepted on ", "An answer came from this person.",
		"The sequence was stopped after 1 sent: replied.", "Nothing may be sent to this address any more: manual.", "Nothing may be sent to this domain and those below it any more: manual.",
		"This address may be written to again.", "Was erased: nobody can read any more what was known of this person.", "Nothing may be sent to this address any more: erasure."} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q isn't told once in\n%s", want, got)
		}
	}
	if strings.Contains(got, "victim") || strings.Contains(got, "Ann") {
		t.Errorf("something personal is in\n%s", got)
	}
}

// suppression finds one by its value.
func (c *client) suppression(value string) (id string) {
	c.t.Helper()
	c.until("/v1/suppressions", func(a answer) bool {
		for _, x := range a.list("data") {
			if s := x.(map[string]any); s["value"] == value {
				id = s["id"].(string)
			}
		}
		return id != ""
	})
	return id
}
