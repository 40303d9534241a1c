package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

// recorded is what the live API said of everything when the history stood at an event.
type recorded struct {
	oseq int64
	at   string // the time of that event
	said map[string]any
}

// player plays a history and records along the way.
type player struct {
	*client
	paths []string
	all   []recorded
}

// head is the newest event in ClickHouse, and the position that shows it.
func (p *player) head() (oseq int64, at time.Time, position string) {
	p.t.Helper()
	var pseq int64
	check(p.t, p.cfg.Columns.QueryRow(p.t.Context(), "SELECT oseq, time, pseq FROM events WHERE org = ? ORDER BY oseq DESC LIMIT 1", p.org).Scan(&oseq, &at, &pseq))
	return oseq, at, p.tokenOf(es.Position{Generation: p.cfg.Generation, Partition: es.PartitionOf(p.org, p.cfg.Partitions), Pseq: pseq})
}

// record asks the live API for everything. What the clock decides meanwhile makes it ask again.
func (p *player) record(position string) {
	p.t.Helper()
	var headers []string
	if position != "" {
		headers = []string{"Outrider-Position", position}
	}
	p.ok("GET", "/v1/organizations/"+p.org.String()+"?at="+p.instant(), nil, headers...) // ClickHouse is there too
	for {
		oseq, at, position := p.head()
		r := recorded{oseq: oseq, at: url.QueryEscape(at.UTC().Format(time.RFC3339Nano)), said: map[string]any{}}
		for _, path := range p.paths {
			if a := p.do("GET", path, nil, "Outrider-Position", position); a.status == 200 {
				r.said[path] = a.json
			}
		}
		all := p.eventsOf(p.org) // of the log: ClickHouse may be behind what Postgres shows
		if all[len(all)-1].Oseq == oseq {
			if len(p.all) == 0 || p.all[len(p.all)-1].oseq < oseq {
				p.all = append(p.all, r)
			}
			return
		}
	}
}

func (p *player) instant() string {
	return url.QueryEscape(p.clock.now().UTC().Format(time.RFC3339Nano))
}

// did records behind a write.
func (p *player) did(a answer) answer {
	p.t.Helper()
	p.record(a.header.Get("Outrider-Position"))
	return a
}

