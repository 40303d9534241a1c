//go:build !mutants

package main

import (
	"testing"

	"outrider/aggregates"
	"outrider/internal/es"
)

func TestNothingCanBeLeftOutOfAReleasedBuild(t *testing.T) {
	for _, check := range []string{"stop", "gap", "cap", "window", "claim", "quota", "dedupe", "arbiter", "checkpoint", "own claim"} {
		t.Setenv("OUTRIDER_MUTANT", check)
		if err := leaveOut(); err != nil || aggregates.LeftOut(check) || es.LeftOut(check) {
			t.Errorf("the check of the %s is left out, %v", check, err)
		}
	}
}
