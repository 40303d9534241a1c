package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gocloud.dev/blob"
)

// Object is what a list tells of one.
type Object struct {
	Name     string
	Size     int64 // bytes
	Modified time.Time
}

// List returns the objects under a prefix, by name.
func (b *Bucket) List(ctx context.Context, prefix string) (out []Object, err error) {
	it := b.objects.List(&blob.ListOptions{Prefix: prefix})
	for {
		o, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", prefix, translateError(err))
		}
		out = append(out, Object{o.Key, o.Size, o.ModTime})
	}
}

// WriteOnce stores as a new object what fill writes, as it is. When fill or the store fails, or ctx ends, no object is left.
// ErrExists when the name is taken.
func (b *Bucket) WriteOnce(ctx context.Context, name string, fill func(io.Writer) error) error {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	w, err := b.objects.NewWriter(ctx, name, &blob.WriterOptions{IfNotExist: true, ContentType: contentType})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, translateError(err))
	}
	if err := fill(w); err != nil {
		abort()
		return errors.Join(fmt.Errorf("write %s: %w", name, err), ignoreAbort(w.Close()))
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, translateError(err))
	}
	return nil
}

// Read opens an object as it is. ErrNotFound. The caller closes it.
func (b *Bucket) Read(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := b.objects.NewReader(ctx, name, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, translateError(err))
	}
	return r, nil
}
