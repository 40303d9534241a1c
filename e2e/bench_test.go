package e2e

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// TestTheBenchesOfSendingAndTrackingCount lets them run small: they fail by themselves where a message is sent twice or never, and where a hit that
// was answered isn't recorded.
func TestTheBenchesOfSendingAndTrackingCount(t *testing.T) {
	t.Parallel()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	measure := func(out any, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), bin, append(append([]string{"bench"}, args...), "--kafka", broker())...)
		text, err := cmd.Output()
		if err == nil {
			err = json.Unmarshal(text, out)
		}
		if err != nil {
			t.Errorf("%v: %v: %s", args, err, text)
		}
	}
	var sent struct {
		Rate      float64
		DraftRate float64 `json:"draft_rate"`
		Use       map[string]any
	}
	measure(&sent, "send", "--messages", "150", "--organizations", "2", "--mailboxes", "2", "--json")
	if sent.Rate <= 0 || sent.DraftRate <= 0 || sent.Use["server"] == nil || sent.Use["mail"] == nil {
		t.Errorf("send: got %+v", sent)
	}
	var tracked struct{ Hits, Recorded, Clicks, Errors int }
	measure(&tracked, "track", "--messages", "20", "--organizations", "2", "--concurrency", "8", "--clicks", "0.25", "--seconds", "600", "--json")
	if tracked.Recorded != tracked.Hits || tracked.Hits < 20*20 || tracked.Clicks == 0 || tracked.Errors != 0 {
		t.Errorf("track: got %+v", tracked)
	}
}
