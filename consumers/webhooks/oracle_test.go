package webhooks

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"outrider/internal/app/webhooks"
	"outrider/internal/es"
)

// make test-webhooks names a Python that has both libraries.
func TestLibrariesOfOthersVerifyDeliveriesOverARotation(t *testing.T) {
	t.Parallel()
	python := os.Getenv("OUTRIDER_WEBHOOK_PYTHON")
	if python == "" {
		t.Skip("make test-webhooks runs it")
	}
	w, org := setup(t), es.NewID()
	x, s := listen(t, nil), w.sender(onLoopback)
	hook, first := w.add(org, x.URL, false)
	var lines bytes.Buffer
	next := func(secrets ...string) {
		w.happen(org, sent(es.NewID()))
		w.drain(s)
		all := x.all()
		r, headers := all[len(all)-1], map[string]string{}
		for name := range r.header {
			headers[strings.ToLower(name)] = r.header.Get(name)
		}
		check(t, json.NewEncoder(&lines).Encode(map[string]any{"secrets": secrets, "headers": headers, "body": r.body}))
	}
	next(first)
	second, err := webhooks.RotateSecret(t.Context(), w.vault, org, hook, es.NewID(), w.clock().Add(time.Minute))
	check(t, err)
	next(first, second)
	w.pass(time.Minute)
	next(second)
	run := exec.CommandContext(t.Context(), python, "testdata/verify.py")
	run.Stdin = &lines
	out, err := run.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "8" { // two libraries, by one, two and one secrets
		t.Errorf("%v: %s", err, out)
	}
}
