package overlay_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"outrider/internal/lab/mutants"
	"outrider/internal/lab/mutants/overlay"
)

const root = "../../../.."

// The wrong build must go on being wrong: who changes a function that it rewrites sees it here.
func TestEveryCheckIsLeftOutSomewhere(t *testing.T) {
	t.Parallel()
	files, err := overlay.Apply(root, overlay.Rewrites(), overlay.Additions())
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, text := range files {
		all.Write(text)
	}
	for _, what := range slices.Concat(mutants.Checks(), mutants.Mechanisms()) {
		if !strings.Contains(all.String(), `mutants.LeftOut("`+what+`")`) {
			t.Errorf("nothing asks whether %s is left out", what)
		}
	}
}

func TestARewriteThatFitsNoLongerIsAnError(t *testing.T) {
	t.Parallel()
	for what, r := range map[string]overlay.Rewrite{
		"a function that is gone":  {Dir: "aggregates", Func: "Enrollment.Hold", Replace: "return nil"},
		"a folder that is gone":    {Dir: "aggregate", Func: "Enrollment.Stop", Replace: "return nil"},
		"text that is gone":        {Dir: "aggregates", Func: "Enrollment.Stop", Find: "if reason == nil", Replace: "if true"},
		"text that is there twice": {Dir: "aggregates", Func: "Enrollment.Stop", Find: "out", Replace: "in"},
		"text of another function": {Dir: "aggregates", Func: "Enrollment.Stop", Find: "func capHourRule", Replace: ""},
	} {
		if _, err := overlay.Apply(root, []overlay.Rewrite{r}, nil); !errors.Is(err, overlay.ErrStale) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := overlay.Apply(root, []overlay.Rewrite{{Dir: "aggregates", Func: "Enrollment.Stop", Replace: "if {"}}, nil); err == nil {
		t.Error("what isn't Go is no error")
	}
}

func TestABuildWithoutTheOverlayLeavesNothingOut(t *testing.T) {
	t.Parallel()
	if err := mutants.LeaveOut("stop"); !errors.Is(err, mutants.ErrNoOverlay) {
		t.Error(err)
	}
}
