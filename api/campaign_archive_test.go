package api_test

import (
	"testing"
)

func TestCampaignsAreArchivedAndLaunchesAskedFor(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	made := c.ok("POST", "/v1/campaigns", obj{"name": "Spring", "approval": "none"})
	path := "/v1/campaigns/" + made.text("id")
	at := made.header.Get("Outrider-Position")
	count := func(who *client, query string, want int) {
		t.Helper()
		if got := who.ok("GET", "/v1/campaigns"+query, nil, "Outrider-Position", at).list("data"); len(got) != want {
			t.Errorf("%q lists %v", query, got)
		}
	}
	waiting := func(who *client) (n float64) {
		t.Helper()
		for _, x := range who.ok("GET", "/v1/today", nil, "Outrider-Position", at).list("waiting") {
			if x := x.(map[string]any); x["kind"] == "launches" {
				n = x["count"].(float64)
			}
		}
		return n
	}

	writer := c.with("campaigns:read", "campaigns:write", "organization:read", "messages:read")
	asked := writer.ok("POST", path+"/launch-request", obj{"note": "The texts are final."})
	at = asked.header.Get("Outrider-Position")
	request, _ := asked.json["launch_request"].(map[string]any)
	if request["note"] != "The texts are final." || request["by"] == nil || request["at"] == nil {
		t.Errorf("asked: %s", asked.body)
	}
	count(c, "?launch_requested=true", 1)
	count(c, "?launch_requested=false", 0)
	if mine, theirs := waiting(c), waiting(writer); mine != 1 || theirs != 0 {
		t.Errorf("who may launch has %v waiting, who asked %v", mine, theirs)
	}
	other := c.with("campaigns:read", "campaigns:write")
	other.refused(403, "forbidden", "DELETE", path+"/launch-request", nil, "Outrider-Position", at)
	if got := writer.ok("DELETE", path+"/launch-request", nil, "Outrider-Position", at); got.json["launch_request"] != nil {
		t.Errorf("taken back: %s", got.body)
	}
	at = writer.ok("POST", path+"/launch-request", nil).header.Get("Outrider-Position")
	if got := c.ok("DELETE", path+"/launch-request", nil, "Outrider-Position", at); got.json["launch_request"] != nil {
		t.Errorf("declined: %s", got.body)
	}

	away := writer.ok("POST", path+"/archive", nil)
	at = away.header.Get("Outrider-Position")
	if away.json["archived_at"] == nil || away.text("status") != "draft" {
		t.Errorf("archived: %s", away.body)
	}
	count(c, "", 0)
	count(c, "?archived=true", 1)
	c.refused(409, "archived", "PATCH", path, obj{"name": "Summer"}, "If-Match", "*")
	c.refused(409, "archived", "POST", path+"/launch", nil)
	if back := writer.ok("POST", path+"/unarchive", nil); back.json["archived_at"] != nil {
		t.Errorf("taken out: %s", back.body)
	}
	c.ok("PATCH", path, obj{"name": "Summer"}, "If-Match", "*")

	// People go on with a version that begins as theirs; while nothing is on its way to them.
	waits := c.ok("POST", "/v1/campaigns", obj{"name": "Autumn", "approval": "none", "steps": []obj{{"variants": []obj{{"subject": "s", "body": "b {{ unsubscribe_link }}"}}}}})
	o := waits.header.Get("Location")
	c.ok("PUT", o+"/mailboxes", obj{"mailbox_ids": []string{c.verified("autumn@ours.test")}})
	lead := c.ok("POST", "/v1/leads", obj{"email": "ann@victim.test"}).text("id")
	c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"postal_address": "1 Main Street, 10115 Berlin"})
	c.ok("POST", o+"/launch", nil)
	c.ok("POST", o+"/enrollments", obj{"lead_ids": []string{lead}})
	at = c.ok("POST", o+"/pause", nil).header.Get("Outrider-Position")
	steps := c.ok("GET", o, nil, "Outrider-Position", at).list("steps")
	at = c.ok("PATCH", o, obj{"steps": append(steps, obj{"delay_days": 3, "variants": []obj{{"subject": "t", "body": "u"}}})}, "If-Match", "*").header.Get("Outrider-Position")
	would := c.ok("POST", o+"/migrations", obj{"dry_run": true}, "Outrider-Position", at)
	if would.json["to_version"] != 2.0 || would.json["movable"].(float64)+float64(len(would.list("kept"))) != 1 || would.json["moved"] != 0.0 {
		t.Errorf("a dry run says %s", would.body)
	}
	did := c.ok("POST", o+"/migrations", obj{}, "Outrider-Position", at)
	if did.json["moved"] != would.json["movable"] || did.json["remaining"] != 0.0 {
		t.Errorf("of %s it did %s", would.body, did.body)
	}
}
