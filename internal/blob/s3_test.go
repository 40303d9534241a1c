package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"outrider/internal/blob"
	"outrider/internal/blob/s3test"
)

func openStore(t *testing.T, location string) *blob.Bucket {
	t.Helper()
	b, err := blob.Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// A store that others have written keeps what ours promises: whole or not there, once, by links that expire.
func TestObjectsInAStoreOfTheS3Kind(t *testing.T) {
	g := s3test.Start(t)
	b, ctx := openStore(t, g.Blobs()), t.Context()
	if err := b.Probe(ctx); err != nil {
		t.Fatal(err)
	}
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // in parts
	is, err := b.FillPlain(ctx, "reports/one.csv", "text/csv", func(w io.Writer) error {
		_, err := w.Write(big)
		return err
	})
	if err != nil || is.Bytes != int64(len(big)) {
		t.Fatalf("%+v, %v", is, err)
	}
	if err := b.WriteOnce(ctx, "once", func(w io.Writer) error { _, err := w.Write(big); return err }); err != nil {
		t.Fatal(err)
	}
	if err := b.WriteOnce(ctx, "once", func(w io.Writer) error { _, err := w.Write([]byte("other")); return err }); !errors.Is(err, blob.ErrExists) {
		t.Errorf("a second time: %v", err)
	}
	half, abort := context.WithCancel(ctx)
	_, err = b.FillPlain(half, "reports/half.csv", "text/csv", func(w io.Writer) error {
		_, _ = w.Write(big)
		abort()
		return half.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended in the middle: %v", err)
	}
	if list, err := b.List(ctx, "reports/"); err != nil || len(list) != 1 || list[0].Name != "reports/one.csv" || list[0].Size != int64(len(big)) {
		t.Errorf("there are %+v, %v", list, err)
	}
	link, err := b.SignedURL(ctx, "reports/one.csv", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	get := func(url string) (int, []byte) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, text
	}
	longer, err := b.SignedURL(ctx, "reports/one.csv", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if status, text := get(longer); status != http.StatusOK || !bytes.Equal(text, big) {
		t.Errorf("by its link: %d, %d bytes", status, len(text))
	}
	if status, _ := get(strings.Replace(longer, "one.csv", "two.csv", 1)); status != http.StatusForbidden {
		t.Errorf("another object by the same link: %d", status)
	}
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if status, _ := get(link); status == http.StatusForbidden {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatal("a link doesn't expire")
		}
	}
	if err := errors.Join(b.Delete(ctx, "reports/one.csv"), b.Delete(ctx, "reports/one.csv")); err != nil {
		t.Error(err)
	}
}

// What is wrong with a store is told in words that say what to change.
func TestWhatIsWrongWithAStore(t *testing.T) {
	g := s3test.Start(t)
	for _, c := range []struct{ what, bucket, region, id, secret, want string }{
		{"all is right", s3test.Bucket, s3test.Region, "", "", ""},
		{"no such bucket", "missing", s3test.Region, "", "", "there is no such bucket"},
		{"another region", s3test.Bucket, "eu-central-1", "", "", "the region is wrong"},
		{"another secret", s3test.Bucket, s3test.Region, "", "wrong", "the secret key (AWS_SECRET_ACCESS_KEY) is wrong"},
		{"another key", s3test.Bucket, s3test.Region, "nobody", "wrong", "doesn't know the access key"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s3test.Credentials(t, c.id, c.secret)
			err := openStore(t, g.Location(c.bucket, c.region)).Probe(t.Context())
			switch {
			case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v", err)
			}
		})
	}
}
