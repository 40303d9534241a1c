package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/blob"
	"outrider/projections"
)

func TestAMessageIsApprovedByAPerson(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("all")
	id := c.message(o, "requested")
	path := "/v1/messages/" + id
	if m := c.ok("GET", path, nil); m.text("subject") != "" || m.text("lead_id") != o.lead || m.json["needs_approval"] != true || m.json["steps"] != 2.0 {
		t.Errorf("got %s", m.body)
	}
	c.ok("POST", "/v1/messages/approve", obj{"message_ids": []string{id}}) // it doesn't wait for anybody yet
	at := c.draft(o, id)
	m := c.ok("GET", path, nil, "Outrider-Position", at)
	if m.text("state") != "drafted" || m.text("subject") != "A question, Ann" || m.text("body") != "Hi Ann, Confidential" || m.text("writer") != "template" || m.list("variables")[0] != "first_name" {
		t.Errorf("got %s", m.body)
	}
	long := strings.Repeat("Confidential ", 9000)
	body, err := json.Marshal(c.seal(o.lead, projections.BodyField, long))
	check(t, err)
	bucket, err := blob.Open(t.Context(), t.TempDir())
	check(t, err)
	ref, err := bucket.PutHashed(t.Context(), "bodies", body)
	check(t, err)
	_, at = c.submit(commands.DraftMessage{MessageID: parsed(id), Draft: events.Draft{Subject: c.seal(o.lead, projections.SubjectField, "Long"), BodyRef: ref, Writer: "template"}})
	c.serve(func(cfg *api.Config) { cfg.Objects = bucket })
	if m := c.ok("GET", path, nil, "Outrider-Position", at); m.text("body") != long {
		t.Errorf("got %.200s", m.body)
	}
	if again := c.ok("POST", path+"/redraft", nil); again.text("state") != "requested" || again.text("reason") != "asked" {
		t.Errorf("got %s", again.body)
	}
	c.draft(o, id)
	narrow := c.with("messages:read", "campaigns:read")
	narrow.refused(403, "forbidden", "POST", "/v1/messages/approve", obj{"message_ids": []string{id}})
	at = c.ok("POST", "/v1/messages/approve", obj{"message_ids": []string{id, anID}}).header.Get("Outrider-Position")
	if got := narrow.ok("GET", path, nil, "Outrider-Position", at).text("state"); got == "drafted" {
		t.Error("it waits still")
	}
	c.message(o, "scheduled")
	c.refused(409, "wrong_status", "POST", path+"/redraft", nil)
	c.refused(409, "not_in_doubt", "POST", path+"/resolve", obj{"sent": true})
	c.claim(o, id)
	c.refused(409, "claimed", "POST", path+"/redraft", nil)
	for query, want := range map[string]int{"": 1, "campaign_id=" + o.campaign: 1, "lead_id=" + o.lead: 1, "mailbox_id=" + o.mailbox: 1, "mailbox_id=" + anID: 0, "state=claimed": 1, "state=sent": 0} {
		c.until("/v1/messages?"+query, func(a answer) bool { return len(a.list("data")) == want })
	}
	for _, path := range []string{"/v1/messages?state=lost", "/v1/messages?lead_id=x", "/v1/inbox?class=spam", "/v1/inbox?meaning=perhaps"} {
		c.refused(400, "malformed_request", "GET", path, nil)
	}
	for _, path := range []string{"/v1/messages/approve", "/v1/messages/reject"} {
		c.refused(404, "not_found", "POST", path, obj{"message_ids": []string{anID}})
		c.refused(422, "invalid", "POST", path, obj{"message_ids": []string{}})
	}
	c.refused(422, "invalid", "POST", path+"/resolve", obj{})
	c.refused(404, "not_found", "POST", "/v1/messages/"+anID+"/redraft", nil)
	c.refused(404, "not_found", "POST", "/v1/messages/"+anID+"/resolve", obj{"sent": true})
}

