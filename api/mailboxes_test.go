package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// wire keeps what goes into the log.
type wire struct {
	api.Gateway
	mu  sync.Mutex
	all bytes.Buffer
}

func (w *wire) Submit(ctx context.Context, c *es.Command) (es.Answer, error) {
	w.mu.Lock()
	w.all.Write(c.Data)
	w.mu.Unlock()
	return w.Gateway.Submit(ctx, c)
}

// connection is how a mailbox is connected, as the read side keeps it.
func (c *client) connection(mailbox string) (is events.MailboxConnected) {
	c.t.Helper()
	var data []byte
	check(c.t, c.db.Pools.Projector.QueryRow(context.Background(), `select connection from read.mailboxes where mailbox_id = $1`, mailbox).Scan(&data))
	check(c.t, json.Unmarshal(data, &is))
	return is
}

// secrets counts those that are kept.
func (c *client) secrets() (n int) {
	c.t.Helper()
	check(c.t, c.db.Pools.Vault.QueryRow(context.Background(), `select count(*) from vault.secrets where org_id = $1`, c.org).Scan(&n))
	return n
}

func TestAMailboxIsConnectedOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	seen := &wire{Gateway: w.cfg.Commands}
	w.serve(func(cfg *api.Config) { cfg.Commands = seen })
	c := w.tenant("starter")
	body := mailbox(" Sales@Ours.TEST ")
	body["imap"].(obj)["username"] = "imap-user"
	made := c.ok("POST", "/v1/mailboxes", body, "Idempotency-Key", "box")
	path := made.header.Get("Location")
	read := c.ok("GET", path, nil, "Outrider-Position", made.header.Get("Outrider-Position"))
	if !bytes.Equal(read.body, made.body) || read.text("address") != "sales@ours.test" || read.text("status") != "pending" || read.json["health"] != 100.0 {
		t.Errorf("read\n%s\nmade\n%s", read.body, made.body)
	}
	if pace := read.json["pace"].(map[string]any); pace["gap_seconds"] != 0.0 || pace["cap_per_day"] != 30.0 {
		t.Errorf("its pace is %v", pace)
	}
	is := c.connection(made.text("id"))
	for _, name := range []string{is.SMTP.Secret, is.IMAP.Secret} {
		if got, err := w.cfg.Vault.Secret(t.Context(), c.org, name); err != nil || string(got) != "hunter22hunter22" {
			t.Errorf("secret %s: %q, %v", name, got, err)
		}
	}
	for _, private := range []string{"hunter22", "ours.test", "imap-user", "Confidential"} {
		if strings.Contains(seen.all.String(), private) {
			t.Errorf("%q is in the log", private)
		}
	}

	again := c.ok("POST", "/v1/mailboxes", body, "Idempotency-Key", "box")
	if again.status != 201 || !bytes.Equal(again.body, made.body) || c.connection(made.text("id")).SMTP.Secret != is.SMTP.Secret {
		t.Errorf("the repeat: %d %s", again.status, again.body)
	}
	body["smtp"].(obj)["password"] = "another"
	c.refused(422, "idempotency_key_reused", "POST", "/v1/mailboxes", body, "Idempotency-Key", "box")
	if got, err := w.cfg.Vault.Secret(t.Context(), c.org, is.SMTP.Secret); err != nil || string(got) != "hunter22hunter22" {
		t.Errorf("another request under the same key made the secret %q, %v", got, err)
	}
	if got := c.refused(409, "already_exists", "POST", "/v1/mailboxes", mailbox("SALES@ours.test")).text("id"); got != made.text("id") {
		t.Errorf("the address is held by %s", got)
	}
	full := c.refused(402, "quota_exceeded", "POST", "/v1/mailboxes", mailbox("more@ours.test"))
	if full.text("limit") != "mailboxes" || full.json["max"] != 1.0 {
		t.Errorf("got %s", full.body)
	}
	if kept := c.secrets(); kept != 2 {
		t.Errorf("%d secrets are kept, of two that are used", kept)
	}
}

