package api_test

import (
	"strings"
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

func TestAMemberAnswersInAThread(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	x := c.conversation()
	made := c.ok("POST", x.path+"/replies", obj{"text": "Gladly. Monday at ten?", "undo_seconds": 60}, "Idempotency-Key", "answer-1", "Outrider-Position", x.at)
	reply, at := made.header.Get("Location"), made.header.Get("Outrider-Position")
	until, err := time.Parse(time.RFC3339Nano, made.text("undo_until"))
	if made.status != 201 || made.text("state") != "waiting" || made.text("to") != "ann@victim.test" || made.text("subject") != "Re: A question" || made.text("text") != "Gladly. Monday at ten?" || err != nil || until.Before(c.clock.now().Add(50*time.Second)) {
		t.Fatalf("got %d %s %v", made.status, made.body, err)
	}
	if again := c.ok("POST", x.path+"/replies", obj{"text": "Gladly. Monday at ten?", "undo_seconds": 60}, "Idempotency-Key", "answer-1"); again.text("id") != made.text("id") {
		t.Errorf("asked again, it is another: %s", again.body)
	}
	thread := c.ok("GET", x.path, nil, "Outrider-Position", at)
	items := thread.list("items")
	if last := items[len(items)-1].(map[string]any); len(items) != 3 || thread.text("status") != "done" || last["direction"] != "out" || last["text"] != "Gladly. Monday at ten?" || last["state"] != "waiting" || last["reply"].(map[string]any)["id"] != made.text("id") {
		t.Errorf("got %s", thread.body)
	}
	c.ok("DELETE", reply, nil)
	back := c.ok("GET", reply, nil, "Outrider-Position", c.ok("PATCH", x.path, obj{"unread": true}).header.Get("Outrider-Position"))
	if back.text("state") != "cancelled" || back.text("reason") != "taken_back" {
		t.Errorf("taken back: %s", back.body)
	}
	if got := c.ok("GET", x.path, nil); got.text("status") != "needs_answer" {
		t.Errorf("taken back, the thread is %s", got.body)
	}
	c.refused(404, "not_found", "DELETE", reply, nil)
	c.refused(409, "not_in_doubt", "POST", c.ok("POST", x.path+"/replies", obj{"text": "Tuesday?", "undo_seconds": 300}).header.Get("Location")+"/resolve", obj{"sent": true})

	c.refused(422, "invalid", "PATCH", "/v1/organizations/"+c.org.String(), obj{"reply_undo_seconds": 61})
	set := c.ok("PATCH", "/v1/organizations/"+c.org.String(), obj{"reply_undo_seconds": 45})
	usual := c.ok("POST", x.path+"/replies", obj{"text": "Wednesday?"}, "Outrider-Position", set.header.Get("Outrider-Position"))
	if until, err := time.Parse(time.RFC3339Nano, usual.text("undo_until")); set.json["reply_undo_seconds"] != 45.0 || err != nil || until.Before(c.clock.now().Add(35*time.Second)) || until.After(c.clock.now().Add(46*time.Second)) {
		t.Errorf("set %s, and written %s (%v)", set.body, usual.body, err)
	}

	c.refused(422, "invalid", "POST", x.path+"/replies", obj{"text": " \n"})
	c.refused(404, "not_found", "POST", x.path+"/replies", obj{"text": "Hi", "item_id": anID})
	reader := c.with("messages:read", "messages:approve", "pii:read")
	reader.refused(403, "forbidden", "POST", x.path+"/replies", obj{"text": "Hi"})
	reader.refused(403, "forbidden", "DELETE", reply, nil)
}

func TestWhoWantsNoMoreMailIsNotAnswered(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	x := c.conversation()
	_, at := c.submit(commands.Unsubscribe{SentMessageRef: c.answered(x.outreach, x.message), How: events.UnsubscribeReply, At: c.clock.now().UTC()})
	a := c.refused(409, "suppressed", "POST", x.path+"/replies", obj{"text": "Are you sure?"}, "Outrider-Position", at)
	if !strings.Contains(a.text("detail"), "has unsubscribed") {
		t.Errorf("got %s", a.body)
	}
}

// TestAnAnswerGoesToWhoHasWritten answers an alias, by an item, and the clock has it sent.
func TestAnAnswerGoesToWhoHasWritten(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	x := c.conversation()
	first := c.ok("GET", x.path, nil, "Outrider-Position", x.at).list("items")[1].(map[string]any)["id"].(string)
	_, at := c.submit(commands.IdentifyMail{SentMessageRef: c.answered(x.outreach, x.message), MailID: parsed(first), AddressHash: strings.Repeat("a", 32),
		Header: c.seal(x.lead, projections.HeaderField, `{"message_id":"a1@alias.test","from":"ann@alias.test"}`)})
	made := c.ok("POST", x.path+"/replies", obj{"text": "Hi", "item_id": first, "undo_seconds": 0}, "Outrider-Position", at)
	if made.text("to") != "ann@alias.test" || made.text("item_id") != first {
		t.Errorf("got %s", made.body)
	}
	c.until(made.header.Get("Location"), func(a answer) bool { return a.text("state") == "due" })
	c.submit(commands.ClaimResponse{ResponseID: parsed(made.text("id"))})
	c.refused(409, "claimed", "DELETE", made.header.Get("Location"), nil)
	_, at = c.submit(commands.RecordResponseResult{ResponseID: parsed(made.text("id")), Sent: true, At: c.clock.now().UTC()})
	if a := c.ok("GET", made.header.Get("Location"), nil, "Outrider-Position", at); a.text("state") != "sent" || a.text("sent_at") == "" {
		t.Errorf("got %s", a.body)
	}
}
