//go:build !mutants

package commands

import "testing"

func TestAControlRunNeedsTheOtherBuild(t *testing.T) {
	if _, err := leftOutFor("dedupe"); err == nil {
		t.Error("a released build leaves dedupe out")
	}
}
