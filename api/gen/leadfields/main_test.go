package main

import (
	"os"
	"strings"
	"testing"
)

// Whoever adds a field runs `make generate`.
func TestTheDescriptionHasTheFieldsOfALead(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := insertFields(string(text)); err != nil || out != string(text) {
		t.Errorf("openapi.yaml isn't what the table of fields makes of it; run make generate (%v)", err)
	}
	if _, err := insertFields(strings.Replace(string(text), begin, "# gone", 1)); err == nil {
		t.Error("a schema without a place for the fields goes unnoticed")
	}
}
