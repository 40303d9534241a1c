package blob

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
	"gocloud.dev/blob"
)

// segment is how much is encrypted at a time; a stream takes about four times as much memory, however long it is.
const segment = 64 << 10

// SealStream returns a writer that encrypts to w with Tink's AES256-GCM-HKDF-SHA256 streaming format in segments of 64 KB.
// key has 32 bytes. bound is authenticated, not stored: the name of the object, so that objects can't be swapped.
// Close writes the last segment; without it the stream doesn't open. It doesn't close w.
func SealStream(w io.Writer, key, bound []byte) (io.WriteCloser, error) {
	cipher, err := newStreamCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal stream: %w", err)
	}
	return cipher.NewEncryptingWriter(w, bound)
}

// OpenStream decrypts what SealStream wrote. What it returns is authentic up to there; only io.EOF says that nothing was cut
// off at the end.
func OpenStream(r io.Reader, key, bound []byte) (io.Reader, error) {
	cipher, err := newStreamCipher(key)
	if err != nil {
		return nil, fmt.Errorf("open stream: %w", err)
	}
	return cipher.NewDecryptingReader(r, bound)
}

func newStreamCipher(key []byte) (*subtle.AESGCMHKDF, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("the key has %d bytes, want 32", len(key))
	}
	return subtle.NewAESGCMHKDF(key, "SHA256", 32, segment, 0)
}

// WriteSealed encrypts all of r into a new object and returns how many bytes r had. When r or the store fails, or ctx
// ends, no object is left. ErrExists when the name is taken.
func (b *Bucket) WriteSealed(ctx context.Context, name string, key []byte, r io.Reader) (n int64, err error) {
	ctx, abort := context.WithCancel(ctx) // how this library is told to drop what was written so far
	defer abort()
	w, err := b.objects.NewWriter(ctx, name, &blob.WriterOptions{IfNotExist: true, ContentType: contentType})
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", name, translateError(err))
	}
	n, err = copySealed(w, key, name, r)
	if err != nil {
		abort()
		return n, errors.Join(fmt.Errorf("write %s: %w", name, err), ignoreAbort(w.Close()))
	}
	if err := w.Close(); err != nil {
		return n, fmt.Errorf("write %s: %w", name, translateError(err))
	}
	return n, nil
}

// FillSealed encrypts what fill writes into an object, in place of one that was begun, and returns how many bytes it wrote. When fill or
// the store fails, or ctx ends, no object is left.
func (b *Bucket) FillSealed(ctx context.Context, name string, key []byte, fill func(context.Context, io.Writer) error) (int64, error) {
	if err := b.Delete(ctx, name); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, w := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := fill(ctx, w)
		w.CloseWithError(err)
		written <- err
	}()
	n, err := b.WriteSealed(ctx, name, key, r)
	r.CloseWithError(err) // ends fill
	return n, errors.Join(err, <-written)
}

func copySealed(w io.Writer, key []byte, name string, r io.Reader) (int64, error) {
	sealed, err := SealStream(w, key, []byte(name))
	if err != nil {
		return 0, err
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{sealed}, struct{ io.Reader }{r}, make([]byte, segment))
	if err != nil {
		return n, err
	}
	return n, sealed.Close()
}

// ignoreAbort turns the answer to closing an aborted writer into nil unless it is something else than the abort.
func ignoreAbort(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// ReadSealed opens what WriteSealed wrote. ErrNotFound. The caller closes it.
func (b *Bucket) ReadSealed(ctx context.Context, name string, key []byte) (io.ReadCloser, error) {
	r, err := b.objects.NewReader(ctx, name, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, translateError(err))
	}
	plain, err := OpenStream(r, key, []byte(name))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", name, err), r.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, r}, nil
}
