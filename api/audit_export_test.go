package api_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api"
	"outrider/consumers/privacy"
	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections/analytics"
)

// auditKeys asks which public keys there are, as anybody may.
func (w *world) auditKeys() audit.TrustedKeys {
	w.t.Helper()
	text := ""
	for _, k := range (&client{world: w}).ok("GET", "/v1/audit/key", nil).list("data") {
		text += k.(map[string]any)["public_key"].(string) + "\n"
	}
	keys, err := audit.ParseKeys(text)
	check(w.t, err)
	return keys
}

// signed runs a round of checkpoints and gives those of the organisation.
func (c *client) signed() (all []*audit.Checkpoint) {
	c.t.Helper()
	k, err := privacy.NewCheckpointSigner(privacy.CheckpointConfig{Pool: c.db.Pools.Projector, Ring: c.cfg.Audit, Now: c.clock.now, Log: slog.New(slog.DiscardHandler)})
	check(c.t, err)
	check(c.t, k.Round(c.t.Context()))
	check(c.t, postgres.InOrg(c.t.Context(), c.cfg.Pool, c.org, func(tx pgx.Tx) (err error) {
		all, err = audit.List(c.t.Context(), tx, c.org, 0, 1<<60, 1000)
		return err
	}))
	return all
}

// exported exports what is after an event, and verifies it.
func (c *client) exported(after int64, at string) (file []byte, head *audit.Head, position string) {
	c.t.Helper()
	var headers []string
	if at != "" {
		headers = []string{"Outrider-Position", at}
	}
	a := c.ok("GET", fmt.Sprintf("/v1/audit/export?after=%d", after), nil, headers...)
	head, err := audit.Verify(bytes.NewReader(a.body), c.auditKeys(), c.org)
	if err != nil {
		c.t.Fatalf("%v in\n%s", err, a.body)
	}
	return a.body, head, a.header.Get("Outrider-Position")
}

func TestAnExportProvesItself(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	c, other := w.tenant("growth"), w.tenant("growth")
	lead := c.ok("POST", "/v1/leads", obj{"email": "secret@acme.test", "first_name": "Sekret"}).text("id")
	c.ok("GET", "/v1/audit/events?limit=1", nil, "Outrider-Position", c.ok("PATCH", "/v1/leads/"+lead, obj{"city": "Ulm"}).header.Get("Outrider-Position"))
	first := c.signed()
	if len(first) != 1 || first[0].Previous != 0 || first[0].Verify(w.auditKeys()) != nil {
		t.Fatalf("checkpoints %+v", first)
	}
	if again := c.signed(); len(again) != 1 {
		t.Fatalf("a history that hasn't grown has %d checkpoints", len(again))
	}
	for n := range 5 {
		c.ok("POST", "/v1/leads", obj{"email": fmt.Sprintf("p%d@acme.test", n)})
	}
	at := c.ok("POST", "/v1/leads/"+lead+"/erase", nil).header.Get("Outrider-Position")
	c.ok("GET", "/v1/leads", nil, "Outrider-Position", at)
	if second := c.signed(); len(second) != 2 || second[1].Previous != first[0].Oseq {
		t.Fatalf("checkpoints %+v", second)
	}
	at = c.ok("POST", "/v1/leads", obj{"email": "last@acme.test"}).header.Get("Outrider-Position")
	file, head, at := c.exported(0, at)
	if head.First != 1 || head.Checkpoints != 2 || head.Events < 10 || bytes.Contains(file, []byte("Sekret")) || bytes.Contains(file, []byte("secret@")) {
		t.Errorf("%+v in\n%s", head, file)
	}
	check(t, w.cfg.Vault.Erase(t.Context(), c.org, uuid.MustParse(lead)))
	again, erased, at := c.exported(0, at) // each export is an event of the next
	if erased.Events != head.Events+1 || erased.Checkpoints != head.Checkpoints {
		t.Errorf("after an erasure: %+v, before %+v", erased, head)
	}
	signed := slices.Collect(bytes.Lines(file))
	for _, line := range signed[1 : len(signed)-1] { // but what names the file and its end
		if !bytes.Contains(again, line) {
			t.Errorf("after an erasure this is missing: %s", line)
		}
	}
	_, tail, at := c.exported(head.Last-1, at)
	if tail.First != head.Last || tail.Events != 3 || tail.Last != erased.Last+1 {
		t.Errorf("the tail is %+v", tail)
	}
	if _, none, _ := c.exported(tail.Last+1, at); none.Events != 0 {
		t.Errorf("nothing is %+v", none)
	}
	theirs := other.ok("GET", "/v1/audit/export", nil)
	if bytes.Contains(theirs.body, []byte(c.org.String())) || bytes.Contains(theirs.body, []byte(lead)) {
		t.Errorf("another's export: %s", theirs.body)
	}
	if _, err := audit.Verify(bytes.NewReader(theirs.body), w.auditKeys(), c.org); err == nil {
		t.Error("another's export passes for ours")
	}
	own := other.signed()
	if len(own) == 0 || slices.ContainsFunc(own, func(p *audit.Checkpoint) bool { return p.Org != other.org }) {
		t.Errorf("a role sees another organisation's checkpoints, or none of its own: %+v", own)
	}
}

