package pii_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/pii"
)

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	f := setup(t)
	k := f.key(t, uuid.New())
	sealed, err := k.Seal("profile", []byte(`{"name":"Ann"}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(sealed)
	if err != nil {
		t.Fatal(err)
	}
	var back pii.Sealed
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	found, err := f.process(t).Lookup(t.Context(), []pii.Ref{{Org: f.org, Subject: k.Subject, ID: pii.KeyID(back.K)}})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := found[k.Ref].Open("profile", back)
	if err != nil || string(plain) != `{"name":"Ann"}` {
		t.Fatalf("got %q, %v", plain, err)
	}
	if again, err := k.Seal("profile", []byte(`{"name":"Ann"}`)); err != nil || string(again.C) == string(sealed.C) {
		t.Fatalf("the same plaintext gave the same ciphertext, %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	f := setup(t)
	k := f.key(t, uuid.New())
	sealed, err := k.Seal("profile", []byte("Ann"))
	if err != nil {
		t.Fatal(err)
	}
	flipped := pii.Sealed{K: sealed.K, C: append([]byte(nil), sealed.C...)}
	flipped.C[len(flipped.C)/2] ^= 1
	elsewhere, stranger := k, k // the same secret in another place: only the bound data differs
	elsewhere.Org, stranger.Subject = uuid.New(), uuid.New()
	for name, open := range map[string]func() ([]byte, error){
		"a changed ciphertext": func() ([]byte, error) { return k.Open("profile", flipped) },
		"a cut ciphertext": func() ([]byte, error) {
			return k.Open("profile", pii.Sealed{K: int64(k.ID), C: sealed.C[:10]})
		},
		"another field":         func() ([]byte, error) { return k.Open("notes", sealed) },
		"another organisation":  func() ([]byte, error) { return elsewhere.Open("profile", sealed) },
		"another subject":       func() ([]byte, error) { return stranger.Open("profile", sealed) },
		"another person's key":  func() ([]byte, error) { return f.key(t, uuid.New()).Open("profile", sealed) },
		"a key id that was set": func() ([]byte, error) { return k.Open("profile", pii.Sealed{K: 1, C: sealed.C}) },
	} {
		if plain, err := open(); !errors.Is(err, pii.ErrUnreadable) {
			t.Errorf("%s: got %q, %v, want ErrUnreadable", name, plain, err)
		}
	}
}

func TestSwappedRowsAreNotRead(t *testing.T) {
	t.Parallel()
	f := setup(t)
	a, b := f.key(t, uuid.New()), f.key(t, uuid.New())
	if _, err := f.pool.Exec(t.Context(), `update vault.person_keys set wrapped =
		(select wrapped from vault.person_keys where subject = $2) where subject = $1`, a.Subject, b.Subject); err != nil {
		t.Fatal(err)
	}
	if found, err := f.process(t).Lookup(t.Context(), []pii.Ref{a.Ref}); !errors.Is(err, pii.ErrUnreadable) {
		t.Fatalf("got %d keys, %v, want ErrUnreadable", len(found), err)
	}
}

func TestAnotherMasterKeyIsNoticed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.key(t, uuid.New())
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "other.key"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := pii.NewVault(f.pool, master, pii.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Hasher(t.Context(), f.org); err == nil {
		t.Fatal("read an organisation's key with another master key")
	}
}

func TestMasterKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	first, err := pii.CreateMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	wrapped, err := first.Wrap(t.Context(), []byte("key"), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := pii.CreateMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := second.Unwrap(t.Context(), wrapped, []byte("x")); err != nil || string(key) != "key" {
		t.Fatalf("after a restart: got %q, %v", key, err)
	}
	if _, err := second.Unwrap(t.Context(), wrapped, []byte("y")); err == nil {
		t.Fatal("unwrapped what was bound to something else")
	}
	for _, text := range []string{"", "AAAA", "not base64!"} {
		if _, err := pii.ParseMaster(text); err == nil {
			t.Errorf("took %q as a master key", text)
		}
	}
}

func TestImportKeysExpire(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, id := t.Context(), uuid.New()
	key, err := f.CreateImportKey(ctx, f.org, id, f.clock.Now().Add(7*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.process(t).ImportKey(ctx, f.org, id); err != nil || string(got) != string(key) {
		t.Fatalf("got %x, %v, want %x", got, err, key)
	}
	if _, err := f.ImportKey(ctx, uuid.New(), id); !errors.Is(err, pii.ErrNotFound) {
		t.Fatalf("another organisation: got %v, want ErrNotFound", err)
	}
	var erased []pii.FileKey
	held := errors.New("the bucket is down")
	down := func(context.Context, pii.FileKey) error { return held }
	erase := func(_ context.Context, k pii.FileKey) error { erased = append(erased, k); return nil }
	if gone, err := f.DestroyExpired(ctx, erase); err != nil || gone != 0 || erased != nil {
		t.Fatalf("too early: got %v, %v", gone, err)
	}
	f.clock.Advance(7 * 24 * time.Hour)
	if _, err := f.ImportKey(ctx, f.org, id); !errors.Is(err, pii.ErrNotFound) {
		t.Fatalf("expired, not destroyed yet: got %v, want ErrNotFound", err)
	}
	if gone, err := f.DestroyExpired(ctx, down); !errors.Is(err, held) || gone != 0 {
		t.Fatalf("a key is destroyed before its file: got %d, %v", gone, err)
	}
	if gone, err := f.DestroyExpired(ctx, erase); err != nil || gone != 1 || len(erased) != 1 || erased[0] != (pii.FileKey{Org: f.org, File: id}) {
		t.Fatalf("got %v, %v, erased %v, want %s", gone, err, erased, id)
	}
	if gone, err := f.DestroyExpired(ctx, erase); err != nil || gone != 0 {
		t.Fatalf("once more: got %d, %v", gone, err)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx := t.Context()
	for _, password := range []string{"first", "second"} {
		if err := f.PutSecret(ctx, f.org, "smtp", []byte(password)); err != nil {
			t.Fatal(err)
		}
		if got, err := f.process(t).Secret(ctx, f.org, "smtp"); err != nil || string(got) != password {
			t.Fatalf("got %q, %v, want %q", got, err, password)
		}
	}
	if _, err := f.Secret(ctx, uuid.New(), "smtp"); !errors.Is(err, pii.ErrNotFound) {
		t.Fatalf("another organisation: got %v, want ErrNotFound", err)
	}
	for range 2 {
		if err := f.DeleteSecret(ctx, f.org, "smtp"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Secret(ctx, f.org, "smtp"); !errors.Is(err, pii.ErrNotFound) {
		t.Fatalf("deleted: got %v, want ErrNotFound", err)
	}
	stranger := uuid.New()
	for _, x := range []struct {
		org  uuid.UUID
		name string
	}{{f.org, "mailbox/1/smtp"}, {f.org, "mailbox/1/imap"}, {f.org, "mailbox/12/smtp"}, {stranger, "mailbox/1/smtp"}} {
		if err := f.PutSecret(ctx, x.org, x.name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.DeleteSecrets(ctx, f.org, "mailbox/1/"); err != nil {
		t.Fatal(err)
	}
	for name, gone := range map[string]bool{"mailbox/1/smtp": true, "mailbox/1/imap": true, "mailbox/12/smtp": false} {
		if _, err := f.Secret(ctx, f.org, name); errors.Is(err, pii.ErrNotFound) != gone {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := f.Secret(ctx, stranger, "mailbox/1/smtp"); err != nil {
		t.Errorf("another organisation's: got %v", err)
	}
}
