package hubspotlike_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"testing"

	"outrider/internal/hubspot"
	"outrider/internal/lab/hubspotlike"
)

// make test-hubspot names a Python that has both of HubSpot's clients.
func TestHubSpotsOwnClientWorksWithTheStandIn(t *testing.T) {
	t.Parallel()
	python := os.Getenv("OUTRIDER_HUBSPOT_PYTHON")
	if python == "" {
		t.Skip("make test-hubspot runs it")
	}
	s := hubspotlike.New(hubspotlike.Options{Secret: "secret"})
	s.PutOwner("9", "Olga", "Owner", "olga@ours.example")
	s.PutList("7", s.Put("first@example.com", nil))
	n := s.Notifications("https://ours.example.com/v1/integration-events/hubspot", false, false)[0]
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	run := exec.CommandContext(t.Context(), python, "sdk/drive.py")
	run.Env = append(os.Environ(), "HUBSPOTLIKE_URL="+server.URL, "HUBSPOTLIKE_BODY="+string(n.Body), "HUBSPOTLIKE_SIGNATURE="+n.Headers.Get(hubspot.HeaderSignature), "HUBSPOTLIKE_TIMESTAMP="+n.Headers.Get(hubspot.HeaderTimestamp))
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := map[string]any{"properties": true, "unique": true, "new": []any{true, true}, "traces": []any{"t1", "t2"}, "again": false, "anna": "Anna", "read": "Bob", "changed": "Rome", "found": []any{3.0, 1.0}, "mail": true, "joined": 1.0,
		"out": "COMPLETE", "member": "101", "owner": "Olga", "account": 4711.0, "refused": "VALIDATION_ERROR", "signed": true}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it saw %v,\nwant %v", got, want)
	}
}
