package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/smithy-go"
	awshttp "github.com/aws/smithy-go/transport/http"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Written is what was stored.
type Written struct {
	Bytes  int64
	SHA256 string // in hexadecimal digits
}

// FillPlain stores what fill writes as it is, in place of what is there, with a type that browsers are told. When fill or the store fails,
// or ctx ends, there is no object, or the one before.
func (b *Bucket) FillPlain(ctx context.Context, name, mediaType string, fill func(io.Writer) error) (is Written, err error) {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	w, err := b.objects.NewWriter(ctx, name, &blob.WriterOptions{ContentType: mediaType})
	if err != nil {
		return is, fmt.Errorf("write %s: %w", name, translateError(err))
	}
	sum := sha256.New()
	count := &counter{to: io.MultiWriter(w, sum)}
	if err := fill(count); err != nil {
		abort()
		return is, errors.Join(fmt.Errorf("write %s: %w", name, err), ignoreAbort(w.Close()))
	}
	if err := w.Close(); err != nil {
		return is, fmt.Errorf("write %s: %w", name, translateError(err))
	}
	return Written{count.n, hex.EncodeToString(sum.Sum(nil))}, nil
}

type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// ErrUnsigned says that this bucket gives no signed links: it is a folder.
var ErrUnsigned = errors.New("a folder has no signed links")

// SignedURL returns a link by which anybody may read an object until it expires.
func (b *Bucket) SignedURL(ctx context.Context, name string, expires time.Duration) (string, error) {
	link, err := b.objects.SignedURL(ctx, name, &blob.SignedURLOptions{Method: http.MethodGet, Expiry: expires})
	if gcerrors.Code(err) == gcerrors.Unimplemented {
		return "", ErrUnsigned
	}
	if err != nil {
		return "", fmt.Errorf("sign a link to %s: %w", name, translateError(err))
	}
	return link, nil
}

// Probe writes an object, reads it and deletes it, and says in words of its operator what doesn't work.
func (b *Bucket) Probe(ctx context.Context) error {
	name, text := "probes/"+rand.Text(), []byte("Outrider was here.")
	if err := b.objects.WriteAll(ctx, name, text, &blob.WriterOptions{ContentType: contentType}); err != nil {
		return fmt.Errorf("write a probe: %w", explainStore(err))
	}
	got, err := b.objects.ReadAll(ctx, name)
	if err != nil {
		return fmt.Errorf("read the probe: %w", explainStore(err))
	}
	if string(got) != string(text) {
		return errors.New("the probe is read otherwise than it was written")
	}
	if err := b.objects.Delete(ctx, name); err != nil {
		return fmt.Errorf("delete the probe: %w", explainStore(err))
	}
	return nil
}

// explainStore puts what a store of the S3 kind answers into words that tell what to change.
func explainStore(err error) error {
	var api smithy.APIError
	var answer *awshttp.ResponseError
	code, status := "", 0
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	switch {
	case code == "NoSuchBucket" || code == "NotFound" && status == http.StatusNotFound:
		return fmt.Errorf("there is no such bucket; create it, or name another: %w", err)
	case code == "SignatureDoesNotMatch":
		return fmt.Errorf("the secret key (AWS_SECRET_ACCESS_KEY) is wrong: %w", err)
	case code == "InvalidAccessKeyId" || code == "XAdminUserNotFound": // the second is versitygw's word
		return fmt.Errorf("the store doesn't know the access key (AWS_ACCESS_KEY_ID): %w", err)
	case code == "AuthorizationHeaderMalformed" || code == "PermanentRedirect" || code == "IllegalLocationConstraintException" || status == http.StatusMovedPermanently:
		return fmt.Errorf("the region is wrong; set the bucket's own in its URL (?region=): %w", err)
	case code == "AccessDenied" || status == http.StatusForbidden:
		return fmt.Errorf("the key may not do this; it needs to read, write, list and delete objects: %w", err)
	}
	return err
}
