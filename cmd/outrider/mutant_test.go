//go:build !mutants

package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"outrider/internal/lab/mutants"
)

// What could leave a check out is in no package of a released build, so that its name changes nothing.
func TestNothingCanBeLeftOutOfAReleasedBuild(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Fields(string(out)); !slices.Contains(all, "outrider/aggregates") || slices.Contains(all, "outrider/internal/lab/mutants") {
		t.Errorf("a released build has what leaves checks out: %v", all)
	}
	for _, check := range slices.Concat(mutants.Checks(), mutants.Mechanisms()) {
		t.Setenv("OUTRIDER_MUTANT", check)
		if err := leaveOut(); err != nil || mutants.LeftOut(check) {
			t.Errorf("the check of the %s is left out, %v", check, err)
		}
	}
}
