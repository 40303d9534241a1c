package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

// conversation is a thread in which the lead has answered, and the position to see it at.
type conversation struct {
	outreach
	message, path, at string
}

func (c *client) conversation() conversation {
	c.t.Helper()
	o := c.launched("none")
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	c.claim(o, id)
	c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: c.clock.now().UTC()}}})
	at := c.reply(o, id)
	return conversation{o, id, "/v1/inbox/" + events.ThreadID(c.org, parsed(o.lead), parsed(o.campaign)).String(), at}
}

func TestAConversationIsShownInBothDirections(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	x := c.conversation()
	quoting := events.Mail{MailID: uuid.New(), ReceivedAt: c.clock.now().UTC().Add(time.Minute), Subject: c.seal(x.lead, projections.SubjectField, "Re: A question"),
		Body: c.seal(x.lead, projections.BodyField, "And on Monday?\n\nOn Sun, 1 Mar 2026, Jane <sales@ours.test> wrote:\n> Hi Ann, Confidential")}
	c.submit(commands.RecordReply{SentMessageRef: c.answered(x.outreach, x.message), From: events.FromLead, Meaning: events.MeansOther, Mail: quoting})
	_, at := c.submit(commands.IdentifyMail{SentMessageRef: c.answered(x.outreach, x.message), MailID: quoting.MailID, AddressHash: strings.Repeat("a", 32),
		Header: c.seal(x.lead, projections.HeaderField, `{"message_id":"a1@victim.test","from":"ann@victim.test"}`)})
	got := c.ok("GET", x.path, nil, "Outrider-Position", at)
	items := got.list("items")
	if len(items) != 3 || got.json["next_cursor"] != nil || got.json["lead_name"] != "Ann Confidential" || got.json["campaign_name"] != "Confidential" || got.json["confidence"] != "low" {
		t.Fatalf("got %s", got.body)
	}
	for i, want := range []obj{{"direction": "out", "id": x.message, "text": "Hi Ann, Confidential", "step": 1.0, "state": "sent"}, {"direction": "in", "text": "Sounds good, Confidential", "confidence": "high"},
		{"direction": "in", "text": "And on Monday?", "quoted": "On Sun, 1 Mar 2026, Jane <sales@ours.test> wrote:\n> Hi Ann, Confidential", "from": "ann@victim.test", "confidence": "low"}} {
		for name, value := range want {
			if items[i].(map[string]any)[name] != value {
				t.Errorf("item %d: %s is %v, want %v", i, name, items[i].(map[string]any)[name], value)
			}
		}
	}
	var paged []string
	for cursor := ""; ; {
		a := c.ok("GET", x.path+"?limit=1"+cursor, nil)
		paged = append(paged, a.list("items")[0].(map[string]any)["id"].(string))
		if a.json["next_cursor"] == nil {
			break
		}
		cursor = "&cursor=" + a.text("next_cursor")
	}
	if len(paged) != 3 || paged[0] != x.message || paged[2] != quoting.MailID.String() {
		t.Errorf("by pages: %v", paged)
	}
}

func TestAConversationIsLookedAfter(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	x := c.conversation()
	at := x.at
	// each says what the lists with these filters must hold, and what is counted
	check := func(when string, want map[string]int, counts map[string]float64) {
		t.Helper()
		for query, n := range want {
			if got := c.ok("GET", "/v1/inbox?include=total&"+query, nil, "Outrider-Position", at); len(got.list("data")) != n || got.json["total"] != float64(n) {
				t.Errorf("%s, %s: %s", when, query, got.body)
			}
		}
		got := c.ok("GET", "/v1/inbox/counts", nil, "Outrider-Position", at)
		for name, n := range counts {
			if got.json[name] != n {
				t.Errorf("%s: %s are %v, want %v", when, name, got.json[name], n)
			}
		}
	}
	patch := func(body obj) answer {
		t.Helper()
		a := c.ok("PATCH", x.path, body)
		at = a.header.Get("Outrider-Position")
		return a
	}
	check("answered", map[string]int{"status=needs_answer": 1, "status=done": 0, "unread=true": 1, "assignee=nobody": 1, "q=CONFIDENTIAL": 1, "q=sounds+good": 1, "q=nonsense": 0, "q=victim.test": 1},
		map[string]float64{"needs_answer": 1, "done": 0, "unread": 1, "unassigned": 1, "mine": 0})
	if got := c.ok("GET", "/v1/inbox/counts?campaign_id="+anID, nil); got.json["needs_answer"] != 0.0 || got.json["unread"] != 0.0 {
		t.Errorf("counted another campaign's: %s", got.body)
	}

	helper := c.join("max@ours.test", "member")
	if a := patch(obj{"assignee": helper.person, "unread": false}); a.json["assignee"] != helper.person.String() || a.json["unread"] != false || a.json["status"] != "needs_answer" {
		t.Errorf("got %s", a.body)
	}
	check("assigned", map[string]int{"assignee=nobody": 0, "assignee=" + helper.person.String(): 1, "unread=true": 0, "unread=false": 1}, map[string]float64{"unread": 0, "unassigned": 0})
	if a := patch(obj{"assignee": nil}); a.json["assignee"] != nil {
		t.Errorf("got %s", a.body)
	}
	if a := patch(obj{"status": "snoozed", "snoozed_until": c.clock.now().Add(time.Hour).UTC().Format(time.RFC3339)}); a.json["status"] != "snoozed" || a.json["snoozed_until"] == nil {
		t.Errorf("got %s", a.body)
	}
	check("put off", map[string]int{"status=needs_answer": 0, "status=snoozed": 1}, map[string]float64{"needs_answer": 0, "snoozed": 1})
	c.clock.forward(2 * time.Hour)
	check("an hour later", map[string]int{"status=needs_answer": 1, "status=snoozed": 0}, map[string]float64{"needs_answer": 1, "snoozed": 0})
	if a := c.ok("GET", x.path, nil); a.json["status"] != "needs_answer" || a.json["snoozed_until"] != nil {
		t.Errorf("an hour later: %s", a.body)
	}
	patch(obj{"status": "done"})
	check("done", map[string]int{"status=needs_answer": 0, "status=done": 1}, map[string]float64{"needs_answer": 0, "done": 1})
	at = c.reply(x.outreach, x.message)
	check("written again", map[string]int{"status=needs_answer": 1, "unread=true": 1}, map[string]float64{"needs_answer": 1, "unread": 1})

	c.refused(422, "invalid", "PATCH", x.path, obj{"assignee": anID})
	c.refused(422, "invalid", "PATCH", x.path, obj{"status": "snoozed"})
	c.refused(http.StatusUnprocessableEntity, "invalid", "GET", "/v1/inbox?assignee=me", nil)
	c.refused(404, "not_found", "PATCH", "/v1/inbox/"+anID, obj{"status": "done"})
}
