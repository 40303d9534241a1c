package api_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/reader"
)

// logLength is how many records lie in the log, whatever they say.
func (w *world) logLength() (n int64) {
	w.t.Helper()
	cl, err := w.kafka.Open()
	check(w.t, err)
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListEndOffsets(w.t.Context(), w.kafka.Events())
	check(w.t, err)
	check(w.t, ends.Error())
	ends.Each(func(o kadm.ListedOffset) { n += o.Offset })
	return n
}

// processes serves the world by three servers, and returns their addresses.
func (w *world) processes() []string {
	w.t.Helper()
	w.serve(nil)
	w.serve(nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.urls...)
}

// repeat posts a form so many times, at several servers in turn and eight at a time; it returns how often each status came.
func (w *world) repeat(n int, urls []string, path string, form ...string) map[int]int {
	w.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	var mu sync.Mutex
	counts := map[int]int{}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := worker; i < n; i += 8 {
				req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, urls[i%len(urls)]+path, strings.NewReader(values.Encode()))
				if err != nil {
					w.t.Error(err)
					return
				}
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					w.t.Error(err)
					return
				}
				resp.Body.Close()
				mu.Lock()
				counts[resp.StatusCode]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return counts
}

func TestAnUnsubscribeLinkThatIsRepeatedLeavesNothing(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	urls := c.processes()
	c.seen(200, "POST", l.leave(), browser, "confirm", "page")
	once := c.logLength()
	if got := c.repeat(1000, urls, l.leave(), "List-Unsubscribe", "One-Click"); got[200] != 1000 { // nobody waited for the read model
		t.Errorf("answers: %v", got)
	}
	if why := l.stopped(); why != "unsubscribed" {
		t.Errorf("stopped: %s", why)
	}
	if got := c.repeat(100, urls, l.leave(), "List-Unsubscribe", "One-Click"); got[200] != 100 {
		t.Errorf("answers once it is visible: %v", got)
	}
	if n := c.logLength(); n != once {
		t.Errorf("the log has grown by %d records", n-once)
	}
	c.clock.forward(25 * time.Hour) // beyond what is remembered of command ids
	later := c.logLength()
	if got := c.repeat(50, urls, l.leave(), "List-Unsubscribe", "One-Click"); got[200] != 50 {
		t.Errorf("answers a day later: %v", got)
	}
	if n := c.personCommands(); n != 1 {
		t.Errorf("%d commands of a person were decided a day later (the log has %d records more)", n, c.logLength()-later)
	}
}

func TestWhoIsMailedAgainCanUnsubscribeAgain(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	for range 3 { // within one hour, by one link
		c.seen(200, "POST", l.leave(), browser, "confirm", "page")
		c.seen(200, "POST", l.leave(), browser, "confirm", "page")
		if n := l.suppressions(); n != 1 {
			for n = l.suppressions(); n != 1; n = l.suppressions() { // the read model comes
				time.Sleep(10 * time.Millisecond)
			}
		}
		for _, row := range c.ok("GET", "/v1/suppressions", nil).list("data") {
			a := c.do("DELETE", "/v1/suppressions/"+row.(map[string]any)["id"].(string), nil)
			if a.status != 204 {
				t.Fatalf("lift: %d %s", a.status, a.body)
			}
			c.ok("GET", "/v1/suppressions", nil, "Outrider-Position", a.header.Get("Outrider-Position"))
			c.ok("GET", "/v1/leads/"+l.lead.String()+"/timeline", nil, "Outrider-Position", a.header.Get("Outrider-Position"))
		}
		if n := l.suppressions(); n != 0 {
			t.Fatalf("%d suppressions are left", n)
		}
	}
	c.seen(200, "POST", l.leave(), google, "List-Unsubscribe", "One-Click")
	for l.suppressions() != 1 {
		time.Sleep(10 * time.Millisecond)
	}
}

func TestABookingLinkThatIsRepeatedLeavesNothing(t *testing.T) {
	t.Parallel()
	c := letters(t)
	c.hours()
	l, other := c.sent("ann@acme.test", "", time.Hour), c.sent("bob@other.test", "", time.Hour)
	offered := slots(c.seen(200, "GET", l.book(), browser))
	urls := c.processes()
	form := []string{"slot", offered[3], "name", "Ann"}
	says(t, c.seen(200, "POST", l.book(), browser, form...), "Your meeting is booked")
	once := c.logLength()
	got := c.repeat(1000, urls, l.book(), form...)
	if got[200]+got[429] != 1000 || got[200] < 15 || got[429] == 0 {
		t.Errorf("answers: %v", got)
	}
	if n := c.logLength(); n != once {
		t.Errorf("the log has grown by %d records", n-once)
	}
	for _, slot := range []string{offered[3], offered[3][:17] + "01Z", "2020-01-01T09:00:00Z"} { // taken, no slot, over
		if got := c.repeat(100, urls, other.book(), "slot", slot, "name", "Bob"); got[409]+got[429] != 100 {
			t.Errorf("answers for %s: %v", slot, got)
		}
	}
	if n := c.logLength(); n != once {
		t.Errorf("what can't be booked has made the log grow by %d records", n-once)
	}
	page := c.visit("POST", other.book(), browser, "slot", offered[5], "name", "Bob")
	if page.status != 429 || page.header.Get("Retry-After") == "" || !bytes.Contains(page.body, []byte("Please wait a little")) {
		t.Errorf("beyond the limit: %d %s", page.status, page.body)
	}
}

// personCommands counts the commands of persons that stand in the log.
func (w *world) personCommands() int {
	w.t.Helper()
	ids := map[uuid.UUID]bool{}
	for p := range w.kafka.Partitions {
		_, _, err := reader.Scan(w.t.Context(), w.kafka, reader.Config{Partition: p, From: es.StartCheckpoint(), Decode: events.Decode}, 0, func(_ context.Context, b reader.Batch) error {
			for _, e := range b.Events {
				if e.Actor.Kind == es.ActorPerson {
					ids[e.CommandID] = true
				}
			}
			return nil
		})
		check(w.t, err)
	}
	return len(ids)
}

func TestWhoIsSuppressedAlreadyIsAnsweredWithoutACommand(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	h, err := c.cfg.Vault.Hasher(t.Context(), c.org)
	check(t, err)
	c.command(commands.AddSuppressions{Items: []commands.SuppressionItem{{Kind: "address", Hash: h.AddressHash("ann@acme.test").String(), Reason: "manual"}}})
	if why := l.stopped(); why != "suppressed" {
		t.Errorf("stopped: %s", why)
	}
	c.seen(200, "POST", l.leave(), browser, "confirm", "page")
	if n := c.personCommands(); n != 0 {
		t.Errorf("%d commands were decided", n)
	}
}
