package api_test

import (
	"testing"

	"outrider/api"
)

// count counts log lines.
func (l *lines) count(match func(map[string]any) bool) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if match(line) {
			n++
		}
	}
	return n
}

func TestWrongKeysOfAnAddressAreBounded(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	c.ok("GET", "/v1/leads", nil)
	fresh := c.with("leads:read")
	statuses := map[int]int{}
	for i := range 200 {
		wrong := &client{world: w, key: c.key[:len(c.key)-4] + []string{"aaaa", "bbbb", "cccc"}[i%3]}
		a := wrong.do("GET", "/v1/leads", nil)
		statuses[a.status]++
		if a.status == 429 && a.header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
	if statuses[401] != 30 || statuses[429] != 170 {
		t.Errorf("got %v", statuses)
	}
	c.ok("GET", "/v1/leads", nil)                                              // shares the address
	if a := (&client{world: w}).do("GET", "/v1/leads", nil); a.status != 401 { // no key is nothing to be looked up
		t.Errorf("without a key: %d", a.status)
	}
	if a := fresh.do("GET", "/v1/leads", nil); a.status != 429 { // nobody knows it here yet
		t.Errorf("a key that wasn't used before: %d", a.status)
	}
	if n := w.log.count(func(l map[string]any) bool {
		return l["msg"] == "request" && l["key"] == nil && l["outcome"] == "refused"
	}); n == 0 || n > 2 {
		t.Errorf("%d lines were written for 200 requests without a key", n)
	}
	w.serve(func(*api.Config) {}) // another process has its own counts
	fresh.ok("GET", "/v1/leads", nil)
}
