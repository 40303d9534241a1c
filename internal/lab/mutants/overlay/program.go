package overlay

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// ProgramVariable names a wrong program that was built just now, as make test does it.
const ProgramVariable = "OUTRIDER_TEST_MUTANTS"

// Program returns the program that is wrong on purpose: the one that was built just now, else one that is built into a folder, as make build-mutants does it. It isn't
// optimised: nearly everything is compiled anew for it, which takes two fifths less so. Root is the module's.
func Program(ctx context.Context, root, folder string) (string, error) {
	if built := os.Getenv(ProgramVariable); built != "" {
		return built, nil
	}
	list, err := Write(root, folder)
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "outrider-mutants")
	build := exec.CommandContext(ctx, "go", "build", "-tags", "mutants", "-overlay", list, "-gcflags=outrider/...=-N -l -dwarf=false", "-ldflags=-w", "-o", program, "outrider/cmd/outrider")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return program, nil
}