func TestWhatCantBeAMailbox(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	for name, x := range map[string]struct {
		change func(obj)
		field  string
	}{
		"no account":              {func(b obj) { b["transport"] = "sendgrid" }, "sendgrid"},
		"a server and an account": {func(b obj) { b["sendgrid"] = obj{"api_key": "SG.0123456789"} }, "transport"},
		"no region of theirs":     {func(b obj) { b["sendgrid"] = obj{"api_key": "SG.0123456789", "region": "moon"} }, "sendgrid.region"},
		"no way to send":          {func(b obj) { delete(b, "smtp") }, "smtp"},
		"no way to read":          {func(b obj) { delete(b, "imap") }, "imap"},
		"plain text":              {func(b obj) { b["smtp"].(obj)["security"] = "none" }, "smtp.security"},
		"no password":             {func(b obj) { delete(b["imap"].(obj), "password") }, "imap.password"},
		"no host":                 {func(b obj) { b["imap"].(obj)["host"] = "a b" }, "imap.host"},
		"no port":                 {func(b obj) { b["imap"].(obj)["port"] = 70000 }, "imap.port"},
		"no address":              {func(b obj) { b["address"] = "nobody@localhost" }, "address"},
		"no zone":                 {func(b obj) { b["pace"] = obj{"time_zone": "Mars"} }, "pace.time_zone"},
		"a pace that can't be":    {func(b obj) { b["pace"] = obj{"jitter_from": 500} }, "jitter_to"},
		"half a number":           {func(b obj) { b["pace"] = obj{"cap_per_day": 1.5} }, "pace.cap_per_day"},
	} {
		body := mailbox("sales@ours.test")
		x.change(body)
		a := c.refused(422, "invalid", "POST", "/v1/mailboxes", body)
		if got := a.list("errors")[0].(map[string]any)["field"]; got != x.field {
			t.Errorf("%s: %s", name, a.body)
		}
	}
}

