package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/claims"
	"outrider/internal/app/facts"
	"outrider/internal/es"
	"outrider/internal/evidence"
	"outrider/internal/postgres"
	"outrider/projections"
)

func TestAClaimIsApprovedChangedAndRetired(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	claim := obj{"text": " We serve  800 bakeries. ", "source": "https://example.com/about", "valid_until": c.clock.now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)}
	c.with("campaigns:read").refused(403, "forbidden", "POST", "/v1/claims", claim)
	made := c.ok("POST", "/v1/claims", claim)
	path := made.header.Get("Location")
	if made.status != 201 || made.text("text") != "We serve 800 bakeries." || made.json["version"] != 1.0 || made.json["usable"] != true || made.text("approved_by") == "" {
		t.Fatalf("got %d %s", made.status, made.body)
	}
	for text, field := range map[string]string{"We serve bakeries. We like it.": "one sentence", "See https://evil.example": "link", "<b>We</b>": "markup", " ": "blank"} {
		if got := c.refused(422, "invalid", "POST", "/v1/claims", obj{"text": text, "source": "x"}); !strings.Contains(string(got.body), field) {
			t.Errorf("%q: %s", text, got.body)
		}
	}
	c.refused(409, "already_exists", "POST", "/v1/claims", obj{"text": "we serve 800 bakeries.", "source": "elsewhere"})
	edit := obj{"text": "We serve 900 bakeries.", "source": "https://example.com/about"}
	c.refused(412, "version_conflict", "PUT", path, edit, "If-Match", `"7"`)
	changed := c.ok("PUT", path, edit, "If-Match", `"1"`)
	if changed.json["version"] != 2.0 || len(changed.list("versions")) != 2 || changed.text("text") != "We serve 900 bakeries." || changed.text("valid_until") != "" {
		t.Errorf("got %s", changed.body)
	}
	file := "text;source;valid_until\r\nWe are ten.;a document;2099-12-31\r\nWe serve 800 bakeries.;a page;\r\n\r\nWe are ten.;a document;2099-12-31\r\n"
	for _, want := range []struct{ approved, known float64 }{{1, 2}, {0, 3}} {
		if got := c.ok("POST", "/v1/claims/import", obj{"csv": file}); got.json["rows"] != 3.0 || got.json["approved"] != want.approved || got.json["known"] != want.known {
			t.Errorf("got %s", got.body)
		}
	}
	for _, bad := range []string{"text\r\nWe.\r\n", "text,source\r\n", "text,source,valid_until\r\nWe.,x,tomorrow\r\n", "text,source\r\nWe.,x\r\nWe are. And we do.,x\r\n"} {
		c.refused(422, "invalid", "POST", "/v1/claims/import", obj{"csv": bad})
	}
	live := c.ok("GET", "/v1/claims", nil).list("data")
	if len(live) != 2 || live[1].(map[string]any)["valid_until"] != "2099-12-31T23:00:00Z" && live[1].(map[string]any)["valid_until"] != "2100-01-01T00:00:00Z" {
		t.Errorf("live: %v", live)
	}
	gone := c.ok("POST", path+"/retire", nil)
	if gone.json["usable"] != false || gone.text("retired_reason") != "withdrawn" {
		t.Errorf("got %s", gone.body)
	}
	if got := c.ok("GET", "/v1/claims?retired=true", nil).list("data"); len(got) != 1 {
		t.Errorf("retired: %v", got)
	}
	c.refused(409, "wrong_status", "PUT", path, edit)
	if again := c.ok("POST", "/v1/claims", obj{"text": "We serve 800 bakeries.", "source": "a page"}); again.json["version"] != 3.0 || again.json["usable"] != true {
		t.Errorf("again: %s", again.body)
	}
}

