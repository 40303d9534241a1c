package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// attacked is a line of `outrider hostile --json`, as far as it is looked at.
type attacked struct {
	Attack string
	Alive  bool
	Wrong  []string
}

// sampledAttacks are those of `make test-hostile` that every test run makes: one of each kind, none that waits for slow servers.
var sampledAttacks = []string{"mail servers of all kinds", "connections", "uploads", "keys", "one message", "many callers", "inboxes", "forged", "clocks"}

// TestAttacksEndWithAllAliveAndRight is a sample of `make test-hostile`. How long a neighbour waited is printed and not judged: other tests have the machine too.
func TestAttacksEndWithAllAliveAndRight(t *testing.T) {
	t.Parallel()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "outrider-e2e-hostile-")
	if err == nil {
		err = os.Chmod(dir, 0o755) // Postgres runs as another user when we are root
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cmd := exec.CommandContext(t.Context(), bin, "hostile", "--short", "--for", "1s", "--json", "--in", dir, "--only", strings.Join(sampledAttacks, ","))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, failed := cmd.Output()
	lines := 0
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); lines++ {
		t.Logf("%s", s.Bytes())
		var l attacked
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if !l.Alive || len(l.Wrong) > 0 {
			t.Errorf("%s: alive: %v, wrong: %s", l.Attack, l.Alive, strings.Join(l.Wrong, "; "))
		}
	}
	if failed != nil || lines < len(sampledAttacks)+1 {
		t.Errorf("%d attacks, then %v\n%s", lines, failed, errs.String())
	}
}
