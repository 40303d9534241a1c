package api_test

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"outrider/api"
)

// hasty is a ClickHouse that leaves a request time for a few events only.
type hasty struct {
	driver.Conn
	events atomic.Int64 // of a read; 0 = all
}

func (h *hasty) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	rows, err := h.Conn.Query(ctx, query, args...)
	if n := h.events.Load(); err == nil && n > 0 && strings.Contains(query, "FROM events WHERE org") {
		return &hastyRows{Rows: rows, left: n}, nil
	}
	return rows, err
}

type hastyRows struct {
	driver.Rows
	left int64
}

func (r *hastyRows) Next() bool {
	r.left--
	return r.left >= 0 && r.Rows.Next()
}

func (r *hastyRows) Err() error {
	if r.left < 0 {
		return context.DeadlineExceeded
	}
	return r.Rows.Err()
}

// hurry plays a history, and serves it with a ClickHouse that is slow when told.
func hurry(t *testing.T) (*player, outreach, *hasty) {
	t.Helper()
	w := build(t)
	w.serveColumns()
	p, o := played(w.tenant("enterprise"))
	h := &hasty{Conn: w.cfg.Columns}
	w.serve(func(c *api.Config) { c.Columns = h })
	return p, o, h
}

// came says up to which event a fold came that had no time; 0 = it is answered.
func (p *player) came(a answer) (event int) {
	p.t.Helper()
	if a.status != 503 {
		return 0
	}
	if _, err := fmt.Sscanf(a.text("detail"), "the history is long: it was read up to event %d of at most", &event); err != nil || a.text("code") != "history_long" || a.header.Get("Retry-After") != "1" {
		p.t.Fatalf("got %s", a.body)
	}
	return event
}

// patiently asks until there is an answer, and says how far each question came.
func (p *player) patiently(path string) (a answer, steps []int) {
	p.t.Helper()
	for {
		a = p.whenVisible("GET", path, nil)
		event := p.came(a)
		if event == 0 {
			return a, steps
		}
		if len(steps) > 0 && event <= steps[len(steps)-1] {
			p.t.Fatalf("%s came to event %d, then to event %d", path, steps[len(steps)-1], event)
		}
		steps = append(steps, event)
	}
}

func TestALongFoldIsGoneOnWith(t *testing.T) {
	t.Parallel()
	p, o, h := hurry(t)
	for i, was := range []recorded{p.all[len(p.all)/3], p.all[len(p.all)*2/3], p.all[len(p.all)-1]} {
		for _, path := range append(p.paths, "/v1/enrollments/"+o.enrollment+"/why") {
			path += "?at=" + was.at
			h.events.Store(0)
			want := p.whenVisible("GET", path, nil)
			h.events.Store([]int64{1, 7, 10}[i]) // in a request
			got, steps := p.patiently(path)
			if got.status != want.status || !reflect.DeepEqual(got.json["as_of"], want.json["as_of"]) || got.status == 200 && !reflect.DeepEqual(got.json, want.json) {
				t.Errorf("%s:\n got %s\nwant %s", path, got.body, want.body)
			}
			if len(steps) < int(was.oseq)/11 {
				t.Errorf("%s came to %v", path, steps)
			}
		}
	}

	// A later instant goes on there as well, an earlier one can't.
	h.events.Store(10)
	early, middle, late := o.path+"?at="+p.all[1].at, o.path+"?at="+p.all[len(p.all)-2].at, o.path+"?at="+p.instant()
	for _, x := range []struct {
		path string
		to   int
	}{{middle, 10}, {middle, 20}, {late, 30}, {early, 10}} {
		a := p.whenVisible("GET", x.path, nil)
		if event := p.came(a); event != x.to {
			t.Errorf("%s came to event %d, not %d: %s", x.path, event, x.to, a.body)
		}
	}
	p.patiently(early)

	// Those who ask the same at once share the work.
	var mu sync.Mutex
	seen := map[int]bool{}
	var g errgroup.Group
	for range 3 {
		g.Go(func() error {
			for {
				a := p.do("GET", late, nil)
				event := p.came(a)
				mu.Lock()
				again := seen[event]
				seen[event] = true
				mu.Unlock()
				if event == 0 || again {
					return nil
				}
			}
		})
	}
	check(t, g.Wait())
	if !seen[0] || len(seen) < 3 {
		t.Errorf("they came to %v", seen)
	}
}

func TestAKeptFoldIsCheckedAsAnyOther(t *testing.T) {
	t.Parallel()
	p, o, h := hurry(t)
	exec := func(query string, args ...any) {
		t.Helper()
		check(t, p.cfg.Columns.Exec(t.Context(), query, args...))
	}
	path := o.path + "?at=" + p.instant()
	h.events.Store(7)
	for _, to := range []int{7, 14} {
		if event := p.came(p.do("GET", path, nil)); event != to {
			t.Fatalf("it came to event %d, not %d", event, to)
		}
	}
	exec("CREATE TABLE whole ENGINE = MergeTree ORDER BY oseq AS SELECT * FROM events WHERE org = ?", p.org)
	exec("DELETE FROM events WHERE org = ? AND oseq = 17", p.org)
	exec("INSERT INTO events SELECT * REPLACE (concat(data, ' ') AS data) FROM whole WHERE oseq = 17")
	p.refused(500, "history_damaged", "GET", path, nil)
	exec("DELETE FROM events WHERE org = ? AND oseq = 17", p.org)
	exec("INSERT INTO events SELECT * FROM whole WHERE oseq = 17 SETTINGS insert_deduplicate = 0")
	if a, steps := p.patiently(path); a.status != 200 || steps[0] != 7 {
		t.Errorf("after a damage it came to %v: %s", steps, a.body)
	}
}

func TestAKeptFoldForgetsWhoIsErased(t *testing.T) {
	t.Parallel()
	p, o, h := hurry(t)
	lead, last := parsed(o.lead), p.all[len(p.all)-1]
	path := "/v1/leads/" + o.lead + "?at=" + url.QueryEscape(p.clock.now().UTC().Format(time.RFC3339Nano))
	if a := p.ok("GET", path, nil); a.text("last_name") != "Confidential" {
		t.Fatalf("got %s", a.body)
	}
	h.events.Store(last.oseq * 2 / 3)
	event := p.came(p.do("GET", path, nil))
	check(t, p.cfg.Vault.Erase(t.Context(), p.org, lead)) // nothing but the key: the row doesn't know yet
	if again := p.came(p.do("GET", path, nil)); again != event {
		t.Errorf("it went on from event %d to %d", event, again)
	}
	if a, _ := p.patiently(path); a.status != 200 || a.json["last_name"] != nil || a.json["email"] != nil {
		t.Errorf("got %s", a.body)
	}
}