// judged is a draft of a language model with what the gate says of it.
func (c *client) judged(o outreach, message, body string) commands.DraftWithEvidence {
	c.t.Helper()
	var policy evidence.Policy
	check(c.t, postgres.InOrg(c.t.Context(), c.cfg.Pool, c.org, func(tx pgx.Tx) (err error) {
		policy.Facts, err = claims.Known(c.t.Context(), tx, c.org, parsed(o.campaign), c.clock.now())
		return err
	}))
	policy.Approved = []string{"Hi Ann,", "A question, Ann"}
	keys, err := c.cfg.Vault.Keys(c.t.Context(), c.org, []uuid.UUID{parsed(o.lead)})
	check(c.t, err)
	d := commands.DraftWithEvidence{MessageID: parsed(message), Draft: events.Draft{Subject: c.seal(o.lead, projections.SubjectField, "A question, Ann"), Body: c.seal(o.lead, projections.BodyField, body), Writer: events.WriterLLM}}
	d.Evidence, err = facts.Judge("A question, Ann", body, policy).Evidence(keys[0])
	check(c.t, err)
	return d
}

// tried submits a command that may be refused.
func (c *client) tried(cmd commands.Command) es.Answer {
	c.t.Helper()
	kind, data, err := commands.Encode(cmd)
	check(c.t, err)
	a, err := c.cfg.Commands.Submit(context.Background(), &es.Command{ID: es.NewID(), Org: c.org, Type: kind, Data: data, Time: c.clock.now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorProvider, ID: "test"}})
	check(c.t, err)
	return a
}