func TestARejectedMessageEndsItsSequence(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("first")
	id := c.message(o, "requested")
	c.draft(o, id)
	at := c.ok("POST", "/v1/messages/reject", obj{"message_ids": []string{id}}).header.Get("Outrider-Position")
	if m := c.ok("GET", "/v1/messages/"+id, nil, "Outrider-Position", at); m.text("state") != "cancelled" || m.text("reason") != "rejected" {
		t.Errorf("got %s", m.body)
	}
	e := c.ok("GET", o.path+"/enrollments", nil, "Outrider-Position", at).list("data")[0].(map[string]any)
	if e["state"] != "stopped" || e["reason"] != "rejected" || e["id"] != o.enrollment {
		t.Errorf("got %v", e)
	}
}

func TestAPersonWritesADraftAndRejectsOneWithAReason(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("all")
	id := c.message(o, "requested")
	path := "/v1/messages/" + id
	c.refused(409, "wrong_status", "PUT", path+"/draft", obj{"subject": "Hi", "body": "Hello", "draft": 0})
	c.draft(o, id)
	text := obj{"subject": " About\n Sundays ", "body": "Hi Ann,\r\ndo you bake on Sundays?", "draft": 1}
	c.with("messages:read", "messages:approve").refused(403, "forbidden", "PUT", path+"/draft", text)
	m := c.ok("PUT", path+"/draft", text)
	if m.text("state") != "drafted" || m.text("writer") != "person" || m.text("subject") != "About Sundays" || m.text("body") != "Hi Ann,\ndo you bake on Sundays?" || m.json["draft"] != 2.0 {
		t.Errorf("got %s", m.body)
	}
	c.refused(412, "version_conflict", "PUT", path+"/draft", text)
	c.refused(422, "invalid", "PUT", path+"/draft", obj{"subject": "\u200b", "body": "Hello", "draft": 2})
	c.refused(404, "not_found", "PUT", "/v1/messages/"+anID+"/draft", text)
	at := c.ok("POST", "/v1/messages/reject", obj{"message_ids": []string{id}, "reason": "She is away, says Bob", "then": "redraft"}).header.Get("Outrider-Position")
	if m := c.ok("GET", path, nil, "Outrider-Position", at); m.text("state") != "requested" || m.text("reason") != "rejected" || m.text("rejected_reason") != "She is away, says Bob" {
		t.Errorf("got %s", m.body)
	}
	at = c.draft(o, id)
	if m := c.ok("GET", path, nil, "Outrider-Position", at); m.text("state") != "drafted" || m.text("writer") != "template" || m.text("rejected_reason") != "She is away, says Bob" {
		t.Errorf("got %s", m.body)
	}
	if masked := c.with("messages:read").ok("GET", path, nil, "Outrider-Position", at); strings.Contains(string(masked.body), "Bob") {
		t.Errorf("unmasked: %s", masked.body)
	}
	c.refused(422, "invalid", "POST", "/v1/messages/reject", obj{"message_ids": []string{id}, "then": "perhaps"})
	c.ok("POST", "/v1/leads/"+o.lead+"/erase", nil)
	c.until(path, func(a answer) bool { return a.status == 404 || a.text("rejected_reason") == "" })
}

