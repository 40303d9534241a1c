package api

import (
	"encoding/json"
	"testing"

	"outrider/api/gen"
	"outrider/internal/leadfields"
)

func TestAnAnswerHasEveryFieldOfALead(t *testing.T) {
	t.Parallel()
	var lead gen.Lead
	for _, f := range leadfields.All() {
		to := leadField(&lead, f.Name)
		if to == nil {
			t.Fatalf("there is no place for %s", f.Name)
		}
		*to = f.Example
	}
	text, err := json.Marshal(lead)
	if err != nil {
		t.Fatal(err)
	}
	var shown map[string]any
	if err := json.Unmarshal(text, &shown); err != nil {
		t.Fatal(err)
	}
	for _, f := range leadfields.All() {
		if shown[f.Name] != f.Example {
			t.Errorf("%s is shown as %v", f.Name, shown[f.Name])
		}
	}
}
