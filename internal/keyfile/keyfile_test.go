package keyfile_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sync/errgroup"

	"outrider/internal/keyfile"
)

func TestAllCreatorsGetTheSame(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	got := make([]string, 20)
	var g errgroup.Group
	for i := range got {
		g.Go(func() (err error) {
			got[i], err = keyfile.LoadOrCreate(path, func() (string, error) { return rand.Text(), nil })
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, k := range got {
		if k != got[0] || k == "" {
			t.Fatalf("got %q and %q", k, got[0])
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("got %v, %v, want mode 0600", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Fatalf("got %v, %v, want the file alone", left, err)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	for _, text := range []string{"one", "two"} {
		if err := keyfile.Replace(path, text); err != nil {
			t.Fatal(err)
		}
		got, err := keyfile.LoadOrCreate(path, func() (string, error) { return "", errors.New("not asked") })
		if err != nil || got != text {
			t.Fatalf("got %q, %v, want %q", got, err, text)
		}
	}
}

func TestMissingFolderIsAnError(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "absent", "key")
	if _, err := keyfile.LoadOrCreate(path, func() (string, error) { return "x", nil }); err == nil {
		t.Fatal("want an error")
	}
}
