package api_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"outrider/api"
)

// TestProcessesShareAPlan counts what two servers let through together, against what a plan allows in the time that it took.
func TestProcessesShareAPlan(t *testing.T) {
	t.Parallel()
	const plan, some = 60, 40
	w := build(t)
	var processes atomic.Int64
	processes.Store(1)
	for range 2 {
		w.serve(func(c *api.Config) {
			small := c.Plans["enterprise"]
			small.APIRequestsPerMinute = plan
			c.Plans = map[string]eventsLimits{"small": small}
			c.Processes = func() int { return int(processes.Load()) }
		})
	}
	c := w.tenant("small")
	began := time.Now() // whatever is used from now on comes out of two full buckets, or of less
	ask := func(at string) (allowed bool, limit string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+"/v1/plans", nil)
		check(t, err)
		r.Header.Set("Authorization", "Bearer "+c.key)
		res, err := http.DefaultClient.Do(r)
		check(t, err)
		check(t, res.Body.Close())
		if got := res.Header.Get("RateLimit-Policy"); got != `"plan";q=60;w=60` {
			t.Fatalf("the policy is the organisation's, whoever answers: got %q", got)
		}
		return res.StatusCode == http.StatusOK, res.Header.Get("RateLimit")
	}
	processes.Store(2)
	took := 0
	for i := range 4 * plan {
		if allowed, left := ask(w.urls[i%2]); allowed {
			took++
		} else if !strings.HasPrefix(left, `"plan";r=0;t=`) {
			t.Errorf("refused with %s", left)
		}
	}
	// Half a bucket each, and what has come back since, whatever the machine is busy with.
	if most := plan + int(time.Since(began).Minutes()*plan) + 1; took > most {
		t.Errorf("two processes let %d requests through, of a plan that allows %d", took, most)
	}
	if took < some { // w.tenant used a few of one
		t.Errorf("two processes let %d requests through, of a plan that allows %d", took, plan)
	}
}
