package demo

import (
	"encoding/json"
	"fmt"

	"outrider/internal/app/client"
)

// findingsOf is what the clock tells at the end of a demonstration: what must not happen, and how often it did.
func findingsOf(r Report) (string, error) {
	arrived := r.Truth.Sent
	var out []client.ClockFinding
	for _, v := range violationRows(r.Violations) {
		out = append(out, client.ClockFinding{Kind: client.ClockFindingKind(v.name), Count: v.n, Of: arrived})
	}
	out = append(out, client.ClockFinding{Kind: client.ClockFindingKindMismatches, Count: len(r.Mismatches), Of: r.Leads.Imported + len(figureRows(r.Truth))})
	text, err := json.Marshal(out)
	if err != nil {
		return "", fmt.Errorf("write down what was found: %w", err)
	}
	return string(text), nil
}
