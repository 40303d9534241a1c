//go:build mutants

package main

import (
	"fmt"
	"os"
	"slices"

	"outrider/aggregates"
	"outrider/internal/es"
)

// leaveOut reads which check of the product this process leaves out, and says so.
func leaveOut() error {
	check := os.Getenv("OUTRIDER_MUTANT")
	if slices.Contains(es.Mechanisms(), check) {
		fmt.Fprintf(os.Stderr, "outrider: this build is wrong on purpose: it leaves out the %s\n", check)
		return es.LeaveOut(check)
	}
	if err := aggregates.LeaveOut(check); err != nil {
		return fmt.Errorf("OUTRIDER_MUTANT: %w", err)
	}
	if check != "" {
		fmt.Fprintf(os.Stderr, "outrider: this build is wrong on purpose: it leaves out the check of the %s\n", check)
	}
	return nil
}
