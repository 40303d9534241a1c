package bravelike_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"testing"

	"outrider/internal/lab/bravelike"
)

// make test-brave names a folder that has a client of Brave's API.
func TestAnothersClientWorksWithTheStandIn(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("OUTRIDER_BRAVE")
	if modules == "" {
		t.Skip("make test-brave runs it")
	}
	s := &bravelike.Server{Key: "secret"}
	s.Put(bravelike.Page{URL: "https://alder.example/", Title: "Alder Foods", Description: "Sauces"}, bravelike.Page{URL: "https://other.example/alder", Title: "All about Alder Foods"},
		bravelike.Page{URL: "https://third.example/", Title: "Alder Foods again"})
	server := httptest.NewServer(busyAfter(s, 2))
	t.Cleanup(server.Close)
	run := exec.CommandContext(t.Context(), "node", "sdk/drive.mjs")
	run.Env = append(os.Environ(), "BRAVELIKE_URL="+server.URL, "BRAVELIKE_MODULES="+modules)
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	refused := func(what, code string) []any { return []any{"BraveSearchError", what, code} }
	want := map[string]any{"type": "search", "asked": "Alder Foods", "country": "de", "urls": []any{"https://alder.example/", "https://other.example/alder"}, "none": 0.0, "typed": "",
		"badKey": refused("API error (422)", "SUBSCRIPTION_TOKEN_INVALID"), "tooMany": refused("API error (422)", "VALIDATION"), "busy": refused("Rate limit exceeded", "RATE_LIMITED")}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it saw %v,\nwant %v", got, want)
	}
}
