//go:build mutants

package storm_test

import "outrider/internal/lab/mutants"

// leaveOut makes the processors of the control run decide again what they know.
func leaveOut() error { return mutants.LeaveOut("dedupe") }