// TestWhatWaitsSaysWhy follows a message from its request to an answer, asking all along.
func TestWhatWaitsSaysWhy(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("growth")
	o := c.launched("all")
	id := c.message(o, "requested")
	path := "/v1/messages/" + id
	why := func(path, at string) answer {
		t.Helper()
		return c.ok("GET", path+"/why", nil, "Outrider-Position", at)
	}
	at := c.draft(o, id)
	a := why(path, at)
	if a.text("state") != "drafted" || a.text("bound") != "draft" || a.text("not_before") != "" || len(a.list("rules")) < 10 || a.json["oseq"].(float64) < 10 {
		t.Errorf("got %s", a.body)
	}
	if e := why("/v1/enrollments/"+o.enrollment, at); e.text("state") != "drafted" || e.text("bound") != "draft" {
		t.Errorf("got %s", e.body)
	}
	at = c.ok("POST", o.path+"/pause", nil).header.Get("Outrider-Position")
	for _, r := range why(path, at).list("rules") {
		if rule := r.(map[string]any); rule["rule"] == "campaign" && (rule["binds"] != true || rule["inputs"].(map[string]any)["status"] != "paused") {
			t.Errorf("got %v", rule)
		}
	}
	c.ok("POST", o.path+"/resume", nil)
	c.ok("POST", "/v1/messages/approve", obj{"message_ids": []string{id}})
	c.message(o, "scheduled")
	if a := c.until(path+"/why", func(a answer) bool { return a.text("state") == "scheduled" }); a.text("bound") != "" || a.text("not_before") == "" {
		t.Errorf("got %s", a.body)
	}
	c.claim(o, id)
	c.message(o, "claimed")
	c.clock.forward(31 * time.Second) // the lease is over
	c.message(o, "in_doubt")
	done := c.ok("POST", path+"/resolve", obj{"sent": true})
	if done.text("state") != "sent" || done.text("resolved_by") != "person" || done.text("sent_at") == "" {
		t.Errorf("got %s", done.body)
	}
	at = done.header.Get("Outrider-Position")
	if a := why(path, at); a.text("state") != "sent" || a.text("ended_at") != done.text("sent_at") || len(a.list("rules")) != 0 {
		t.Errorf("got %s", a.body)
	}
	if e := why("/v1/enrollments/"+o.enrollment, at); e.text("state") != "waiting" || e.text("bound") != "retry" || e.text("not_before") == "" {
		t.Errorf("the next step waits for its day: %s", e.body)
	}

	at = c.reply(o, id)
	if e := why("/v1/enrollments/"+o.enrollment, at); e.text("state") != "stopped" || e.text("reason") != "replied" || e.text("ended_at") == "" {
		t.Errorf("got %s", e.body)
	}
	if got := c.ok("GET", path, nil, "Outrider-Position", at); got.text("replied_at") == "" {
		t.Errorf("got %s", got.body)
	}
	report := c.ok("GET", o.path+"/analytics?mailboxes=true", nil, "Outrider-Position", at)
	reply := report.json["reply_rate"].(map[string]any)
	if report.json["emails_sent"] != 1.0 || reply["count"] != 1.0 || reply["of"] != 1.0 || reply["denominator"] != "delivered" || report.json["settling"] != 1.0 || len(report.list("timeline_data")) != 1 ||
		len(report.list("steps")) != 1 || report.list("mailboxes")[0].(map[string]any)["mailbox_id"] != o.mailbox {
		t.Errorf("got %s", report.body)
	}
	for query, sent := range map[string]float64{"version=1": 1, "version=2": 0, "step_id=" + anID: 0, "variant_id=" + done.text("variant_id"): 1, "mailbox_id=" + o.mailbox: 1, "mailbox_id=" + anID: 0,
		"from=2001-01-01&to=2001-01-31": 0, "from=2001-01-01": 1} {
		if got := c.ok("GET", o.path+"/analytics?"+query, nil); got.json["emails_sent"] != sent {
			t.Errorf("%s: got %s", query, got.body)
		}
	}
	c.clock.forward(5 * 24 * time.Hour)
	if got := c.ok("GET", o.path+"/analytics", nil); got.json["settling"] != 0.0 {
		t.Errorf("five days later it is settling: %s", got.body)
	}
	for _, query := range []string{"from=2026-02-30", "from=x", "from=2026-03-02&to=2026-03-01", "version=0", "step_id=x", "mailboxes=1", "campaign=x"} {
		c.refused(400, "malformed_request", "GET", o.path+"/analytics?"+query, nil)
	}
	c.refused(404, "not_found", "GET", "/v1/campaigns/"+anID+"/analytics", nil)
	c.refused(404, "not_found", "GET", "/v1/messages/"+anID+"/why", nil)
	c.refused(404, "not_found", "GET", "/v1/enrollments/"+anID+"/why", nil)

	// Others are folded beside it, and the first one again when it was asked about less than they.
	for range 5 {
		other := w.tenant("growth")
		lead := other.ok("POST", "/v1/leads", obj{"email": "x@example.com"}).text("id")
		campaign := other.ok("POST", "/v1/campaigns", obj{"name": "x"})
		at := other.ok("POST", campaign.header.Get("Location")+"/enrollments", obj{"lead_ids": []string{lead}}).header.Get("Outrider-Position")
		e := commands.EnrollmentID(parsed(campaign.text("id")), parsed(lead)).String()
		if got := other.ok("GET", "/v1/enrollments/"+e+"/why", nil, "Outrider-Position", at); got.text("bound") != "campaign" {
			t.Errorf("got %s", got.body)
		}
	}
	bob := c.ok("POST", "/v1/leads", obj{"email": "bob@victim.test", "first_name": "Bob"}).text("id")
	at = c.ok("POST", o.path+"/enrollments", obj{"lead_ids": []string{bob}}).header.Get("Outrider-Position")
	if a := why("/v1/enrollments/"+commands.EnrollmentID(parsed(o.campaign), parsed(bob)).String(), at); a.status != 200 {
		t.Errorf("got %s", a.body)
	}
}

