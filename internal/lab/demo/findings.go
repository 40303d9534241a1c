package demo

import (
	"encoding/json"
	"fmt"
)

// finding is the API's ClockFinding.
type finding struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
	Of    int    `json:"of"`
}

// findingsOf is what the clock tells at the end of a demonstration: what must not happen, and how often it did.
func findingsOf(r Report) (string, error) {
	var out []finding
	for _, v := range violationRows(r.Violations) {
		out = append(out, finding{v.name, v.n, r.Truth.Sent})
	}
	out = append(out, finding{"mismatches", len(r.Mismatches), r.Leads.Imported + len(figureRows(r.Truth))})
	text, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("write down what was found: %w", err)
	}
	return string(text), nil
}
