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

// leftOutFor says what children of a control run leave out.
func leftOutFor(what string) (string, error) {
	switch what {
	case "", "dedupe", "arbiter", "checkpoint":
		return what, nil
	case "claim":
		return "own claim", nil
	}
	return "", fmt.Errorf("--without %s: there are only dedupe, arbiter, checkpoint and claim", what)
}