// played is a campaign with everything that happens in one.
func played(c *client) (*player, outreach) {
	c.t.Helper()
	o := c.launched("all")
	p := &player{client: c, paths: []string{"/v1/organizations/" + c.org.String(), o.path, "/v1/leads/" + o.lead, "/v1/enrollments/" + o.enrollment, "/v1/mailboxes/" + o.mailbox}}
	id := c.message(o, "requested")
	p.record("")
	p.record(c.draft(o, id))
	p.did(c.ok("PATCH", p.paths[0], obj{"name": "Another", "time_zone": "Europe/Berlin"}))
	p.did(c.ok("PATCH", "/v1/leads/"+o.lead, obj{"city": "Paris", "custom": obj{"segment": "a"}, "tags": []string{"vip"}}))
	p.did(c.ok("POST", o.path+"/pause", nil))
	p.did(c.ok("PATCH", o.path, obj{"name": "Renamed"}))
	p.did(c.ok("POST", o.path+"/resume", nil))
	p.did(c.ok("POST", "/v1/mailboxes/"+o.mailbox+"/pause", nil))
	p.did(c.ok("PATCH", "/v1/mailboxes/"+o.mailbox, obj{"pace": obj{"cap_per_hour": 7}}))
	p.did(c.ok("POST", "/v1/mailboxes/"+o.mailbox+"/resume", nil))
	p.record(c.draft(o, id)) // anew, as the lead has changed
	p.did(c.ok("POST", "/v1/messages/approve", obj{"message_ids": []string{id}}))
	c.message(o, "scheduled")
	c.claim(o, id)
	_, at := c.submit(commands.RecordResults{MailboxID: parsed(o.mailbox), Results: []commands.SendResult{{MessageID: parsed(id), Sent: true, At: c.clock.now().UTC().Truncate(time.Microsecond)}}})
	p.record(at)
	for i := range 3 {
		c.clock.forward(time.Duration(i+1) * 7 * time.Hour)
		p.did(c.ok("PATCH", "/v1/leads/"+o.lead, obj{"job_title": fmt.Sprint("Job ", i), "custom": obj{"segment": nil, "n": fmt.Sprint(i)}}))
		_, at = c.submit(commands.RecordMailboxRead{MailboxRef: events.MailboxRef{MailboxID: parsed(o.mailbox)}, Folder: "INBOX", UIDValidity: 1, UID: int64(i + 1), ReadAt: c.clock.now().UTC().Truncate(time.Microsecond)})
		p.record(at)
	}
	_, at = c.submit(commands.RecordAutoReply{SentMessageRef: c.answered(o, id), OutOfOffice: true, ReturnDate: "2999-01-01", Mail: events.Mail{MailID: uuid.New(), ReceivedAt: c.clock.now().UTC()}})
	p.record(at)
	p.record(c.reply(o, id))
	bob := c.ok("POST", "/v1/leads", obj{"email": "bob@victim.test", "first_name": "Bob"}).text("id")
	p.did(c.ok("POST", o.path+"/enrollments", obj{"lead_ids": []string{bob}}))
	p.did(c.ok("DELETE", "/v1/leads/"+bob, nil))
	p.did(c.ok("POST", o.path+"/complete", nil))
	p.did(c.ok("DELETE", "/v1/mailboxes/"+o.mailbox, nil))
	return p, o
}

// then is what the API says now of how something was, without as_of.
func (p *player) then(path, at string) (said map[string]any, oseq int64) {
	p.t.Helper()
	a := p.do("GET", path+"?at="+at, nil)
	if a.status == 404 {
		return nil, 0
	}
	if a.status != 200 {
		p.t.Fatalf("%s?at=%s: %d %s", path, at, a.status, a.body)
	}
	asOf := a.json["as_of"].(map[string]any)
	delete(a.json, "as_of")
	return a.json, int64(asOf["oseq"].(float64))
}

func TestThePastIsWhatTheLiveAnswersWere(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	p, _ := played(c)
	if len(p.all) < 18 {
		t.Fatalf("recorded %d times only", len(p.all))
	}
	r := rand.New(rand.NewPCG(1, 2))
	compared := 0
	for _, i := range r.Perm(len(p.all)) {
		for _, path := range p.paths {
			was := p.all[i]
			got, oseq := p.then(path, was.at)
			want, _ := was.said[path].(map[string]any)
			if got != nil && oseq != was.oseq {
				continue // another event has the same time
			}
			compared++
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s at event %d:\n got %v\nwant %v", path, was.oseq, got, want)
			}
		}
	}
	if compared < len(p.all)*4 {
		t.Errorf("compared %d answers of %d records only", compared, len(p.all))
	}

	// Now is an instant as well.
	for _, path := range p.paths {
		var live map[string]any
		if a := c.do("GET", path, nil); a.status == 200 {
			live = a.json
		}
		if got, _ := p.then(path, p.instant()); !reflect.DeepEqual(got, live) {
			t.Errorf("%s now:\n got %v\nlive %v", path, got, live)
		}
	}

	// Between two events nothing changes.
	var times []time.Time
	rows, err := c.cfg.Columns.Query(t.Context(), "SELECT time FROM events WHERE org = ? ORDER BY oseq", c.org)
	check(t, err)
	for rows.Next() {
		var at time.Time
		check(t, rows.Scan(&at))
		times = append(times, at)
	}
	check(t, rows.Err())
	for range 40 {
		at := times[0].Add(time.Duration(r.Int64N(int64(times[len(times)-1].Sub(times[0]))))).Truncate(time.Microsecond)
		n, _ := slices.BinarySearchFunc(times, at, func(x, at time.Time) int {
			if x.After(at) {
				return 1
			}
			return -1
		})
		path := p.paths[r.IntN(len(p.paths))]
		got, oseq := p.then(path, url.QueryEscape(at.Format(time.RFC3339Nano)))
		same, _ := p.then(path, url.QueryEscape(times[n-1].Format(time.RFC3339Nano)))
		if got != nil && oseq != int64(n) || !reflect.DeepEqual(got, same) {
			t.Errorf("%s at %s is as of event %d, not %d:\n got %v\nwant %v", path, at, oseq, n, got, same)
		}
	}
}

