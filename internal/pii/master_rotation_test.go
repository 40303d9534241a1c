package pii_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/keyfile"
	"outrider/internal/pii"
)

// vaultWith opens the fixture's vault with the keys at path, as a process of its own would.
func (f *fixture) vaultWith(t *testing.T, path string) *pii.Vault {
	t.Helper()
	master, err := pii.LoadMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := pii.NewVault(f.pool, master, pii.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheMasterKeyRotatesBesideWhatRuns(t *testing.T) {
	t.Parallel()
	f := setup(t)
	path := filepath.Join(t.TempDir(), "master.key")
	first, err := pii.CreateMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, orgs := t.Context(), []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	running := f.vaultWith(t, path)
	if err := running.CheckWrapper(ctx); err != nil {
		t.Fatal(err)
	}
	hashes := map[uuid.UUID]string{}
	for _, org := range orgs {
		hashes[org] = hashOf(t, running, org)
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pii.RotateMaster(path); err != nil {
		t.Fatal(err)
	}
	if n, err := f.vaultWith(t, path).Rewrap(ctx); err != nil || n != len(orgs) {
		t.Fatalf("wrapped %d keys again, %v", n, err)
	}
	newest, err := pii.RetireMaster(path)
	if err != nil || len(newest.IDs()) != 1 || newest.IDs()[0] == first.IDs()[0] {
		t.Fatalf("%v, %v", newest.IDs(), err)
	}
	late := uuid.New() // made by a process that still had the old key in memory
	hashes[late] = hashOf(t, running, late)
	for name, v := range map[string]*pii.Vault{"a new process": f.vaultWith(t, path), "one that ran before": running} {
		if err := v.CheckWrapper(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for org, want := range hashes {
			if got := hashOf(t, v, org); got != want {
				t.Errorf("%s: organisation %s hashes otherwise now", name, org)
			}
		}
	}
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.vaultWith(t, path).CheckWrapper(ctx); !errors.Is(err, pii.ErrForeignMaster) {
		t.Errorf("the old key still reads something: %v", err)
	}
}

func hashOf(t *testing.T, v *pii.Vault, org uuid.UUID) string {
	t.Helper()
	h, err := v.Hasher(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	return h.LeadID("someone@example.com").String()
}

func TestAForeignMasterKeyIsNoticedBeforeItWritesAnything(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(f *fixture, v *pii.Vault) error{
		"an empty installation":                  func(_ *fixture, v *pii.Vault) error { return v.CheckWrapper(t.Context()) },
		"one that is older than the check value": func(_ *fixture, v *pii.Vault) error { _, err := v.Hasher(t.Context(), uuid.New()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			f := setup(t)
			dir := t.TempDir()
			for _, key := range []string{"right.key", "foreign.key"} {
				if _, err := pii.CreateMaster(filepath.Join(dir, key)); err != nil {
					t.Fatal(err)
				}
			}
			right, foreign := f.vaultWith(t, filepath.Join(dir, "right.key")), f.vaultWith(t, filepath.Join(dir, "foreign.key"))
			if holds, err := right.Holds(t.Context()); holds || err != nil {
				t.Fatalf("a new vault holds something: %v", err)
			}
			if err := before(f, right); err != nil {
				t.Fatal(err)
			}
			if err := foreign.CheckWrapper(t.Context()); !errors.Is(err, pii.ErrForeignMaster) {
				t.Errorf("got %v", err)
			}
			if holds, err := foreign.Holds(t.Context()); !holds || err != nil {
				t.Errorf("it holds nothing: %v", err)
			}
			if err := right.CheckWrapper(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := pii.LoadMaster(filepath.Join(t.TempDir(), "missing.key")); !errors.Is(err, keyfile.ErrMissing) {
		t.Errorf("a missing file: %v", err)
	}
}