// An export of what is damaged says so, and isn't signed.
func TestADamagedHistoryIsNotSigned(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	c := w.tenant("growth")
	at := ""
	for n := range 3 {
		at = c.ok("POST", "/v1/leads", obj{"email": fmt.Sprintf("p%d@acme.test", n)}).header.Get("Outrider-Position")
	}
	_, head, _ := c.exported(0, at)
	broken := func(what string) {
		t.Helper()
		a := c.ok("GET", "/v1/audit/export", nil)
		lines := bytes.Split(bytes.TrimSpace(a.body), []byte("\n"))
		var last struct {
			Error string `json:"error"`
		}
		if json.Unmarshal(lines[len(lines)-1], &last) != nil || last.Error == "" {
			t.Errorf("%s: the export ends with %s", what, lines[len(lines)-1])
		}
		if _, err := audit.Verify(bytes.NewReader(a.body), w.auditKeys(), c.org); err == nil {
			t.Errorf("%s: a damaged history verifies", what)
		}
	}
	columns := w.cfg.Columns
	check(t, columns.Exec(t.Context(), `ALTER TABLE events UPDATE data = replaceAll(data, '"source":"api"', '"source":"apI"') WHERE org = ? AND oseq = ? SETTINGS mutations_sync = 1`, c.org, head.Last-1))
	broken("a changed event")

	// Whoever can write to ClickHouse can make a chain that fits what it changed. The log's own doesn't.
	all, err := analytics.History{Conn: columns}.Range(t.Context(), c.org, 1, 0, 100)
	check(t, err)
	var chain es.ChainHash
	for _, e := range all {
		e.Chain, _ = es.Link(chain, e, nil)
		chain = e.Chain
		check(t, columns.Exec(t.Context(), `ALTER TABLE events UPDATE chain = unhex(?) WHERE org = ? AND oseq = ? SETTINGS mutations_sync = 1`, hex.EncodeToString(chain[:]), c.org, e.Oseq))
	}
	broken("a history made anew")
}

func TestARotatedKeyIsStillKnown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	path := t.TempDir() + "/audit.key"
	old, err := audit.LoadKeyring(path)
	check(t, err)
	ring, err := audit.RotateKeyring(path)
	check(t, err)
	w.serve(func(cfg *api.Config) { cfg.Audit = ring })
	keys := w.auditKeys()
	if len(keys) != 2 || keys[0].ID == old.Public()[0].ID || keys[1].ID != old.Public()[0].ID {
		t.Errorf("keys %v", keys)
	}
}