func TestWhyWasWhatItIs(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	o := c.launched("all")
	id := c.message(o, "requested")
	var asked []answer
	var paths []string
	ask := func(position string) {
		t.Helper()
		for _, path := range []string{"/v1/messages/" + id, "/v1/enrollments/" + o.enrollment} {
			asked, paths = append(asked, c.ok("GET", path+"/why", nil, "Outrider-Position", position)), append(paths, path)
		}
		c.clock.forward(3 * time.Minute)
	}
	ask(c.draft(o, id))
	ask(c.ok("POST", o.path+"/pause", nil).header.Get("Outrider-Position"))
	ask(c.ok("POST", "/v1/mailboxes/"+o.mailbox+"/pause", nil).header.Get("Outrider-Position"))
	c.ok("POST", "/v1/mailboxes/"+o.mailbox+"/resume", nil)
	ask(c.ok("POST", o.path+"/resume", nil).header.Get("Outrider-Position"))
	ask(c.ok("POST", "/v1/messages/reject", obj{"message_ids": []string{id}}).header.Get("Outrider-Position"))
	weighed := 0
	for i, then := range asked {
		at := then.text("as_of")
		if at == "" { // it had ended, and the live answer says when
			at = c.clock.now().UTC().Format(time.RFC3339Nano)
		}
		got := c.ok("GET", paths[i]+"/why?at="+url.QueryEscape(at), nil)
		if got.text("chain") == "" || got.json["oseq"].(float64) < 5 {
			t.Errorf("it doesn't say as of what: %s", got.body)
		}
		if len(got.list("rules")) > 10 {
			weighed++
		}
		if seq := then.json["oseq"]; seq != nil && seq != got.json["oseq"] {
			continue // the clock had decided something by then, which came to the log a little later
		}
		for _, x := range []string{"as_of", "oseq", "chain"} {
			delete(got.json, x)
			delete(then.json, x)
		}
		if !reflect.DeepEqual(got.json, then.json) {
			t.Errorf("%s/why at %s:\n got %v\nwant %v", paths[i], at, got.json, then.json)
		}
	}
	if weighed < 4 {
		t.Errorf("rules were weighed %d times only", weighed)
	}
	c.refused(404, "not_found", "GET", "/v1/messages/"+anID+"/why?at="+url.QueryEscape(c.clock.now().UTC().Format(time.RFC3339)), nil)
}

