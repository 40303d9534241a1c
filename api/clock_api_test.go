package api_test

import (
	"sync"
	"testing"
	"time"

	"outrider/api"
)

// playedClock is simulated time as a demonstration has it.
type playedClock struct {
	mu     sync.Mutex
	speed  float64
	paused bool
	report string
}

func (p *playedClock) Pace() (float64, bool, time.Time, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	return p.speed, p.paused, from, from.AddDate(0, 0, 21)
}

func (p *playedClock) SetPace(speed float64, paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.speed, p.paused = speed, paused
}

func (p *playedClock) Report() string { return p.report }

func TestTheClockIsChangedOnlyWhereItIsSimulated(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	if got := c.ok("GET", "/v1/clock", nil); got.json["simulated"] != false || got.json["speed"] != 1.0 || got.json["from"] != nil {
		t.Errorf("got %s", got.body)
	}
	c.refused(409, "clock_is_real", "PUT", "/v1/clock", obj{"paused": true})
	played := &playedClock{speed: 3600}
	w.serve(func(cfg *api.Config) { cfg.Clock = played })
	if got := c.ok("PUT", "/v1/clock", obj{"paused": true}); got.json["paused"] != true || got.json["speed"] != 3600.0 || got.json["simulated"] != true || got.text("to") != "2026-03-23T00:00:00Z" {
		t.Errorf("got %s", got.body)
	}
	if got := c.ok("PUT", "/v1/clock", obj{"speed": 0}); got.json["speed"] != 0.0 || got.json["paused"] != true || !played.paused {
		t.Errorf("got %s", got.body)
	}
	if got := c.ok("GET", "/v1/clock", nil); got.json["findings"] != nil {
		t.Errorf("it isn't over, and something was looked for: %s", got.body)
	}
	played.report = `[{"kind":"sent_twice","count":0,"of":1684}]`
	if got := c.ok("GET", "/v1/clock", nil).list("findings"); len(got) != 1 || got[0].(map[string]any)["kind"] != "sent_twice" || got[0].(map[string]any)["of"] != 1684.0 {
		t.Errorf("got %v", got)
	}
	c.refused(422, "invalid", "PUT", "/v1/clock", obj{"speed": -1})
	c.refused(422, "invalid", "PUT", "/v1/clock", obj{})
	c.with("leads:read").refused(403, "forbidden", "PUT", "/v1/clock", obj{"paused": false})
	o := c.launched("none")
	id := c.message(o, "requested")
	c.draft(o, id)
	c.message(o, "scheduled")
	if got := c.ok("GET", "/v1/clock", nil).list("milestones"); len(got) != 0 {
		t.Errorf("nothing was sent, and there is %v", got)
	}
	c.claim(o, id)
	c.sent(o, id)
	at := c.reply(o, id)
	c.ok("GET", "/v1/inbox", nil, "Outrider-Position", at)
	got := c.ok("GET", "/v1/clock", nil).list("milestones")
	if len(got) != 2 || got[0].(map[string]any)["kind"] != "first_send" || got[0].(map[string]any)["message_id"] != id || got[1].(map[string]any)["kind"] != "first_answer" || got[1].(map[string]any)["thread_id"] == nil {
		t.Errorf("got %v", got)
	}
	if got := c.with("leads:read").ok("GET", "/v1/clock", nil).list("milestones"); len(got) != 0 {
		t.Errorf("who may not read messages sees %v", got)
	}
}
