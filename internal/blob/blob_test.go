package blob_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"outrider/internal/blob"
)

func open(t *testing.T) (*blob.Bucket, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "blobs")
	b, err := blob.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, folder
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// left counts the files below folder.
func left(t *testing.T, folder string) (n int) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHashedObjects(t *testing.T) {
	t.Parallel()
	b, folder := open(t)
	ctx, data := t.Context(), random(100_000)
	var name string
	for range 2 {
		got, err := b.PutHashed(ctx, "bodies/", data)
		if err != nil || name != "" && got != name || !strings.HasPrefix(got, "bodies/") {
			t.Fatalf("got %q, %v, want %q", got, err, name)
		}
		name = got
	}
	if got, err := b.GetHashed(ctx, name, 100_000); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	if _, err := b.GetHashed(ctx, name, 99_999); err == nil {
		t.Fatal("read more than the limit")
	}
	if err := os.WriteFile(filepath.Join(folder, name), random(100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.GetHashed(ctx, name, 100_000); err == nil {
		t.Fatal("read an object that was changed")
	}
	for range 2 {
		if err := b.Delete(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.GetHashed(ctx, name, 100_000); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
}

func TestSealedObjects(t *testing.T) {
	t.Parallel()
	b, folder := open(t)
	ctx, key := t.Context(), random(32)
	for name, size := range map[string]int{"imports/empty": 0, "imports/one": 1, "imports/segment": 64 << 10, "imports/several": 1_000_000} {
		data := random(size)
		if n, err := b.WriteSealed(ctx, name, key, bytes.NewReader(data)); err != nil || n != int64(size) {
			t.Fatalf("%s: wrote %d, %v", name, n, err)
		}
		r, err := b.ReadSealed(ctx, name, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r.Close()
		stored, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || size > 16 && bytes.Contains(stored, data[:16]) {
			t.Errorf("%s: stored as it is, or %v", name, err)
		}
	}
	if _, err := b.WriteSealed(ctx, "imports/one", key, strings.NewReader("again")); !errors.Is(err, blob.ErrExists) {
		t.Errorf("written over: got %v, want ErrExists", err)
	}
	if _, err := b.ReadSealed(ctx, "imports/none", key); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestDamagedStreamsAreNotRead(t *testing.T) {
	t.Parallel()
	key, data := random(32), random(300_000)
	var stream bytes.Buffer
	w, err := blob.SealStream(&stream, key, []byte("name"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	unclosed := bytes.Clone(stream.Bytes())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := stream.Bytes()
	flipped := bytes.Clone(whole)
	flipped[200_000] ^= 1
	for name, c := range map[string]struct{ stream, key, bound []byte }{
		"a changed byte":        {flipped, key, []byte("name")},
		"cut in a segment":      {whole[:len(whole)-1], key, []byte("name")},
		"cut between segments":  {whole[:2*64<<10], key, []byte("name")},
		"nothing":               {nil, key, []byte("name")},
		"more at the end":       {append(bytes.Clone(whole), 1), key, []byte("name")},
		"never closed":          {unclosed, key, []byte("name")},
		"another key":           {whole, random(32), []byte("name")},
		"under another name":    {whole, key, []byte("other")},
		"segments interchanged": {append(append(bytes.Clone(whole[:64<<10]), whole[2*64<<10:3*64<<10]...), whole[64<<10:]...), key, []byte("name")},
	} {
		r, err := blob.OpenStream(bytes.NewReader(c.stream), c.key, c.bound)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if err == nil {
			t.Errorf("%s: read without an error", name)
		}
	}
	if _, err := blob.SealStream(io.Discard, key[:16], nil); err == nil {
		t.Error("took a short key")
	}
}

func TestFailedWritesLeaveNothing(t *testing.T) {
	t.Parallel()
	b, folder := open(t)
	boom := errors.New("boom")
	_, err := b.WriteSealed(t.Context(), "imports/broken", random(32), io.MultiReader(bytes.NewReader(random(500_000)), iotest.ErrReader(boom)))
	if !errors.Is(err, boom) {
		t.Fatalf("got %v, want boom", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = b.WriteSealed(ctx, "imports/cancelled", random(32), io.MultiReader(bytes.NewReader(random(500_000)), cancelling{cancel}))
	if err == nil {
		t.Fatal("wrote although the context had ended")
	}
	if n := left(t, folder); n != 0 {
		t.Fatalf("%d files are left", n)
	}
}

// cancelling ends a context when it is read, and is empty.
type cancelling struct{ cancel context.CancelFunc }

func (c cancelling) Read([]byte) (int, error) { c.cancel(); return 0, io.EOF }

// Not parallel: it counts what the whole process allocates.
func TestMemoryIsFlat(t *testing.T) {
	b, _ := open(t)
	key := random(32)
	const size = 64 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := b.WriteSealed(t.Context(), "imports/big", key, io.LimitReader(zeros{}, size)); err != nil {
		t.Fatal(err)
	}
	r, err := b.ReadSealed(t.Context(), "imports/big", key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := io.Copy(io.Discard, r); err != nil || n != size {
		t.Fatalf("read %d, %v", n, err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Fatalf("allocated %d bytes for %d", used, size)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func BenchmarkSealStream(b *testing.B) {
	w, err := blob.SealStream(io.Discard, random(32), nil)
	if err != nil {
		b.Fatal(err)
	}
	chunk := random(1 << 20)
	b.SetBytes(int64(len(chunk)))
	for b.Loop() {
		if _, err := w.Write(chunk); err != nil {
			b.Fatal(err)
		}
	}
}

func TestOpenByURL(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"s3://bucket?region=eu-central-1", "file://" + t.TempDir()} {
		b, err := blob.Open(t.Context(), location)
		if err != nil {
			t.Fatalf("%s: %v", location, err)
		}
		b.Close()
	}
	if _, err := blob.Open(t.Context(), "nothing://here"); err == nil {
		t.Fatal("opened an unknown kind of bucket")
	}
}
