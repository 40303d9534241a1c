package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// What only plays, measures, breaks or tests the product isn't built into a server, nor what would link it dynamically (purego).
func TestAServerHasNoLab(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "server", "-f", `{{.ImportPath}} {{join .Imports " "}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		name, imports := words[0], words[1:]
		for _, part := range []string{"outrider/internal/lab", "toxiproxy", "porcupine", "kfake", "purego", "testing/fstest", "prospects", "chaos", "pgregory.net/rapid", "stretchr/testify"} {
			if strings.Contains(name, part) {
				t.Errorf("%s is in a server", name)
			}
		}
		if strings.HasPrefix(name, "outrider/") {
			ours++
		}
		// Fiber's utils hold assertions, so package testing itself is linked in by them; by nobody else.
		if slices.Contains(imports, "testing") && name != "github.com/gofiber/fiber/v2/utils" && name != "testing/iotest" {
			t.Errorf("%s imports testing in a server", name)
		}
	}
	if ours < 20 {
		t.Errorf("only %d packages of ours were looked at", ours)
	}
}
