package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// told is one event of a stream.
type told struct {
	Oseq                    int64
	Type, Subject, Position string
	Text                    string
	Refs                    struct {
		Lead       string `json:"lead_id"`
		Campaign   string `json:"campaign_id"`
		Message    string `json:"message_id"`
		Enrollment string `json:"enrollment_id"`
		Thread     string `json:"thread_id"`
	}
}

// stream is a client that listens.
type stream struct {
	t      *testing.T
	events chan told
	end    context.CancelFunc
}

func (c *client) stream(t *testing.T, query string, headers ...string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url()+"/v1/events"+query, nil)
	check(t, err)
	req.Header.Set("Authorization", "Bearer "+c.key)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	check(t, err)
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("got %d %v", resp.StatusCode, resp.Header)
	}
	s := &stream{t, make(chan told, 10_000), cancel}
	go func() {
		defer close(s.events)
		defer resp.Body.Close()
		id := ""
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				id = value
			case "data":
				if ctx.Err() != nil {
					return // in the middle of a line
				}
				var e told
				if err := json.Unmarshal([]byte(value), &e); err != nil || strconv.FormatInt(e.Oseq, 10) != id {
					t.Errorf("id %s with %s: %v", id, value, err)
				}
				s.events <- e
			}
		}
	}()
	return s
}

func (s *stream) next() told {
	s.t.Helper()
	select {
	case e, ok := <-s.events:
		if !ok {
			s.t.Fatal("the stream ended")
		}
		return e
	case <-time.After(5 * time.Minute):
		s.t.Fatal("nothing is told")
	}
	return told{}
}

func TestAStreamHasNoGapAndNothingTwice(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	c, other := w.tenant("enterprise"), w.tenant("enterprise")
	const writers, each = 4, 25
	heard := make(chan int64, 1)
	go func() { // comes back again and again, each time behind the last event that it heard of
		last := int64(0)
		defer func() { heard <- last }()
		for n := 0; last < 2+writers*each; n++ { // created, the key's, and a lead each
			s := c.stream(t, "?after="+strconv.FormatInt(last, 10))
			for range 7 + n*3 {
				e := s.next()
				if e.Oseq != last+1 {
					t.Errorf("event %d follows %d", e.Oseq, last)
				}
				if last = e.Oseq; last >= 2+writers*each {
					break
				}
			}
			s.end()
		}
	}()
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for n := range each {
				c.ok("POST", "/v1/leads", obj{"email": "a" + strconv.Itoa(i) + "." + strconv.Itoa(n) + "@acme.test"})
				other.ok("POST", "/v1/leads", obj{"email": "b" + strconv.Itoa(i) + "." + strconv.Itoa(n) + "@acme.test"})
			}
		})
	}
	all.Wait()
	if last := <-heard; last < writers*each {
		t.Errorf("heard of %d events", last)
	}
}

func TestWhatAStreamTellsIsThereAndNotPersonal(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	c, other := w.tenant("enterprise"), w.tenant("enterprise")
	leads, all := c.stream(t, "?types=lead.created,campaign."), c.stream(t, "")
	other.ok("POST", "/v1/leads", obj{"email": "spy@other.test"})
	c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "domain", "value": "bad.test"}}})
	lead := c.ok("POST", "/v1/leads", obj{"email": "ann@acme.test"})
	if e := all.next(); e.Type != "suppression.added.v2" {
		t.Errorf("got %+v", e)
	}
	e := leads.next()
	if e.Type != "lead.created.v2" || e.Subject != lead.text("id") || e.Position == "" {
		t.Errorf("got %+v", e)
	}
	c.ok("GET", "/v1/leads/"+e.Subject, nil) // without waiting for anything
	if a := c.do("GET", "/v1/leads/"+e.Subject, nil, "Outrider-Position", e.Position); a.status != 200 {
		t.Errorf("a read that waits for an event's position answered %d: %v", a.status, a.body)
	}
	from := c.stream(t, "", "Last-Event-ID", strconv.FormatInt(e.Oseq-1, 10))
	if got := from.next(); got != e {
		t.Errorf("got %+v, want %+v", got, e)
	}
	for _, query := range []string{"?after=-1", "?after=x", "?types=,", "?types=A"} {
		c.refused(400, "malformed_request", "GET", "/v1/events"+query, nil)
	}
	c.refused(400, "malformed_request", "GET", "/v1/events", nil, "Last-Event-ID", "x")
}

func TestStreamsEndWithTheServer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveColumns()
	s := w.tenant("enterprise").stream(t, "?after=0")
	s.next()
	// The world's clean-up fails if the server waits for the stream.
}

// TestAStreamTellsWhatItsListenerMayRead listens as somebody who may see leads alone, and as somebody who may see everything.
func TestAStreamTellsWhatItsListenerMayRead(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	c := w.tenant("enterprise")
	all, leads := c.stream(t, ""), c.with("leads:read").stream(t, "")
	o := c.launched("all")
	id := c.message(o, "requested")
	c.draft(o, id)
	last := c.ok("POST", "/v1/leads", obj{"email": "last@victim.test"}).text("id")
	seen := map[string]told{}
	for e := all.next(); e.Refs.Lead != last; e = all.next() {
		seen[e.Type] = e
	}
	drafted := seen["message.drafted.v1"]
	if drafted.Refs.Message != id || drafted.Refs.Lead != o.lead || drafted.Refs.Campaign != o.campaign || drafted.Refs.Enrollment != o.enrollment || drafted.Refs.Thread == "" || drafted.Text == "" {
		t.Errorf("got %+v", drafted)
	}
	heard := 0
	for e := leads.next(); ; e = leads.next() {
		heard++
		if !strings.HasPrefix(e.Type, "lead.") {
			t.Errorf("who may see leads hears of %+v", e)
		}
		if e.Refs.Lead == last {
			break
		}
	}
	if heard != 2 {
		t.Errorf("heard of %d events, not of two leads", heard)
	}
}
