//go:build mutants

package main

import (
	"fmt"
	"os"

	"outrider/internal/lab/mutants"
)

// leaveOut reads which check or mechanism of the product this process leaves out, and says so.
func leaveOut() error {
	check := os.Getenv("OUTRIDER_MUTANT")
	if err := mutants.LeaveOut(check); err != nil {
		return fmt.Errorf("OUTRIDER_MUTANT: %w", err)
	}
	if check != "" {
		fmt.Fprintf(os.Stderr, "outrider: this build is wrong on purpose: it leaves out the %s\n", check)
	}
	return nil
}
