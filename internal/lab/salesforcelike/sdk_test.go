package salesforcelike_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"testing"

	"outrider/internal/lab/salesforcelike"
)

// make test-salesforce names a folder that has jsforce.
func TestJsforceWorksWithTheStandIn(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("OUTRIDER_JSFORCE")
	if modules == "" {
		t.Skip("make test-salesforce runs it")
	}
	s := salesforcelike.New(salesforcelike.Options{Client: "client", Secret: "secret", PageSize: 2})
	s.PutView("Lead", "00Bxx01", "Everybody", "Company = 'Acme'")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	run := exec.CommandContext(t.Context(), "node", "sdk/drive.mjs")
	run.Env = append(os.Environ(), "SALESFORCELIKE_URL="+server.URL, "SALESFORCELIKE_MODULES="+modules)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := map[string]any{"challenge": true, "refreshed": 1.0, "organization": s.Account(), "external": true, "made": []any{true, true}, "again": []any{true, false, true}, "severalSays": "MULTIPLE_CHOICES",
		"collection": []any{"ok", "REQUIRED_FIELD_MISSING", "DUPLICATE_EXTERNAL_ID"}, "updated": []any{"ok", "ENTITY_IS_DELETED"}, "task": true, "found": []any{[]any{"ann@example.com", true}}, "all": 4.0, "tasks": []any{"sent:1"},
		"listed": 1.0, "refused": "INVALID_FIELD", "blank": "REQUIRED_FIELD_MISSING", "gone": true, "usage": 10_000_000.0}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it saw %v,\nwant %v", got, want)
	}
}