func TestThePastHasLimits(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	p, o := played(c)
	now := p.instant()
	thief := w.tenant("growth")
	for _, path := range append(p.paths, "/v1/enrollments/"+o.enrollment+"/why") {
		before := c.refused(404, "not_found", "GET", path+"?at=2020-01-01T00:00:00Z", nil)
		if before.text("detail") != "the organisation's history had not begun then" {
			t.Errorf("got %s", before.body)
		}
		future := c.refused(422, "invalid", "GET", path+"?at="+url.QueryEscape(c.clock.now().Add(time.Hour).UTC().Format(time.RFC3339)), nil)
		if future.text("detail") != "at: lies in the future" {
			t.Errorf("got %s", future.body)
		}
		c.refused(400, "malformed_request", "GET", path+"?at=yesterday", nil)
		thief.refused(404, "not_found", "GET", path+"?at="+now, nil)
	}
	c.refused(404, "not_found", "GET", "/v1/mailboxes/"+o.mailbox+"?at="+now, nil) // removed by then

	// Whom somebody erased since, the past doesn't name either.
	was := p.all[len(p.all)-1].at
	if lead, _ := p.then("/v1/leads/"+o.lead, was); lead["last_name"] != "Confidential" {
		t.Errorf("got %v", lead)
	}
	c.ok("POST", "/v1/leads/"+o.lead+"/erase", nil)
	c.until("/v1/leads/"+o.lead, func(a answer) bool { return a.text("erased_at") != "" })
	lead, _ := p.then("/v1/leads/"+o.lead, was)
	if b, _ := json.Marshal(lead); lead["last_name"] != nil || lead["email"] != nil || len(lead["custom"].(map[string]any)) != 0 || lead["erased_at"] != nil || lead["version"] == nil {
		t.Errorf("got %s", b)
	}

	// A copy that lacks something, or was tampered with, answers nothing: wherever it was cut, changed or made anew.
	damage(t, p, o)
	c.ok("GET", o.path, nil) // the present doesn't rest on it
}

// damage does to the copy what must be noticed, one after the other, and puts it back.
func damage(t *testing.T, p *player, o outreach) {
	t.Helper()
	exec := func(query string, args ...any) {
		t.Helper()
		check(t, p.cfg.Columns.Exec(t.Context(), query, args...))
	}
	exec("CREATE TABLE whole ENGINE = MergeTree ORDER BY oseq AS SELECT * FROM events WHERE org = ?", p.org)
	back := func() {
		t.Helper()
		exec("DELETE FROM events WHERE org = ?", p.org)
		exec("INSERT INTO events SELECT * FROM whole SETTINGS insert_deduplicate = 0")
		p.ok("GET", o.path+"?at="+p.instant(), nil)
	}
	last, _, _ := p.head()
	middle := p.all[len(p.all)/2]
	for name, do := range map[string]func(){
		"a changed event": func() {
			exec("DELETE FROM events WHERE org = ? AND type = 'campaign.renamed.v1'", p.org)
			exec("INSERT INTO events SELECT * REPLACE (replaceOne(data, 'Renamed', 'Tampered') AS data) FROM whole WHERE type = 'campaign.renamed.v1'")
		},
		"one is missing in the middle": func() { exec("DELETE FROM events WHERE org = ? AND oseq = ?", p.org, middle.oseq) },
		"the end is missing":           func() { exec("DELETE FROM events WHERE org = ? AND oseq > ?", p.org, last-2) },
		"all is missing":               func() { exec("DELETE FROM events WHERE org = ?", p.org) },
		"another history with a chain of its own": func() {
			rows, err := (analytics.History{Conn: p.cfg.Columns}).Range(t.Context(), p.org, 1, 0, 1_000_000)
			check(t, err)
			exec("DELETE FROM events WHERE org = ?", p.org)
			batch, err := p.cfg.Columns.PrepareBatch(t.Context(), "INSERT INTO "+analytics.Events().Into)
			check(t, err)
			var chain es.ChainHash
			for _, e := range rows {
				e.Data = bytes.ReplaceAll(e.Data, []byte("Renamed"), []byte("Forgery"))
				chain, _ = es.Link(chain, e, nil)
				e.Chain = chain
				check(t, analytics.Events().Append(batch, e))
			}
			check(t, batch.Send())
		},
	} {
		do()
		p.refused(500, "history_damaged", "GET", o.path+"?at="+p.instant(), nil)
		if name == "one is missing in the middle" || name == "all is missing" { // also asked about the time of just that event
			p.refused(500, "history_damaged", "GET", o.path+"?at="+middle.at, nil)
		}
		if t.Failed() {
			t.Fatalf("that was with %s", name)
		}
		back()
	}
}
