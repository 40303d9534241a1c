package audit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/audit"
)

func TestAKeyIsMadeOnceAndRotated(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.key")
	first, err := audit.LoadKeyring(path)
	check(t, err)
	again, err := audit.LoadKeyring(path)
	check(t, err)
	if first.Public()[0].ID != again.Public()[0].ID {
		t.Fatal("another key at the second start")
	}
	old := export(t, first, numbered(1), 0)
	second, err := audit.RotateKeyring(path)
	check(t, err)
	loaded, err := audit.LoadKeyring(path)
	check(t, err)
	keys := loaded.Public()
	if len(keys) != 2 || keys[0].ID != second.Public()[0].ID || keys[1].ID != first.Public()[0].ID {
		t.Fatalf("keys %v", keys)
	}
	for _, file := range [][]byte{old, export(t, loaded, numbered(1), 0)} {
		if _, err := audit.Verify(bytes.NewReader(file), keys, uuid.Nil); err != nil {
			t.Error(err)
		}
	}
	if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", i, err)
	}
	text, err := os.ReadFile(path)
	check(t, err)
	if strings.Count(string(text), "ed25519 ") != 1 {
		t.Error("an old secret stayed")
	}
}

func TestPublicKeysAreReadStrictly(t *testing.T) {
	t.Parallel()
	k := ring(t).Public()[0]
	for text, ok := range map[string]bool{k.String(): true, k.ID + " " + k.String() + "\n# no key\n\n": true, "": false, "# none": false, k.ID: false, k.String()[1:]: false, k.String() + "\nx": false} {
		got, err := audit.ParseKeys(text)
		if (err == nil) != ok || ok && (len(got) != 1 || got[0].ID != k.ID) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
