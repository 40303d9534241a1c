// Package blob keeps objects that are written once: large message bodies and raw import files, always encrypted, and snapshots,
// which hold no personal data.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // registers s3:// URLs
	"gocloud.dev/gcerrors"
)

var (
	// ErrExists: an object of this name is there already; objects are never written over.
	ErrExists = errors.New("object exists")
	// ErrNotFound: there is no such object, or no longer.
	ErrNotFound = errors.New("object not found")
)

// Bucket holds objects by name; slashes in names make folders.
type Bucket struct{ objects *blob.Bucket }

// Open takes a folder, which is created when missing (mode 0700), or a URL of gocloud.dev/blob, such as
// s3://bucket?region=eu-central-1 (credentials come from the environment, as with other AWS programs).
func Open(ctx context.Context, location string) (*Bucket, error) {
	if strings.Contains(location, "://") {
		b, err := blob.OpenBucket(ctx, location)
		if err != nil {
			return nil, fmt.Errorf("open bucket: %w", err)
		}
		return &Bucket{objects: b}, nil
	}
	if err := os.MkdirAll(location, 0o700); err != nil {
		return nil, fmt.Errorf("create blob folder: %w", err)
	}
	// Temporary files go beside their object, as a rename can't leave the file system; no sidecar files.
	b, err := fileblob.OpenBucket(location, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite, DirFileMode: 0o700})
	if err != nil {
		return nil, fmt.Errorf("open blob folder: %w", err)
	}
	return &Bucket{objects: b}, nil
}

// Close lets go of the bucket.
func (b *Bucket) Close() error { return b.objects.Close() }

// PutHashed stores data under prefix and the hexadecimal SHA-256 of data, and returns that name. Storing the same data
// again does nothing, so it may be repeated after a doubt. data is encrypted already.
func (b *Bucket) PutHashed(ctx context.Context, prefix string, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	name := prefix + hex.EncodeToString(sum[:])
	err := b.objects.WriteAll(ctx, name, data, &blob.WriterOptions{IfNotExist: true, ContentType: contentType})
	if err = translateError(err); err != nil && !errors.Is(err, ErrExists) {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return name, nil
}

// GetHashed returns what PutHashed stored under name, at most limit bytes, and checks it against its name.
func (b *Bucket) GetHashed(ctx context.Context, name string, limit int64) ([]byte, error) {
	r, err := b.objects.NewReader(ctx, name, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, translateError(err))
	}
	defer r.Close()
	if r.Size() > limit {
		return nil, fmt.Errorf("read %s: it has %d bytes, more than %d", name, r.Size(), limit)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	sum := sha256.Sum256(data)
	if !strings.HasSuffix(name, hex.EncodeToString(sum[:])) {
		return nil, fmt.Errorf("read %s: its content does not have this hash", name)
	}
	return data, nil
}

// Delete removes an object. A missing one is not an error.
func (b *Bucket) Delete(ctx context.Context, name string) error {
	if err := translateError(b.objects.Delete(ctx, name)); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}

// contentType keeps the library from guessing one from encrypted bytes.
const contentType = "application/octet-stream"

// translateError puts the errors that callers tell apart into this package's words.
func translateError(err error) error {
	switch gcerrors.Code(err) {
	case gcerrors.NotFound:
		return ErrNotFound
	case gcerrors.FailedPrecondition, gcerrors.AlreadyExists:
		return ErrExists
	}
	return err
}
