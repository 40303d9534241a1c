package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/node"
	"outrider/internal/audit"
	"outrider/internal/es"
)

// exported is an export of one event, signed by the key of a data folder.
func exported(t *testing.T, f *node.Folder, org uuid.UUID) []byte {
	t.Helper()
	ring, err := audit.LoadKeyring(f.Keys().Audit())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	e := &es.Event{ID: uuid.New(), Type: "a.b.v1", Org: org, Oseq: 1, Time: now, Data: []byte(`{"n":1}`)}
	e.Chain, _ = es.Link(es.ChainHash{}, e, nil)
	var out bytes.Buffer
	w, err := audit.NewWriter(&out, ring, org, 0, es.ChainHash{}, now)
	if err == nil {
		err = w.Event(e)
	}
	if err == nil {
		_, err = w.Close(now)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAuditVerifyNeedsTheFileAndTheKeyOnly(t *testing.T) {
	t.Parallel()
	f := &node.Folder{Data: t.TempDir()}
	if err := (auditKeyCmd{}).Run(f); err == nil || !strings.Contains(err.Error(), "there is no audit key yet") {
		t.Errorf("without a key: %v", err)
	}
	if err := os.MkdirAll(f.Keys().Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	org := uuid.New()
	good := exported(t, f, org)
	ring, err := audit.LoadKeyring(f.Keys().Audit())
	if err != nil {
		t.Fatal(err)
	}
	ours := ring.Public()[0]
	write := func(name string, b []byte) string {
		path := filepath.Join(f.Data, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file := write("good.jsonl", good)
	bad := write("bad.jsonl", bytes.Replace(good, []byte(`"n":1`), []byte(`"n":2`), 1))
	keys := write("keys.txt", []byte("# of the operator\n"+ours.ID+" "+ours.String()+"\n"))
	other, err := audit.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := &node.Folder{Data: t.TempDir()}
	for name, c := range map[string]struct {
		cmd  auditVerifyCmd
		in   *node.Folder
		want string // "" = it verifies
	}{
		"the key of the data folder": {auditVerifyCmd{File: file}, f, ""},
		"a key":                      {auditVerifyCmd{File: file, Key: ours.String()}, elsewhere, ""},
		"a file of keys":             {auditVerifyCmd{File: file, KeyFile: keys, Org: org.String()}, elsewhere, ""},
		"no key":                     {auditVerifyCmd{File: file}, elsewhere, "--key-file"},
		"another key":                {auditVerifyCmd{File: file, Key: other.Public()[0].String()}, f, "line 1: signed with key"},
		"another organisation":       {auditVerifyCmd{File: file, Org: uuid.NewString()}, f, "line 1: this is the export of organisation " + org.String()},
		"a changed event":            {auditVerifyCmd{File: bad}, f, "line 2: event 1 isn't what was once written"},
	} {
		err := c.cmd.Run(c.in)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if err := (auditVerifyCmd{File: bad, JSON: true}).Run(f); !errors.Is(err, node.ErrReported) {
		t.Errorf("as JSON: %v", err)
	}
	if err := (auditKeyCmd{Rotate: true}).Run(f); err != nil {
		t.Fatal(err)
	}
	if err := (auditVerifyCmd{File: file}).Run(f); err != nil {
		t.Errorf("after the key was rotated: %v", err)
	}
}
