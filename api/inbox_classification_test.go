package api_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

// kindsOf are the consequences that a preview lists.
func kindsOf(a answer) (out []string) {
	for _, x := range a.list("consequences") {
		out = append(out, x.(map[string]any)["kind"].(string))
	}
	return out
}

func TestAPersonSaysWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	c := w.tenant("growth")
	x := c.conversation()
	unsure := events.Mail{MailID: uuid.New(), ReceivedAt: c.clock.now().UTC().Add(time.Minute), Subject: c.seal(x.lead, projections.SubjectField, "Re: A question"), Body: c.seal(x.lead, projections.BodyField, "Hm. Ask Dana (dana@victim.test)")}
	_, at := c.submit(commands.RecordReply{SentMessageRef: c.answered(x.outreach, x.message), From: events.FromLead, Meaning: events.MeansReferral, Mail: unsure,
		Judged: events.Judged{Confidence: 60, Source: events.JudgedByWords, Evidence: c.seal(x.lead, projections.EvidenceField, "Ask Dana"), Referral: c.seal(x.lead, projections.ReferralField, `{"email":"dana@victim.test","name":"Dana"}`)}})
	last := func(at string) map[string]any {
		items := c.ok("GET", x.path, nil, "Outrider-Position", at).list("items")
		return items[len(items)-1].(map[string]any)
	}
	i := last(at)
	if named, _ := i["referral"].(map[string]any); i["evidence"] != "Ask Dana" || i["confidence_percent"] != 60.0 || i["confidence"] != "low" || i["judged_by"] != "words" || named["email"] != "dana@victim.test" || named["state"] != "proposed" {
		t.Fatalf("got %v", i)
	}
	if got := c.ok("GET", "/v1/inbox?confidence=low&include=total", nil); got.json["total"] != 1.0 {
		t.Errorf("not sure: %s", got.body)
	}
	item := "/v1/inbox/items/" + unsure.MailID.String()
	preview := c.ok("POST", item+"/classification", obj{"meaning": "unsubscribe", "dry_run": true}, "Outrider-Position", at)
	if kinds := kindsOf(preview); len(kinds) != 3 || kinds[0] != "thread_done" || kinds[1] != "unsubscribed" || kinds[2] != "suppressed" {
		t.Errorf("previewed %v", kinds)
	}
	if got := c.ok("GET", x.path, nil); got.json["status"] != "needs_answer" || got.json["last_meaning"] != "referral" {
		t.Errorf("a preview changes nothing: %s", got.body)
	}
	done := c.ok("POST", item+"/classification", obj{"meaning": "meeting_request"})
	at = done.header.Get("Outrider-Position")
	if i = last(at); i["meaning"] != "meeting_request" || i["corrected"] != true || i["judged_by"] != "person" || i["confidence"] != "high" || i["referral"] != nil {
		t.Errorf("corrected: %v", i)
	}
	if got := c.ok("GET", "/v1/inbox?confidence=low&include=total", nil); got.json["total"] != 0.0 {
		t.Errorf("now sure: %s", got.body)
	}
	c.ok("POST", item+"/classification", obj{"meaning": "referral", "referral": obj{"email": "Dana@victim.test", "name": "Dana Fox"}})
	at = c.ok("POST", item+"/referral", obj{"lead_id": x.lead}).header.Get("Outrider-Position")
	if named, _ := last(at)["referral"].(map[string]any); named["email"] != "dana@victim.test" || named["name"] != "Dana Fox" || named["state"] != "accepted" || named["lead_id"] != x.lead {
		t.Errorf("accepted: %v", named)
	}
	c.refused(422, "invalid", "POST", item+"/classification", obj{"meaning": "interested", "ask_again": "2026-06-01"})
	c.refused(422, "invalid", "POST", item+"/classification", obj{"meaning": "perhaps"})
	c.refused(404, "not_found", "POST", "/v1/inbox/items/"+x.message+"/classification", obj{"meaning": "interested"})
	c.refused(404, "not_found", "POST", item+"/referral", obj{"lead_id": anID})
	c.with("messages:read", "pii:read").refused(403, "forbidden", "POST", item+"/classification", obj{"meaning": "interested"})
}