// TestNoWrongNumberLeaves tries every way in which a sentence with a wrong number could leave, in a campaign in which nobody approves anything.
func TestNoWrongNumberLeaves(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("none")
	claim := c.ok("POST", "/v1/claims", obj{"text": "We serve 800 bakeries.", "source": "https://example.com/about"})
	id := c.message(o, "requested")
	path := "/v1/messages/" + id
	const wrong, right = "Hi Ann,\n\nWe serve 900 bakeries.", "Hi Ann,\n\nWe serve 800 bakeries."
	c.refused(404, "not_found", "GET", path+"/evidence", nil)
	c.refused(404, "not_found", "POST", path+"/evidence/overrule", obj{"draft": 1, "reason": "I know it"})
	_, at := c.submit(c.judged(o, id, wrong))
	drafts := 1
	for _, way := range []struct {
		name string
		try  func()
	}{
		{"it is written", func() {}},
		{"it is approved", func() {
			c.refused(409, "unsupported_sentences", "POST", "/v1/messages/approve", obj{"message_ids": []string{id}})
		}},
		{"it is approved with others", func() {
			at = c.ok("POST", "/v1/messages/approve", obj{"message_ids": []string{id, anID}}).header.Get("Outrider-Position")
		}},
		{"a person writes it", func() {
			at = c.ok("PUT", path+"/draft", obj{"subject": "A question, Ann", "body": wrong, "draft": drafts}).header.Get("Outrider-Position")
			drafts++
		}},
		{"in the subject", func() {
			at = c.ok("PUT", path+"/draft", obj{"subject": "We serve 900 bakeries", "body": right, "draft": drafts}).header.Get("Outrider-Position")
			drafts++
		}},
		{"and approves it", func() {
			c.refused(409, "unsupported_sentences", "POST", "/v1/messages/approve", obj{"message_ids": []string{id}})
		}},
		{"it is written again", func() {
			c.ok("POST", path+"/redraft", nil)
			_, at = c.submit(c.judged(o, id, wrong))
			drafts++
		}},
		{"without a verdict", func() {
			draft := c.judged(o, id, wrong).Draft
			if a := c.tried(commands.DraftMessage{MessageID: parsed(id), Draft: draft}); a.Outcome != es.Refused {
				t.Errorf("a draft without a verdict is %v", a.Outcome)
			}
			if a := c.tried(commands.EditDraft{MessageID: parsed(id), Subject: draft.Subject, Body: draft.Body, IfDraft: drafts}); a.Outcome != es.Refused {
				t.Errorf("an edit without a verdict is %v", a.Outcome)
			}
		}},
		{"by an older program", func() { c.tried(commands.ApproveMessagesV1{MessageIDs: []uuid.UUID{parsed(id)}}) }},
		{"it is claimed", func() {
			c.tried(commands.ClaimMessages{MailboxID: parsed(o.mailbox), MessageIDs: []uuid.UUID{parsed(id)}, InboxReadAt: c.clock.now().UTC()})
		}},
	} {
		way.try()
		said := c.ok("GET", path+"/evidence", nil, "Outrider-Position", at)
		if m := c.ok("GET", path, nil, "Outrider-Position", at); m.text("state") != "drafted" || said.json["may_be_approved"] != false || said.json["unsupported"].(float64) < 1 || said.json["draft"] != float64(drafts) {
			t.Errorf("%s: %s\n%s", way.name, m.body, said.body)
		}
	}
	// The right number leaves by itself, and says which claim carries it.
	at = c.ok("PUT", path+"/draft", obj{"subject": "A question, Ann", "body": right, "draft": drafts}).header.Get("Outrider-Position")
	drafts++
	said := c.ok("GET", path+"/evidence", nil, "Outrider-Position", at)
	if v := said.list("verdicts"); len(v) != 2 || said.json["may_be_approved"] != true || v[1].(map[string]any)["claim_id"] != claim.text("id") || v[1].(map[string]any)["claim_version"] != 1.0 || v[1].(map[string]any)["fact"] != nil {
		t.Errorf("got %s", said.body)
	}
	if m := c.ok("GET", path, nil, "Outrider-Position", at); m.text("state") == "drafted" {
		t.Errorf("it waits: %s", m.body)
	}
	// Until the claim is retired: then it waits for a person, with the reason, though it was approved and may have had a slot.
	at = c.ok("POST", "/v1/claims/"+claim.text("id")+"/retire", nil).header.Get("Outrider-Position")
	if m := c.ok("GET", path, nil, "Outrider-Position", at); m.text("state") != "drafted" || m.text("reason") != "claim_retired" {
		t.Errorf("got %s", m.body)
	}
	if said := c.ok("GET", path+"/evidence", nil, "Outrider-Position", at); said.text("lapsed") != "claim_retired" || said.json["may_be_approved"] != false {
		t.Errorf("got %s", said.body)
	}
	c.refused(409, "unsupported_sentences", "POST", "/v1/messages/approve", obj{"message_ids": []string{id}})
	// A person may answer for it, for this draft and with a reason.
	overrule := path + "/evidence/overrule"
	c.with("messages:read").refused(403, "forbidden", "POST", overrule, obj{"draft": drafts, "reason": "I know it"})
	c.refused(412, "version_conflict", "POST", overrule, obj{"draft": 1, "reason": "I know it"})
	c.refused(422, "invalid", "POST", overrule, obj{"draft": drafts, "reason": "\u200b "})
	answered := c.ok("POST", overrule, obj{"draft": drafts, "reason": "Ann was told on the phone"})
	if answered.json["may_be_approved"] != true || answered.text("reason") != "Ann was told on the phone" || answered.text("overruled_by") == "" {
		t.Errorf("got %s", answered.body)
	}
	if masked := c.with("messages:read").ok("GET", path+"/evidence", nil, "Outrider-Position", answered.header.Get("Outrider-Position")); strings.Contains(string(masked.body), "phone") || strings.Contains(string(masked.body), "Hi Ann") {
		t.Errorf("unmasked: %s", masked.body)
	}
	at = c.ok("POST", "/v1/messages/approve", obj{"message_ids": []string{id}}).header.Get("Outrider-Position")
	if m := c.ok("GET", path, nil, "Outrider-Position", at); m.text("state") == "drafted" {
		t.Errorf("it waits still: %s", m.body)
	}
	// What was changed is counted: one word of the model's seven, subject included.
	figures := c.ok("GET", o.path+"/approvals", nil, "Outrider-Position", at)
	if figures.json["approved"] != 1.0 || figures.json["edited"] != 1.0 || figures.json["changed_words"] != 1.0 || figures.json["words"] != 9.0 || figures.json["waiting"] != 0.0 {
		t.Errorf("got %s", figures.body)
	}
}
