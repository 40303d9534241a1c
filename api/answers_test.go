package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/answers"
	"outrider/internal/app/claims"
	"outrider/internal/evidence"
	"outrider/internal/postgres"
	"outrider/projections"
)

func TestAnAnswerIsDrafted(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	o := c.launched("none")
	claim := c.ok("POST", "/v1/claims", obj{"text": "We serve 800 bakeries.", "source": "a page"}).text("id")
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	c.claim(o, id)
	c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: c.clock.now().UTC()}}})
	at := c.reply(o, id)
	thread := c.ok("GET", "/v1/inbox", nil, "Outrider-Position", at).list("data")[0].(map[string]any)["id"].(string)
	items := c.ok("GET", "/v1/inbox/"+thread, nil).list("items")
	mail := items[len(items)-1].(map[string]any)["id"].(string)
	path := "/v1/inbox/" + thread + "/answer-draft"
	c.refused(404, "not_found", "GET", path, nil)

	s := answers.Situation{Meaning: events.MeansInterested, Question: "How many bakeries?", FirstName: "Ann"}
	check(t, postgres.InOrg(t.Context(), c.cfg.Pool, c.org, func(tx pgx.Tx) (err error) {
		s.Known, err = claims.Known(t.Context(), tx, c.org, parsed(o.campaign), c.clock.now())
		return err
	}))
	report := answers.Judge(s, append(answers.Compose(s), []evidence.Sentence{{Text: "We serve 900 bakeries.", Cites: []string{s.Known[0].ID}}}), nil)
	keys, err := c.cfg.Vault.Keys(t.Context(), c.org, []uuid.UUID{parsed(o.lead)})
	check(t, err)
	draft := commands.DraftAnswer{ThreadID: parsed(thread), MailID: parsed(mail), Meaning: events.MeansInterested, Writer: events.WriterTemplate, Body: c.seal(o.lead, projections.AnswerField, report.Text())}
	draft.Evidence, err = report.Evidence(keys[0])
	check(t, err)
	_, at = c.submit(draft)
	got := c.ok("GET", path, nil, "Outrider-Position", at)
	if text := got.text("text"); !strings.Contains(text, "We serve 800 bakeries.") || strings.Contains(text, "900") || got.json["left_out"] != 1.0 || got.text("item_id") != mail || !strings.Contains(string(got.body), claim) {
		t.Errorf("got %s", got.body)
	}
	if masked := c.with("messages:read").ok("GET", path, nil, "Outrider-Position", at); strings.Contains(string(masked.body), "bakeries.") {
		t.Errorf("unmasked: %s", masked.body)
	}
	at = c.ok("POST", "/v1/claims/"+claim+"/retire", nil).header.Get("Outrider-Position")
	if got := c.ok("GET", path, nil, "Outrider-Position", at); strings.Contains(got.text("text"), "bakeries") || got.json["left_out"] != 2.0 {
		t.Errorf("what was retired is said: %s", got.body)
	}
	if none := c.ok("GET", "/v1/answer-automation", nil); len(none.list("meanings")) != 0 || none.json["max_a_thread"] != 2.0 {
		t.Errorf("got %s", none.body)
	}
	c.with("organization:read").refused(403, "forbidden", "PUT", "/v1/answer-automation", obj{"meanings": []string{"meeting_request"}})
	c.refused(422, "invalid", "PUT", "/v1/answer-automation", obj{"meanings": []string{"interested"}})
	if on := c.ok("PUT", "/v1/answer-automation", obj{"meanings": []string{"meeting_request"}}); len(on.list("meanings")) != 1 || on.text("set_by") == "" {
		t.Errorf("got %s", on.body)
	}
}
