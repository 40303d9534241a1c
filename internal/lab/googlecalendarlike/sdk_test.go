package googlecalendarlike_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"testing"

	"outrider/internal/lab/googlecalendarlike"
)

// make test-google-calendar names a Python that has Google's client.
func TestGooglesOwnClientWorksWithTheStandIn(t *testing.T) {
	t.Parallel()
	python := os.Getenv("OUTRIDER_GOOGLE_PYTHON")
	if python == "" {
		t.Skip("make test-google-calendar runs it")
	}
	s := googlecalendarlike.New("", nil)
	s.PutCalendar("team", "Team", "Europe/Berlin", "writer")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	run := exec.CommandContext(t.Context(), python, "sdk/drive.py")
	run.Env = append(os.Environ(), "GOOGLECALENDARLIKE_URL="+server.URL)
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := map[string]any{"calendars": []any{googlecalendarlike.Account, "team"}, "primary": googlecalendarlike.Account, "link": true, "again": []any{409.0, "duplicate"},
		"busy": []any{map[string]any{"start": "2026-03-29T00:30:00Z", "end": "2026-03-29T01:30:00Z"}}, "nobody": "notFound", "stale": []any{412.0, "conditionNotMet"}, "moved": "2026-03-30T09:00:00Z", "new_etag": true, "ends": true,
		"changes": []any{[]any{"0123456789abcdef", "cancelled"}}, "gone": []any{410.0, "deleted"}, "old_token": []any{410.0, "fullSyncRequired"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it saw %v,\nwant %v", got, want)
	}
}