func TestTheInboxShowsWhatCameIn(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("none")
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	c.claim(o, id)
	c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: c.clock.now().UTC()}}})
	c.submit(commands.RecordAutoReply{SentMessageRef: c.answered(o, id), OutOfOffice: true, ReturnDate: "2999-01-01", Mail: events.Mail{MailID: uuid.New(), ReceivedAt: c.clock.now().UTC()}})
	at := c.reply(o, id)
	list := c.ok("GET", "/v1/inbox", nil, "Outrider-Position", at)
	if len(list.list("data")) != 1 {
		t.Fatalf("got %s", list.body)
	}
	entry := list.list("data")[0].(map[string]any)
	if entry["lead_id"] != o.lead || entry["last_class"] != "reply" || entry["last_meaning"] != "interested" || entry["replies"] != 1.0 || entry["automatic"] != 1.0 || entry["subject"] != "Re: A question" || entry["snippet"] != "Sounds good, Confidential" {
		t.Errorf("got %v", entry)
	}
	path := "/v1/inbox/" + entry["id"].(string)
	first := c.ok("GET", path+"?limit=1&cursor="+c.ok("GET", path+"?limit=1", nil).text("next_cursor"), nil) // the first of all is our message
	if item := first.list("items")[0].(map[string]any); item["class"] != "automatic" || item["out_of_office"] != true || item["return_date"] != "2999-01-01" || item["message_id"] != id {
		t.Errorf("got %v", item)
	}
	second := c.ok("GET", path+"?limit=1&cursor="+first.text("next_cursor"), nil)
	if item := second.list("items")[0].(map[string]any); item["class"] != "reply" || item["body"] != "Sounds good, Confidential" || item["sender"] != "lead" || item["meaning"] != "interested" || second.json["next_cursor"] != nil {
		t.Errorf("got %s", second.body)
	}
	for query, want := range map[string]int{"class=reply": 1, "class=bounce": 0, "meaning=interested": 1, "meaning=maybe_unsubscribe": 0, "campaign_id=" + o.campaign: 1, "lead_id=" + anID: 0, "mailbox_id=" + o.mailbox: 1} {
		if got := c.ok("GET", "/v1/inbox?"+query, nil); len(got.list("data")) != want {
			t.Errorf("%s: got %s", query, got.body)
		}
	}
	c.refused(404, "not_found", "GET", "/v1/inbox/"+anID, nil)
	c.refused(503, "unavailable", "GET", o.path+"/analytics", nil) // this server has no ClickHouse
}
