package api_test

import (
	"strings"
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
)

func TestATestGoesToMembersOnly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	ann.ok("PATCH", "/v1/organizations/"+ann.org.String(), obj{"postal_address": "1 Main Street"})
	box := ann.verified("sales@ours.test")
	made := ann.ok("POST", "/v1/campaigns", obj{"name": "Spring", "steps": sequence()})
	path := made.header.Get("Location")
	lead := ann.ok("POST", "/v1/leads", obj{"email": "lea@victim.test", "first_name": "Lea"}).text("id")
	at := ann.ok("PUT", path+"/settings", always()).header.Get("Outrider-Position")
	without := ann.refused(422, "invalid", "POST", path+"/test-sends", obj{}, "Outrider-Position", at)
	if without.list("errors")[0].(map[string]any)["field"] != "mailbox_id" {
		t.Errorf("without a mailbox: %s", without.body)
	}
	at = ann.ok("PUT", path+"/mailboxes", obj{"mailbox_ids": []string{box}}).header.Get("Outrider-Position")
	first := ann.ok("POST", path+"/test-sends", obj{"lead_id": lead}, "Outrider-Position", at, "Idempotency-Key", "one")
	if first.status != 201 || first.text("state") != "requested" || first.text("member_id") != ann.person.String() || first.text("lead_id") != lead || first.text("mailbox_id") != box {
		t.Fatalf("got %s", first.body)
	}
	if same := ann.ok("POST", path+"/test-sends", obj{"lead_id": lead}, "Idempotency-Key", "one"); same.text("id") != first.text("id") {
		t.Errorf("the same again is another: %s", same.body)
	}
	own := ann.ok("POST", path+"/test-sends", obj{"to_mailbox": true, "subject": "Hi {{ first_name }}", "body": "Hello", "follow_up": true})
	if own.json["member_id"] != nil {
		t.Errorf("to the mailbox itself: %s", own.body)
	}
	for name, body := range map[string]obj{
		"a text that is none":         {"subject": "{{", "body": "x"},
		"a member and the mailbox":    {"to_mailbox": true, "member_id": ann.person.String()},
		"a mailbox of no campaign":    {"mailbox_id": anID},
		"a text and a step at a time": {"subject": "x", "body": "y", "step_id": anID},
	} {
		if a := ann.do("POST", path+"/test-sends", body); a.status != 422 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	ann.refused(404, "not_found", "POST", path+"/test-sends", obj{"member_id": anID})
	ann.refused(404, "not_found", "POST", path+"/test-sends", obj{"lead_id": anID})
	key, _ := ann.issued(obj{"name": "program", "scopes": []string{"messages:send", "campaigns:read", "leads:read", "pii:read"}})
	key.refused(422, "invalid", "POST", path+"/test-sends", obj{}) // it has no address of its own

	id := parsed(first.text("id"))
	ann.submit(commands.ClaimTestSend{TestSendRef: events.TestSendRef{TestSendID: id}, DomainHash: strings.Repeat("0", 2*len(aggregates.Hash{}))})
	_, seen := ann.submit(commands.FinishTestSend{TestSendRef: events.TestSendRef{TestSendID: id}, Outcome: events.TestSendRefused, SMTPReply: events.SMTPReply{Stage: "rcpt", Code: 550, Text: "no"}, At: time.Now()})
	shown := ann.ok("GET", first.header.Get("Location"), nil, "Outrider-Position", seen)
	if smtp := shown.json["smtp"].(map[string]any); shown.text("state") != "refused" || smtp["code"] != 550.0 || shown.json["finished_at"] == nil {
		t.Errorf("got %s", shown.body)
	}
	if list := ann.ok("GET", path+"/test-sends", nil).list("data"); len(list) != 2 || list[1].(map[string]any)["state"] != "refused" {
		t.Errorf("listed %v", list)
	}
	ann.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "address", "value": "ann@example.com"}}})
	ann.refused(409, "suppressed", "POST", path+"/test-sends", obj{})
	if sent := ann.ok("GET", "/v1/messages?campaign_id="+made.text("id"), nil).list("data"); len(sent) != 0 {
		t.Errorf("tests are messages: %v", sent)
	}
}
