package api_test

import (
	"sync"
	"testing"
)

// Nobody's change rests on what somebody else had read before.
func TestChangesOfAMailboxAtTheSameTimeAllHold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	id := c.verified("sales@ours.test")
	path := "/v1/mailboxes/" + id
	c.until(path, func(a answer) bool { return a.text("status") == "active" })
	changes := []obj{
		{"display_name": "Bob"},
		{"smtp": obj{"host": "smtp.example.net"}},
		{"imap": obj{"host": "imap.example.net"}},
		{"imap": obj{"port": 1993}},
		{"pace": obj{"cap_per_day": 7}},
		{"pace": obj{"gap_seconds": 61}},
		{"pace": obj{"time_zone": "Europe/Paris"}},
	}
	var all sync.WaitGroup
	for _, change := range changes {
		all.Go(func() { c.ok("PATCH", path, change) })
	}
	all.Wait()
	got := c.ok("GET", path, nil)
	smtp, imap, pace := got.json["smtp"].(map[string]any), got.json["imap"].(map[string]any), got.json["pace"].(map[string]any)
	if got.text("display_name") != "Bob" || smtp["host"] != "smtp.example.net" || imap["host"] != "imap.example.net" || imap["port"] != 1993.0 {
		t.Errorf("it is connected as %s", got.body)
	}
	if pace["cap_per_day"] != 7.0 || pace["gap_seconds"] != 61.0 || pace["time_zone"] != "Europe/Paris" {
		t.Errorf("its pace is %s", got.body)
	}
}