func TestAMailboxChanges(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	id := c.verified("sales@ours.test")
	path := "/v1/mailboxes/" + id
	c.until(path, func(a answer) bool { return a.text("status") == "active" })
	before := c.connection(id)

	paced := c.ok("PATCH", path, obj{"pace": obj{"cap_per_day": 7, "time_zone": "Europe/Paris"}})
	if pace := paced.json["pace"].(map[string]any); pace["cap_per_day"] != 7.0 || pace["gap_seconds"] != 0.0 || pace["time_zone"] != "Europe/Paris" || paced.text("status") != "active" {
		t.Errorf("got %s", paced.body)
	}
	moved := c.ok("PATCH", path, obj{"display_name": "Bob", "smtp": obj{"host": "smtp.example.net", "password": "changed"}})
	after := c.connection(id)
	if moved.text("status") != "pending" || moved.text("display_name") != "Bob" || moved.json["smtp"].(map[string]any)["host"] != "smtp.example.net" || moved.json["smtp"].(map[string]any)["port"] != 465.0 {
		t.Errorf("got %s", moved.body)
	}
	if after.IMAP.Secret != before.IMAP.Secret || !bytes.Equal(after.SMTP.Username.C, before.SMTP.Username.C) || after.SMTP.Secret == before.SMTP.Secret {
		t.Errorf("connected as %+v, was %+v", after, before)
	}
	if got, err := w.cfg.Vault.Secret(t.Context(), c.org, after.SMTP.Secret); err != nil || string(got) != "changed" {
		t.Errorf("the new password is %q, %v", got, err)
	}
	if _, err := w.cfg.Vault.Secret(t.Context(), c.org, before.SMTP.Secret); !errors.Is(err, pii.ErrNotFound) {
		t.Errorf("the old password is there: %v", err)
	}
	c.ok("PATCH", path, obj{"imap": obj{"password": "second"}}, "Idempotency-Key", "second")
	c.ok("PATCH", path, obj{"imap": obj{"password": "third"}})
	c.ok("PATCH", path, obj{"imap": obj{"password": "second"}}, "Idempotency-Key", "second") // a late repeat
	if got, err := w.cfg.Vault.Secret(t.Context(), c.org, c.connection(id).IMAP.Secret); err != nil || string(got) != "third" || c.secrets() != 2 {
		t.Errorf("the password is %q, %v; %d secrets", got, err, c.secrets())
	}
	moved = c.ok("GET", path, nil)
	same := c.ok("PATCH", path, obj{"display_name": "Bob"})
	if same.json["version"] != moved.json["version"] {
		t.Errorf("nothing changed, and it is %s", same.body)
	}

	_, at := c.submit(passed(id))
	if got := c.ok("GET", path, nil, "Outrider-Position", at); len(got.json["checks"].(map[string]any)) != 6 || got.text("status") != "active" {
		t.Errorf("got %s", got.body)
	}
	asked := c.ok("POST", path+"/verify", nil)
	if len(asked.json["checks"].(map[string]any)) != 0 || asked.text("status") != "active" {
		t.Errorf("got %s", asked.body)
	}
	_, at = c.submit(passed(id))
	if got := c.ok("GET", path, nil, "Outrider-Position", at); len(got.json["checks"].(map[string]any)) != 6 {
		t.Errorf("the checks weren't told again: %s", got.body)
	}
	if got := c.ok("POST", path+"/pause", nil); got.text("status") != "suspended" || got.text("pause_reason") != "manual" {
		t.Errorf("got %s", got.body)
	}
	if got := c.ok("POST", path+"/resume", nil); got.text("status") != "active" || got.text("pause_reason") != "" {
		t.Errorf("got %s", got.body)
	}

	c.submit(commands.RecordUnreadableMail{MailboxRef: events.MailboxRef{MailboxID: parsed(id)}, Folder: "INBOX", UIDValidity: 1, UID: 8, Reason: "damaged"})
	_, at = c.submit(commands.RecordMailboxChecks{MailboxID: parsed(id), Checks: []commands.MailboxCheck{{Check: events.CheckTaggedAddress, Outcome: events.CheckFailed, Detail: "no"}}})
	shown := c.ok("GET", path, nil, "Outrider-Position", at)
	if mail := shown.list("unreadable_mail"); len(mail) != 1 || mail[0].(map[string]any)["uid"] != 8.0 || mail[0].(map[string]any)["reason"] != "damaged" {
		t.Errorf("passed over: %s", shown.body)
	}
	if tagged := shown.json["checks"].(map[string]any)["tagged_address"].(map[string]any); tagged["outcome"] != "failed" || tagged["detail"] != "no" || shown.text("status") != "active" {
		t.Errorf("got %s", shown.body)
	}

	tried := time.Now().UTC().Truncate(time.Microsecond)
	_, at = c.submit(commands.RecordReadingFailed{MailboxRef: events.MailboxRef{MailboxID: parsed(id)}, Reason: events.ReadingSignIn, Since: tried.Add(-time.Hour), TriedAt: tried})
	if why, _ := c.ok("GET", path, nil, "Outrider-Position", at).json["reading_failure"].(map[string]any); why["reason"] != "sign_in" || why["since"] == nil {
		t.Errorf("why it can't be read: %v", why)
	}
	if stopped := c.ok("GET", "/v1/today", nil, "Outrider-Position", at).list("stopped"); len(stopped) != 1 || stopped[0].(map[string]any)["kind"] != "mailbox_reading" || stopped[0].(map[string]any)["reason"] != "sign_in" {
		t.Errorf("today says %v", stopped)
	}
	_, at = c.submit(commands.RecordReadingRecovered{MailboxRef: events.MailboxRef{MailboxID: parsed(id)}, ReadAt: tried})
	if got := c.ok("GET", path, nil, "Outrider-Position", at); got.json["reading_failure"] != nil || got.text("inbox_read_at") == "" {
		t.Errorf("it can be read again: %s", got.body)
	}
	if stopped := c.ok("GET", "/v1/today", nil, "Outrider-Position", at).list("stopped"); len(stopped) != 0 {
		t.Errorf("today says %v", stopped)
	}

	other := c.ok("POST", "/v1/mailboxes", mailbox("other@ours.test"))
	first := c.ok("GET", "/v1/mailboxes?limit=1", nil, "Outrider-Position", other.header.Get("Outrider-Position"))
	if first.list("data")[0].(map[string]any)["id"] != other.text("id") {
		t.Errorf("got %s", first.body)
	}
	if rest := c.ok("GET", "/v1/mailboxes?limit=1&cursor="+first.text("next_cursor"), nil); rest.list("data")[0].(map[string]any)["id"] != id {
		t.Errorf("got %s", rest.body)
	}
	gone := c.ok("DELETE", path, nil)
	at = gone.header.Get("Outrider-Position")
	c.refused(404, "not_found", "GET", path, nil, "Outrider-Position", at)
	c.refused(404, "not_found", "PATCH", path, obj{"display_name": "x"})
	c.refused(404, "not_found", "DELETE", path, nil)
	c.refused(404, "not_found", "POST", path+"/verify", nil)
	if _, err := w.cfg.Vault.Secret(t.Context(), c.org, after.SMTP.Secret); !errors.Is(err, pii.ErrNotFound) {
		t.Errorf("the password of a removed mailbox is there: %v", err)
	}
	if got := c.ok("GET", "/v1/mailboxes", nil); len(got.list("data")) != 1 {
		t.Errorf("got %s", got.body)
	}
}
